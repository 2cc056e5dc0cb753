"""What each group of leads adds to mix and to handling: outcomes and corrected m of two sides in, parts out.

Each part is a difference of means over leads, so the variance of its bootstrap distribution is known in closed form
(influence functions; Efron and Tibshirani 1993, ch. 22). The errors of the correction's coefficients come on top.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.facts.groups import Groups, Name
from analytics.mix.correction import Correction
from analytics.statistics.estimates import Estimate, exact_share, normal

Vector = NDArray[np.float64]
Side = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """What one group of leads adds to the change; the parts of all groups add up to the whole.

    A group adds to the mix where its share of the leads moves and it is better or worse than the rest, or where its
    own leads got better or worse. `before` and `after` are its conversions. `alike` is the part that it would have of
    either effect if that moved the odds of all leads alike.
    """

    name: Name
    before: Estimate
    after: Estimate
    mix: Estimate
    handling: Estimate
    alike: float = 0.0


def smoothed_variance(won: Vector, n: Vector) -> Vector:
    """Variance of one lead's outcome, at one more win and one more loss (Agresti and Caffo 2000)."""
    rate = (won + 1) / (n + 2)
    return rate * (1 - rate)


def parts_of(groups: Groups, y: Vector, m: Vector, later: Side, correction: Correction) -> tuple[Part, ...]:
    """What each group adds; `m` is corrected already, and `correction` says how its coefficients err."""
    sides = [(Groups(groups.names, groups.code[side]), side) for side in (~later, later)]
    mix, mix_variance = _spread_over([(of, m[side]) for of, side in sides])
    handling, variance = _spread_over([(of, (y - m)[side]) for of, side in sides])
    won, n = [of.count(y[side]) for of, side in sides], [of.count() for of, _ in sides]
    owed = [twice * leads / leads.sum() for twice, leads in zip(correction.twice_counted(later), n, strict=True)]
    of_mix, of_handling = correction.variances(groups, later)
    mix_variance = np.maximum(mix_variance - owed[0] - owed[1], 0) + of_mix
    variance = np.maximum(variance - owed[1], 0) + of_handling
    for wins, leads in zip(won, n, strict=True):
        rate = wins / np.maximum(leads, 1)
        variance += leads * np.maximum(smoothed_variance(wins, leads) - rate * (1 - rate), 0) / leads.sum() ** 2
    size = (n[0] + n[1]).astype(int).tolist()
    chance = np.clip(m, 0, 1)
    odds = groups.count(later * chance * (1 - chance))
    alike = odds / max(float(odds.sum()), 1e-12)
    return tuple(
        Part(
            name,
            before=exact_share(int(won[0][row]), int(n[0][row])),
            after=exact_share(int(won[1][row]), int(n[1][row])),
            mix=normal(mix[row], mix_variance[row], size[row]),
            handling=normal(handling[row], variance[row], size[row]),
            alike=float(alike[row]),
        )
        for row, name in enumerate(groups.names)
    )


def _spread_over(sides: Sequence[tuple[Groups, Vector]]) -> tuple[Vector, Vector]:
    """How much each group adds to the change of the mean of x from the first side to the second, with its variance.

    A group adds the sum of x - centre over its leads, as a share of all leads. The centre is the mean of both sides'
    means: over all groups it cancels, and it gives a growing group below the mean its negative part.
    """
    centre = sum(x.mean() for _, x in sides) / 2
    share = [of.count() / len(x) for of, x in sides]
    pull = (share[1] - share[0]) / 2  # through the centre, each lead moves every group
    change, variance = np.zeros(len(pull)), np.zeros(len(pull))
    for sign, (of, x) in zip((-1, 1), sides, strict=True):
        n = len(x)
        moved = sign * of.count(x - centre) / n
        squares = of.count((x - centre) ** 2 - 2 * sign * pull[of.code] * x * (x - centre)) / n
        squares += pull**2 * (x**2).mean()
        variance += np.maximum(squares - (moved - pull * x.mean()) ** 2, 0) / n
        change += moved
    return change, variance
