"""Sentences about what makes the line between mix and handling less sure.

Each looks at one thing that the intervals do not hold; none of them speaks where all is as it should be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.leads_as_of import LeadsAsOf
from analytics.mix.change import Change
from analytics.mix.printed import printed, signed
from analytics.mix.sides import two_sides
from analytics.periods import DAY, Periods
from analytics.reference.usage import ReferenceUsed
from stats.adjusted import tells_apart
from stats.estimates import p_value
from stats.types import Vector

LEAST_CORRECTED, DISAGREE = 0.2, 0.01
"""From which part of the mix a correction is told, and how surprising it, or another split, has to be."""
RANGE, MANY_BEYOND = (0.005, 0.995), 0.1
SMALLEST_KEPT, LARGEST_KEPT = 2 / 3, 1.5


@dataclass(frozen=True)
class Ground:
    """What the split stands on; `early` and `late` are m of the leads compared in either period."""

    facts: LeadsAsOf
    periods: Periods
    change: Change
    used: ReferenceUsed
    early: Vector
    late: Vector

    @classmethod
    def of(cls, facts: LeadsAsOf, periods: Periods, change: Change, used: ReferenceUsed) -> "Ground":
        sides = two_sides(facts, periods.before, periods.after, needed="reference")
        m = sides.leads["reference"].to_numpy()
        return cls(facts, periods, change, used, m[~sides.later], m[sides.later])

    @property
    def is_blind(self) -> bool:
        """Whether the reference gives all leads about the same probability."""
        return not tells_apart(np.concatenate([self.early, self.late]))


def cautions(ground: Ground) -> tuple[str, ...]:
    """The sentences, the most telling first; none where nothing can be compared at all."""
    if not ground.change.mix.known:
        return ()
    rules = (_telling, _corrected, _within, _range, _level, _size, _distance, _unseen)
    return tuple(said for rule in rules for said in rule(ground))


def _telling(ground: Ground) -> Iterator[str]:
    """Whether the reference tells any leads apart."""
    if ground.is_blind:
        yield (
            "The reference model hardly tells these leads apart, so nothing can be said of who came: all that it does "
            "not see is in handling."
        )


def _corrected(ground: Ground) -> Iterator[str]:
    """Whether the earlier period's own leads moved the line that the reference alone would have drawn."""
    mix, added = ground.change.mix, ground.change.corrected
    if ground.is_blind or mix.value is None or added.value is None or p_value(added) > DISAGREE:
        return
    if abs(added.value) > LEAST_CORRECTED * abs(mix.value):
        yield (
            f"The reference model alone would have put {_points(mix.value - added.value)} points down to the leads "
            f"that arrived. Held against what became of the earlier period's own leads, it is {_mix_told(ground)}."
        )


def _within(ground: Ground) -> Iterator[str]:
    """Whether the mix lies within sources, where their shares and conversions alone would not show it."""
    mix, within = ground.change.mix, ground.change.within
    if ground.is_blind or mix.value is None or within.value is None or p_value(within) > DISAGREE:
        return
    yield (
        f"By the sources' shares alone, the leads that arrived moved conversion by "
        f"{_points(mix.value - within.value)} points, by all fields {_mix_told(ground)}: the difference lies within "
        "the sources, so look at their campaigns and fields before budgets are moved between them."
    )


def _range(ground: Ground) -> Iterator[str]:
    """Whether the later leads are such as the earlier period hardly had."""
    low, high = np.quantile(ground.early, RANGE)
    beyond = float(((ground.late < low) | (ground.late > high)).mean())
    if beyond > MANY_BEYOND and not ground.is_blind:
        yield (
            f"{100 * beyond:.0f} in 100 leads of the later period have a probability that 99 in 100 of the earlier one "
            "do not reach on either side: they are other leads, and what the reference model says of them is untested."
        )


def _level(ground: Ground) -> Iterator[str]:
    """Whether the reference expected about as many wins as came where it can be held against them."""
    used = ground.used
    kept, expected, won = used.kept, used.expected, used.won
    if kept.low is None or kept.high is None or expected is None or won is None:
        return
    if kept.high < SMALLEST_KEPT or kept.low > LARGEST_KEPT:
        yield (
            f"The reference model is far out of its range: in the earlier period it expected {expected:,.0f} wins and "
            f"{won:,} came. The sizes of the two parts then rest on the earlier period's own leads alone."
        )


def _size(ground: Ground) -> Iterator[str]:
    """Whether handling moved more than there was to move."""
    handling, before = ground.change.handling.value, ground.change.before.value
    if handling is not None and before is not None and abs(handling) > before:
        yield (
            "Handling moved conversion by more than the whole of what it was before. Work alone seldom does that: ask "
            "what else changed, such as the offer, prices, or how leads were chosen."
        )


def _distance(ground: Ground) -> Iterator[str]:
    """Whether the periods lie so far apart that other things changed as well."""
    first, second = sorted((ground.periods.before, ground.periods.after), key=lambda period: period.start)
    days = (second.start - first.end) // DAY
    if days > ground.facts.horizon_days:
        yield (
            f"Between the two periods lie {days:,} days: season, offer, prices and all else that changed in them is in "
            "handling too."
        )


def _unseen(ground: Ground) -> Iterator[str]:
    """Whether anybody can see what was done."""
    if not ground.facts.contacts_known:
        yield (
            "Contacts are not recorded, so what was done with the leads cannot be seen: handling is here all that the "
            "fields do not show."
        )
    log = ground.facts.contact_log
    if log is not None and log.note:
        yield f"{log.note}."


def _mix_told(ground: Ground) -> str:
    """The mix as the answer prints it."""
    shown = printed(ground.change)
    return signed(shown.mix) if shown else "not known"


def _points(value: float) -> str:
    return signed(100 * value)
