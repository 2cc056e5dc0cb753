"""The change and its parts as they are printed, in tenths of a point that add up: a change in, figures out."""

from dataclasses import dataclass
from typing import Protocol

from stats.estimates import Estimate


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
        mix, handling = _adding_up((1000 * change.mix.value, 1000 * change.handling.value), total)
    return Printed(before / 10, after / 10, total / 10, mix / 10, handling / 10)


def _adding_up(parts: tuple[float, float], total: int) -> tuple[int, int]:
    """The parts as whole numbers of this sum, each as near to itself as that allows."""
    over = (total - sum(parts)) / 2  # what rounding the conversions moved, half of it to either
    near = (parts[0] + over, parts[1] + over)
    first = round(near[0])
    return first, total - first


def one_decimal(value: float) -> str:
    """−0.04 → 0.0, −1.25 → −1.2."""
    return f"{0.0 if abs(value) < 0.05 else value:.1f}".replace("-", "−")
