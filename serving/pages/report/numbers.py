"""The report's numbers as a page shows them: in words, with interval, definition, path, and the leads behind them.

A page takes each number by its attribute, `numbers.of(lambda report: report.change.mix, points)`, so that mypy sees it.
The same function, given a `_Trace` in place of the report, tells the number's path: `change.mix`. With that a page
marks the number, so that a test can hold what is shown against the report, and its definition is found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

from analytics.leads_as_of.groups import Name
from analytics.report import Report
from analytics.report.definitions import metrics_of
from analytics.report.report import Window, days
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.report.said import said
from stats.estimates import Estimate

Told = Callable[[float], str]
Value = Estimate | float | None
Find = Callable[[Report], Value]
Step = str | int

LISTED = frozenset({"source", "campaign", "grade", "agent"})
"""What leads can be listed by."""

UNTOLD = mark("not given")
UNTOLD_BY = {"agent": mark("no agent on record")}
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


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the report: in words, with its interval and what it means; without a value, `reason` says why."""

    path: str
    value: float | None
    text: str
    interval: str
    reason: str
    definition: str | None

    @property
    def known(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one report, and where a page leads from them.

    `printed` has, by path, the numbers that are rounded so that they add up, as they are shown wherever they stand.
    """

    report: Report
    places: Places
    printed: Mapping[str, float] = field(default_factory=dict)

    def of(self, find: Find, told: Told) -> Number:
        """The number that `find` takes from the report, told so; `told` takes an interval's ends too."""
        steps = trace(find)
        path, key, found = ".".join(map(str, steps)), _definition(self.report, steps), find(self.report)
        if isinstance(found, Estimate):
            text, interval = _estimate(found, told)
            text = told(self.printed[path]) if path in self.printed else text
            return Number(path, found.value, text, interval, said(found.reason), key)
        if found is None:
            return Number(path, None, formatting.DASH, "", _("not known"), key)
        return Number(path, float(found), told(float(found)), "", "", key)


def named(name: Name, by: Sequence[str] = ()) -> str:
    """A group in words: ads / brand; `by` are the columns of its parts."""
    untold = [_(UNTOLD_BY.get(column, UNTOLD)) for column in by] or [_(UNTOLD)] * len(name)
    return " / ".join(other if part is None else part for part, other in zip(name, untold, strict=True)) or _("all")


def leads_of(window: Window) -> str:
    """Which leads a number is taken over."""
    return ngettext(
        "%(num)s lead that arrived %(days)s", "%(num)s leads that arrived %(days)s", window.leads, days=days(window)
    )


def _moment(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0) else at.isoformat()


class _Trace:
    """Stands in for a report, or a part of it, and remembers the attributes and positions that were asked for."""

    def __init__(self, steps: tuple[Step, ...] = ()) -> None:
        self._steps = steps

    def __getattr__(self, name: str) -> "_Trace":
        return _Trace((*self._steps, name))

    def __getitem__(self, position: int) -> "_Trace":
        return _Trace((*self._steps, position))

    __iter__ = None  # a loop over positions would have no end


def trace(find: Callable[[Report], object]) -> tuple[Step, ...]:
    """The attributes and positions by which a function takes something from a report."""
    found = cast(_Trace, find(cast(Report, _Trace())))
    return found._steps


def value_at(report: Report, path: str) -> Any:
    """What stands at a path of attributes and positions."""
    found: Any = report
    for step in path.split("."):
        found = found[int(step)] if step.isdigit() else getattr(found, step)
    return found


def _definition(report: Report, steps: tuple[Step, ...]) -> str | None:
    """The metric of the last field on the way that names one."""
    found: Any = report
    key = None
    for step in steps:
        if isinstance(step, int):
            found = found[step]
            continue
        key = metrics_of(type(found)).get(step) or key
        found = getattr(found, step)
    return key


def _estimate(found: Estimate, told: Told) -> tuple[str, str]:
    """The number and its interval; of one that is only known to be large, from where on.

    An interval both of whose ends are told as the number itself adds nothing, and is left out.
    """
    if found.value is None:
        return (_("over %(low)s", low=told(found.low)) if found.low else formatting.DASH), ""
    if found.low is None:
        return told(found.value), ""
    if found.high is None:
        value, low = told(found.value), told(found.low)
        return value, _("or more") if low == value else _("from %(low)s on", low=low)
    value, low, high = told(found.value), told(found.low), told(found.high)
    return value, "" if low == value == high else _from_to(low, high)


def _from_to(low: str, high: str) -> str:
    """8.3 to 9.9 %: a unit that both have is said once."""
    number, space, unit = low.rpartition(" ")
    is_plain = space != "" and " " not in number and high.count(" ") == 1
    return _("%(low)s to %(high)s", low=number if is_plain and high.endswith(f" {unit}") else low, high=high)
