"""What makes the line between mix and handling less sure: the change and its reference in, sentences out.

Each looks at one thing that the intervals do not hold; none of them speaks where all is as it should be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.facts import Facts
from analytics.mix.change import Change
from analytics.mix.sides import two_sides
from analytics.periods import DAY, Periods
from analytics.reference.judging import ReferenceKind
from analytics.reference.used import ReferenceUsed
from analytics.statistics.same_score import tells_apart

Vector = NDArray[np.float64]

SMALLEST_SLOPE, LARGEST_SLOPE = 0.8, 1.25
"""Between these the reference tells leads apart well enough: at most a fifth of the mix stands on the wrong side."""
RANGE, MANY_BEYOND = (0.005, 0.995), 0.1
SMALLEST_KEPT, LARGEST_KEPT = 2 / 3, 1.5


@dataclass(frozen=True)
class Ground:
    """What the split stands on; `early` and `late` are m of the leads compared in either period."""

    facts: Facts
    periods: Periods
    change: Change
    used: ReferenceUsed
    early: Vector
    late: Vector

    @classmethod
    def of(cls, facts: Facts, periods: Periods, change: Change, used: ReferenceUsed) -> "Ground":
        sides = two_sides(facts, periods.before, periods.after, needed="reference")
        m = sides.leads["reference"].to_numpy()
        return cls(facts, periods, change, used, m[~sides.later], m[sides.later])

    @property
    def is_blind(self) -> bool:
        """Whether the reference gives all leads about the same probability."""
        return not tells_apart(np.concatenate([self.early, self.late]))


def cautions(ground: Ground) -> tuple[str, ...]:
    """The sentences, the most telling first; none where nothing can be compared at all."""
    if not ground.change.total.known:
        return ()
    rules = (_telling, _learned, _range, _level, _size, _distance, _unseen)
    return tuple(said for rule in rules for said in rule(ground))


def _telling(ground: Ground) -> Iterator[str]:
    """Whether the reference tells leads apart as they truly differed."""
    slope = ground.change.slope
    if ground.is_blind:
        yield (
            "The reference model hardly tells these leads apart, so nothing can be said of who came: all that it does "
            "not see is in handling."
        )
    elif slope.value is None or slope.low is None or slope.high is None:
        return
    elif slope.high < SMALLEST_SLOPE or slope.low > LARGEST_SLOPE:
        yield _slope_words(slope.value, slope.low, slope.high)


def _slope_words(slope: float, low: float, high: float) -> str:
    if slope <= 0:
        return (
            "In the earlier period leads of which the reference model expected more were won no more often, so its "
            "line between the two parts means nothing."
        )
    how = "less than they truly differed" if slope > 1 else "more than they truly differed"
    return (
        f"In the earlier period the reference model told leads apart {how}: where it expected one win more, "
        f"{slope:.1f} came [{low:.1f}, {high:.1f}]. The line between the two parts is the less sure."
    )


def _learned(ground: Ground) -> Iterator[str]:
    """Whether the reference may have learned what the periods themselves did."""
    if ground.used.kind is ReferenceKind.OUT_OF_FOLD and not ground.is_blind:
        yield (
            "The reference model has learned from other leads of these same two periods, so handling that changed "
            "together with a field may stand with the leads that arrived."
        )


def _range(ground: Ground) -> Iterator[str]:
    """Whether the later leads are such as the earlier period hardly had."""
    low, high = np.quantile(ground.early, RANGE)
    beyond = float(((ground.late < low) | (ground.late > high)).mean())
    if beyond > MANY_BEYOND and not ground.is_blind:
        yield (
            f"{100 * beyond:.0f} in 100 leads of the later period have a probability that 99 in 100 of the earlier one "
            "do not reach on either side: they are other leads, and what the reference model says of them is untried."
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
            f"{won:,} came. Take the direction of the two parts from it, not their sizes."
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
