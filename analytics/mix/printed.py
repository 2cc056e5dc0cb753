"""The change and its parts as they are printed, in tenths of a point that add up.

Sentences, charts and tables alike take their figures, signs and intervals from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Protocol

from language.numbers import write_number
from stats.estimates import Estimate

LEAST_SHOWN = 0.05
"""What is nearer to 0 is printed as 0.0, without a sign."""


class Split(Protocol):
    """A change of conversion, whose parts may be unknown."""

    @property
    def before(self) -> Estimate: ...
    @property
    def after(self) -> Estimate: ...
    @property
    def mix(self) -> Estimate: ...
    @property
    def handling(self) -> Estimate: ...


@dataclass(frozen=True)
class Printed:
    """In points, to one decimal: `before + total = after` and `mix + handling = total`; 0 for unknown parts."""

    before: float
    after: float
    total: float
    mix: float
    handling: float


def printed(change: Split) -> Printed | None:
    """The figures, or None where no change is known.

    Both conversions are rounded as usual, as they are seen elsewhere too; of the parts the one with the larger
    remainder is rounded up.
    """
    if change.before.value is None or change.after.value is None:
        return None
    before, after = (round(1000 * level) for level in (change.before.value, change.after.value))
    total = after - before
    mix, handling = 0, 0
    if change.mix.value is not None and change.handling.value is not None:
        mix, handling = adding_up((1000 * change.mix.value, 1000 * change.handling.value), total)
    return Printed(before / 10, after / 10, total / 10, mix / 10, handling / 10)


def printed_parts(values: Sequence[float | None], whole: float) -> list[float] | None:
    """What groups add (as shares), in points to one decimal whose sum is `whole`; None where one is not known."""
    known = [1000 * value for value in values if value is not None]
    if len(known) < len(values) or not known:
        return None
    return [tenths / 10 for tenths in adding_up(known, round(10 * whole))]


def adding_up(parts: Sequence[float], total: int) -> list[int]:
    """The parts as whole numbers of this sum, each as near to itself as that allows: the largest remainders go up."""
    over = (total - sum(parts)) / len(parts)  # what rounding the whole moved, as much of it to each
    near = [part + over for part in parts]
    found = [floor(part) for part in near]
    left = total - sum(found)
    for row in sorted(range(len(near)), key=lambda row: found[row] - near[row])[:left]:
        found[row] += 1
    return found


def signed(value: float) -> str:
    """+1.2, 0.0, −1.2."""
    return f"{'+' if value >= LEAST_SHOWN else ''}{one_decimal(value)}"


def moved(part: Estimate, shown: float | None = None) -> str:
    """−0.2 points (−1.0 to +0.7), with the figure `shown` elsewhere where that was rounded to add up."""
    value = 100 * (part.value or 0.0) if shown is None else shown
    if part.low is None or part.high is None:
        return f"{signed(value)} points"
    return f"{signed(value)} points ({signed(100 * part.low)} to {signed(100 * part.high)})"


def one_decimal(value: float) -> str:
    """−0.04 → 0.0, −1.25 → −1.2."""
    return write_number(0.0 if abs(value) < LEAST_SHOWN else value, ".1f")
