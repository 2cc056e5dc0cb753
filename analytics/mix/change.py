"""Who came, and what was done: two periods of matured leads in, the change of conversion in two parts out.

With m the probability at arrival by a model that has seen neither period, and y whether the lead was won within the
horizon (METHODS.md §7),

    mix      = mean of m after  -  mean of m before            who came
    handling = mean of y - m after  -  mean of y - m before    what was done, or quality that the fields do not show

which add up to the change of conversion exactly. The same split by cells, without m, is Kitagawa's (1955).

Each part is a difference of means over leads, so the variance of its bootstrap distribution is known in closed form
(influence functions; Efron and Tibshirani 1993, ch. 22): no draws, and the same facts always give the same interval.
Where wins are few, the variance of y is taken at one more win and one more loss (Agresti and Caffo 2000).

An interval holds the luck in which leads came and which of them won. It takes m as it stands: another model would
draw the line between the parts elsewhere, and one that tells leads apart too little leaves a share of the mix in
handling. `slope` shows that, as far as the earlier period can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.facts import Facts
from analytics.facts.groups import Groups, Name, Period, group
from analytics.mix.sides import two_sides
from analytics.statistics.estimates import Estimate, Z, exact_share, normal

Vector = NDArray[np.float64]
Side = NDArray[np.bool_]

POWER_80 = 0.8416212335729143
"""The 80 % point of the normal distribution."""


@dataclass(frozen=True)
class Part:
    """What one group of leads adds to the change; the parts of all groups add up to the whole.

    A group adds to the mix where its share of the leads moves and it is better or worse than the rest, or where its
    own leads got better or worse. `before` and `after` are its conversions.
    """

    name: Name
    before: Estimate
    after: Estimate
    mix: Estimate
    handling: Estimate


@dataclass(frozen=True)
class Change:
    """The change of conversion between two periods, `total = mix + handling`, all as shares (0.01 is one point).

    `smallest` is the smallest change that leads as many would have shown in four of five cases. `slope` is how much
    more often leads of the earlier period won for each unit of m: 1 for a reference that tells them apart as they are.
    `left_out` counts leads of the periods that are too young or have no reference probability.
    """

    before: Estimate
    after: Estimate
    total: Estimate
    mix: Estimate
    handling: Estimate
    smallest: Estimate
    slope: Estimate
    left_out: int
    parts: Mapping[tuple[str, ...], tuple[Part, ...]]


def graded(leads: pd.DataFrame, cutoffs: Mapping[str, float]) -> pd.DataFrame:
    """The leads with the grade that the reference gives them: `cutoffs` is the least probability of each grade."""
    rising = sorted(cutoffs.items(), key=lambda grade: grade[1])
    m = leads["reference"].to_numpy()
    codes = np.maximum(np.searchsorted([least for _, least in rising], m, side="right") - 1, 0)
    names = pd.Index([name for name, _ in rising], dtype="str")
    return leads.assign(grade=pd.Categorical.from_codes(np.where(np.isnan(m), -1, codes), categories=names))


def compare(
    facts: Facts,
    before: Period,
    after: Period,
    by: Sequence[Sequence[str]] = (("source",), ("source", "campaign"), ("grade",), ("source", "grade")),
) -> Change:
    """Split the change of conversion from one period to another, as a whole and by each group of columns.

    Raises:
        ValueError: for periods that overlap.
    """
    sides = two_sides(facts, before, after, needed="reference")
    y, m, later = sides.won, sides.leads["reference"].to_numpy(), sides.later
    if sides.why_not:
        unknown = Estimate.unknown(sides.why_not, len(y))
        return Change(unknown, unknown, unknown, unknown, unknown, unknown, unknown, sides.left_out, {})
    whole = _parts(Groups(((),), np.zeros(len(y), dtype=np.intp)), y, m, later)[0]
    return Change(
        before=whole.before,
        after=whole.after,
        total=change_of_share(y, later),
        mix=whole.mix,
        handling=whole.handling,
        smallest=smallest_change(float(y.mean()), whole.before.n, whole.after.n),
        slope=_slope(y[~later], m[~later]),
        left_out=sides.left_out,
        parts={tuple(columns): _parts(group(sides.leads, columns), y, m, later) for columns in by},
    )


def change_of_share(y: Vector, later: Side) -> Estimate:
    """The change of the share of ones, with the variance of each side at one more win and one more loss."""
    won, n = np.array([[y[side].sum(), side.sum()] for side in (~later, later)]).T
    return normal(np.diff(won / n)[0], (smoothed_variance(won, n) / n).sum(), len(y))


def smallest_change(rate: float, before: int, after: int) -> Estimate:
    """The smallest change of conversion that two periods of so many leads show with 80 % power at the 5 % level."""
    if min(before, after) == 0 or not 0 < rate < 1:
        return Estimate.unknown("there are not both wins and losses in the two periods", before + after)
    error = np.sqrt(rate * (1 - rate) * (1 / before + 1 / after))
    return Estimate(float((Z + POWER_80) * error), None, None, before + after)


def smoothed_variance(won: Vector, n: Vector) -> Vector:
    """Variance of one lead's outcome, at one more win and one more loss."""
    rate = (won + 1) / (n + 2)
    return rate * (1 - rate)


def _parts(groups: Groups, y: Vector, m: Vector, later: Side) -> tuple[Part, ...]:
    """What each group adds to mix and to handling, with the variances of a sum over leads."""
    sides = [(Groups(groups.names, groups.code[side]), side) for side in (~later, later)]
    mix, mix_variance = _spread_over([(of, m[side]) for of, side in sides])
    handling, variance = _spread_over([(of, (y - m)[side]) for of, side in sides])
    won, n = [of.count(y[side]) for of, side in sides], [of.count() for of, _ in sides]
    for wins, leads in zip(won, n, strict=True):
        rate = wins / np.maximum(leads, 1)
        variance += leads * np.maximum(smoothed_variance(wins, leads) - rate * (1 - rate), 0) / leads.sum() ** 2
    size = (n[0] + n[1]).astype(int).tolist()
    return tuple(
        Part(
            name,
            before=exact_share(int(won[0][row]), int(n[0][row])),
            after=exact_share(int(won[1][row]), int(n[1][row])),
            mix=normal(mix[row], mix_variance[row], size[row]),
            handling=normal(handling[row], variance[row], size[row]),
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


def _slope(y: Vector, m: Vector) -> Estimate:
    """Least squares of y on m, with the variance that unequal spreads allow (White 1980)."""
    x, z = m - m.mean(), y - y.mean()
    squares = float((x**2).sum())
    if squares <= 1e-12 * len(x):
        return Estimate.unknown("the reference gives all leads the same probability", len(x))
    slope = float((x * z).sum()) / squares
    return normal(slope, float(((x * (z - slope * x)) ** 2).sum()) / squares**2, len(x))
