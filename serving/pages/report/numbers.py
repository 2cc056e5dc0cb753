"""The report's numbers as a page shows them: a path into the report in, its number, words and definition out.

A page takes every number from here by its path, such as `change.mix` or `cost.tables.0.rows.2.per_win`, so what is
shown is what the report holds, and a test can hold the two against each other.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.mix.printed import one_decimal as tenths
from analytics.mix.printed import signed
from analytics.report import Report
from serving.pages import formatting
from serving.pages.report.places import Places
from stats.estimates import Estimate

Told = Callable[[float], str]

_POSITION = re.compile(r"\.\d+(?=\.|$)")


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

    def at(self, path: str, told: Told) -> Number:
        """The number there, told so; `told` takes an interval's ends too."""
        found, key = value_at(self.report, path), self.report.definitions.get(_POSITION.sub("", path))
        if isinstance(found, Estimate):
            text, interval = _estimate(found, told)
            text = told(self.printed[path]) if path in self.printed else text
            return Number(path, found.value, text, interval, found.reason, key)
        if found is None:
            return Number(path, None, formatting.DASH, "", "not known", key)
        return Number(path, float(found), told(float(found)), "", "", key)


def value_at(report: Report, path: str) -> Any:
    """What stands at a path of attributes and positions."""
    found: Any = report
    for part in path.split("."):
        found = found[int(part)] if part.isdigit() else getattr(found, part)
    return found


def share(value: float) -> str:
    """0.0912 → 9.1 %."""
    return f"{tenths(100 * value)} %"


def points(value: float) -> str:
    """−0.017 → −1.7."""
    return signed(100 * value)


def whole(value: float) -> str:
    """1234.4 → 1,234."""
    return f"{value:,.0f}"


def one_decimal(value: float) -> str:
    """2.34 → 2.3."""
    return f"{value:,.1f}".replace("-", "−")


def two_decimals(value: float) -> str:
    """1.084 → 1.08."""
    return f"{value:,.2f}".replace("-", "−")


def working_time(minutes: float) -> str:
    """133 → 2 h 13 min; days would mean something else in working time."""
    if 0 < minutes < 1:
        return "less than a minute"
    hours, rest = divmod(round(minutes), 60)
    if minutes < 100:
        return f"{minutes:.0f} min"
    return f"{hours} h {rest} min" if hours < 10 and rest else f"{hours:,} h"


def talk_time(seconds: float) -> str:
    """372 → 6.2 min."""
    return f"{seconds / 60:.1f} min"


def _estimate(found: Estimate, told: Told) -> tuple[str, str]:
    """The number and its interval; of one that is only known to be large, from where on.

    An interval both of whose ends are told as the number itself adds nothing, and is left out.
    """
    if found.value is None:
        return (f"over {told(found.low)}" if found.low else formatting.DASH), ""
    if found.low is None:
        return told(found.value), ""
    if found.high is None:
        value, low = told(found.value), told(found.low)
        return value, "or more" if low == value else f"from {low} on"
    value, low, high = told(found.value), told(found.low), told(found.high)
    return value, "" if low == value == high else _from_to(low, high)


def _from_to(low: str, high: str) -> str:
    """8.3 to 9.9 %: a unit that both have is said once."""
    number, _, unit = low.rpartition(" ")
    is_plain = unit != "" and " " not in number and high.count(" ") == 1
    return f"{number if is_plain and high.endswith(f' {unit}') else low} to {high}"
