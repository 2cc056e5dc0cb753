"""Addresses of definitions and of lists of leads, for links from the weekly page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from analytics.leads_as_of.groups import Name
from analytics.report.report import Window, days
from serving.pages import formatting

LISTED = frozenset({"source", "campaign", "grade", "agent"})
"""What leads can be listed by."""

UNTOLD = "not told"
UNTOLD_BY = {"agent": "no agent on record"}
"""A group without a name, where its column has words of its own for that."""


@dataclass(frozen=True, slots=True)
class Places:
    """`definitions` stands before a metric's key; `leads` is the list's path, None where there is no service.

    The list shows leads as they were known at `as_of`, and wins within the horizon.
    """

    definitions: str
    leads: str | None
    as_of: datetime
    horizon_days: int

    def behind(self, window: Window, by: Sequence[str] = (), name: Name = (), **more: str) -> str | None:
        """The list of the window's leads of one group; None where there is none."""
        if self.leads is None or not LISTED.issuperset(by):
            return None
        told = [(column, part) for column, part in zip(by, name, strict=True) if part is not None]
        untold = [("without", column) for column, part in zip(by, name, strict=True) if part is None]
        ends = [("from", _moment(window.start)), ("to", _moment(window.end)), ("as_of", _moment(self.as_of))]
        within = [("within", str(self.horizon_days))] if {"outcome", "promised"} & more.keys() else []
        return f"{self.leads}?{urlencode([*ends, *told, *untold, *more.items(), *within])}"


def named(name: Name, by: Sequence[str] = ()) -> str:
    """A group in words: ads / brand; `by` are the columns of its parts."""
    untold = [UNTOLD_BY.get(column, UNTOLD) for column in by] or [UNTOLD] * len(name)
    return " / ".join(other if part is None else part for part, other in zip(name, untold, strict=True)) or "all"


def leads_of(window: Window) -> str:
    """Which leads a number is taken over."""
    return f"{formatting.count(window.leads, 'lead')} that arrived {days(window)}"


def _moment(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0) else at.isoformat()
