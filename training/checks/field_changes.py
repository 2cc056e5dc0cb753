"""The change of one field between two profiles: its kind, how often it is filled, its unit or its values."""

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
    """In what a field changed, described with its figures."""

    what: Literal["kind", "fill", "unit", "values"]
    description: str


def find_field_change(before: FieldProfile, now: FieldProfile, by_chance: float = 0.0) -> FieldChange | None:
    """The grossest change of a field; None where it means what it did.

    `by_chance` is the distance between so few leads and the rest anyway; it is taken off.
    """
    if before.kind is not now.kind:
        return FieldChange("kind", f"is {now.kind} now, and was {before.kind}")
    if _has_other_fill(before, now):
        fill = f"{now.fill_rate:.0%} of {now.leads:,} leads have it, where {before.fill_rate:.0%} had"
        return FieldChange("fill", fill)
    if min(before.filled, now.filled) < LEAST_FILLED:
        return None
    if times := _unit_factor(before, now):
        was, is_ = before.quantiles[QUARTERS[1]], now.quantiles[QUARTERS[1]]
        medians = f"its middle value is {is_:,g}, where it was {was:,g}: {_describe_factor(times)}"
        return FieldChange("unit", f"{medians}; is it in another unit?")
    if recoded := _describe_new_values(before, now):
        return FieldChange("values", recoded)
    moved = before.moved(now) - by_chance
    if moved < MOVED:
        return None
    return FieldChange("values", f"{moved:.0%} of the leads hold other values than before; does it mean what it did?")


def _has_other_fill(before: FieldProfile, now: FieldProfile) -> bool:
    if not now.leads:
        return False
    emptied = before.fill_rate >= FILL_LEAST and now.fill_rate <= FILL_KEPT * before.fill_rate
    return emptied or abs(now.fill_rate - before.fill_rate) >= FILL_MOVED


def _unit_factor(before: FieldProfile, now: FieldProfile) -> float | None:
    """By how many times the quartiles of a number grew, all of them about alike and by much."""
    if not before.quantiles or not now.quantiles:
        return None
    was, is_ = (np.array(one.quantiles)[QUARTERS] for one in (before, now))
    if (was * is_ <= 0).any():
        return None
    times = is_ / was
    even = times.max() <= UNIT_EVEN * times.min()
    far = times[1] >= UNIT_TIMES or times[1] <= 1 / UNIT_TIMES
    return float(times[1]) if even and far else None


def _describe_factor(times: float) -> str:
    return f"about {times:,.3g} times as much" if times >= 1 else f"about one {1 / times:,.3g}th"


def _describe_new_values(before: FieldProfile, now: FieldProfile) -> str | None:
    """In words, where most leads hold values that no training lead held, none of them rare."""
    new = {name: leads for name, leads in now.levels.items() if name != POOL and name not in before.levels}
    share = sum(new.values()) / now.filled
    if not before.levels or share < NEW_VALUES:
        return None
    named = ", ".join(repr(name) for name in sorted(new, key=lambda name: -new[name])[:SHOWN_VALUES])
    return f"{share:.0%} of the leads hold values that the champion was not taught, such as {named}; was it recoded?"
