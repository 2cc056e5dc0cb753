"""What each group of leads adds to mix and to handling, from outcomes and corrected m of two sides.

Each part is a difference of means over leads, so the variance of its bootstrap distribution is known in closed form
(influence functions; Efron and Tibshirani 1993, ch. 22). The errors of the correction's coefficients come on top.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from analytics.leads_as_of.groups import Groups, Name
from analytics.mix.correction import Correction
from stats.estimates import Estimate, exact_share, holm, normal, p_value, spread
from stats.types import Mask, Vector

GROUPS_LEVEL = 0.05
"""The share of pages on which a group is named by one of the tests below where none differs, at most."""


@dataclass(frozen=True)
class Part:
    """What one group of leads adds to the change; the parts of all groups add up to the whole.

    A group adds to the mix where its share of the leads moves and it is better or worse than the rest, or where its
    own leads got better or worse. `before` and `after` are its conversions. `usual_mix` and `usual_handling` are the
    parts of either effect, as shares, that it would have if that moved the odds of all leads alike.
    """

    name: Name
    before: Estimate = field(metadata={"metric": "conversion"})
    after: Estimate = field(metadata={"metric": "conversion"})
    mix: Estimate = field(metadata={"metric": "mix"})
    handling: Estimate = field(metadata={"metric": "handling"})
    usual_mix: float = 0.0
    usual_handling: float = 0.0


def smoothed_variance(won: Vector, n: Vector) -> Vector:
    """Variance of one lead's outcome, at one more win and one more loss (Agresti and Caffo 2000)."""
    rate = (won + 1) / (n + 2)
    return rate * (1 - rate)


def parts_of(groups: Groups, y: Vector, m: Vector, later: Mask, correction: Correction) -> tuple[Part, ...]:
    """What each group adds; `m` is corrected already, and `correction` says how its coefficients err."""
    sides = [(Groups(groups.names, groups.code[side]), side) for side in (~later, later)]
    mix, mix_variance = _spread_over([(of, m[side]) for of, side in sides])
    handling, variance = _spread_over([(of, (y - m)[side]) for of, side in sides])
    won, n = [of.count(y[side]) for of, side in sides], [of.count() for of, _ in sides]
    owed = [twice * leads / leads.sum() for twice, leads in zip(correction.twice_counted, n, strict=True)]
    of_mix, of_handling = correction.variances(groups, later)
    mix_variance = np.maximum(mix_variance - owed[0] - owed[1], 0) + of_mix
    variance = np.maximum(variance - owed[1], 0) + of_handling
    for wins, leads in zip(won, n, strict=True):
        rate = wins / np.maximum(leads, 1)
        variance += leads * np.maximum(smoothed_variance(wins, leads) - rate * (1 - rate), 0) / leads.sum() ** 2
    size = (n[0] + n[1]).astype(int).tolist()
    usual_mix, usual_handling = (_share_of_odds(of, m[side]) for of, side in sides)
    return tuple(
        Part(
            name,
            before=exact_share(int(won[0][row]), int(n[0][row])),
            after=exact_share(int(won[1][row]), int(n[1][row])),
            mix=normal(mix[row], mix_variance[row], size[row]),
            handling=normal(handling[row], variance[row], size[row]),
            usual_mix=float(usual_mix[row]),
            usual_handling=float(usual_handling[row]),
        )
        for row, name in enumerate(groups.names)
    )


def standing_out(parts: Sequence[Part], effect: str) -> Part | None:
    """The group that adds most to an effect beyond what it would if all leads had moved alike; None if none does.

    Each group is held against its usual part of the whole, in the whole's direction, with the groups' errors taken for
    independent; at most 5 % of pages name a group where none differs (Holm 1979).
    """
    found = [getattr(part, effect) for part in parts]
    values, errors = np.array([one.value for one in found]), np.array([spread(one) for one in found])
    alike = np.array([getattr(part, f"usual_{effect}") for part in parts])
    whole, total = values.sum(), (errors**2).sum()
    beyond = values - alike * whole
    error = np.sqrt((1 - 2 * alike) * errors**2 + alike**2 * total)
    p = 2 * norm.sf(np.abs(beyond) / np.maximum(error, 1e-12))
    clear = holm(p.tolist(), GROUPS_LEVEL) if len(parts) > 1 else []
    leading = [row for row, is_clear in enumerate(clear) if is_clear and beyond[row] * whole > 0 < values[row] * whole]
    return parts[max(leading, key=lambda row: abs(values[row]))] if leading else None


def clear_parts(parts: Sequence[Part], effect: str) -> list[Part]:
    """The groups whose part of an effect is beyond chance among all groups together (Holm 1979)."""
    p_values = [p_value(getattr(part, effect)) for part in parts]
    return [part for part, is_clear in zip(parts, holm(p_values, GROUPS_LEVEL), strict=True) if is_clear]


def _share_of_odds(groups: Groups, m: Vector) -> Vector:
    """Each group's part of what a small change of all leads' log-odds would move."""
    chance = np.clip(m, 0, 1)
    moved = groups.count(chance * (1 - chance))
    shares: Vector = moved / max(float(moved.sum()), 1e-12)
    return shares


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
