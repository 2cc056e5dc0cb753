"""Does a field still mean what it meant? Two profiles of it in; what kind of change, with its figures, out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.data_profile import SHARES, FieldProfile
from features.encoders import POOL

LEAST_FILLED = 50
FILL_MOVED, FILL_KEPT, FILL_LEAST = 0.3, 0.2, 0.05
MOVED, NEW_VALUES = 0.5, 0.5
UNIT_TIMES, UNIT_EVEN = 5.0, 1.5
SHOWN_VALUES = 3
QUARTERS = [SHARES.index(share) for share in (0.25, 0.5, 0.75)]


@dataclass(frozen=True)
class FieldChange:
    """In what a field changed, told with its figures."""

    what: Literal["kind", "fill", "unit", "values"]
    told: str


def field_change(before: FieldProfile, now: FieldProfile, by_chance: float = 0.0) -> FieldChange | None:
    """The grossest change; None where the field means what it did.

    `by_chance` is how far apart so few leads are anyway; it is taken off.
    """
    if before.kind is not now.kind:
        return FieldChange("kind", f"is {now.kind} now, and was {before.kind}")
    if _fill_changed(before, now):
        told = f"{now.fill_rate:.0%} of {now.leads:,} leads have it, where {before.fill_rate:.0%} had"
        return FieldChange("fill", told)
    if min(before.filled, now.filled) < LEAST_FILLED:
        return None
    if times := _another_unit(before, now):
        was, is_ = before.quantiles[QUARTERS[1]], now.quantiles[QUARTERS[1]]
        told = f"its middle value is {is_:,g}, where it was {was:,g}: {_times(times)}; is it in another unit?"
        return FieldChange("unit", told)
    if recoded := _recoded(before, now):
        return FieldChange("values", recoded)
    moved = before.moved(now) - by_chance
    if moved < MOVED:
        return None
    return FieldChange("values", f"{moved:.0%} of the leads hold other values than before; does it mean what it did?")


def _fill_changed(before: FieldProfile, now: FieldProfile) -> bool:
    if not now.leads:
        return False
    emptied = before.fill_rate >= FILL_LEAST and now.fill_rate <= FILL_KEPT * before.fill_rate
    return emptied or abs(now.fill_rate - before.fill_rate) >= FILL_MOVED


def _another_unit(before: FieldProfile, now: FieldProfile) -> float | None:
    """By how many times the quarters of a number grew, all of them about alike and by much."""
    if not before.quantiles or not now.quantiles:
        return None
    was, is_ = (np.array(one.quantiles)[QUARTERS] for one in (before, now))
    if (was * is_ <= 0).any():
        return None
    times = is_ / was
    even = times.max() <= UNIT_EVEN * times.min()
    far = times[1] >= UNIT_TIMES or times[1] <= 1 / UNIT_TIMES
    return float(times[1]) if even and far else None


def _times(times: float) -> str:
    return f"about {times:,.3g} times as much" if times >= 1 else f"about one {1 / times:,.3g}th"


def _recoded(before: FieldProfile, now: FieldProfile) -> str | None:
    """Whether most leads hold values that the champion was not taught, none of them rare."""
    new = {name: leads for name, leads in now.levels.items() if name != POOL and name not in before.levels}
    share = sum(new.values()) / now.filled
    if not before.levels or share < NEW_VALUES:
        return None
    named = ", ".join(repr(name) for name in sorted(new, key=lambda name: -new[name])[:SHOWN_VALUES])
    return f"{share:.0%} of the leads hold values that the champion was not taught, such as {named}; was it recoded?"
