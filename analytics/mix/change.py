"""The change of conversion between two periods of matured leads, split into mix and handling.

With m the probability at arrival that a lead is won if worked as the earlier period's leads were, and y whether it was
won within the horizon (docs/report.md),

    mix      = mean of m after  -  mean of m before            who came
    handling = mean of y - m after  -  mean of y - m before    what was done, or quality that the fields do not show

which add up to the change of conversion exactly. The same split by cells, without m, is Kitagawa's (1955). m is a
reference model's word, corrected by what the earlier period's own leads say (`correction`), so that one that shrinks
or has aged draws the line where another would.

Intervals hold the luck in which leads came and which of them won, and the errors of the correction. Where wins are few,
the variance of y is taken at one more win and one more loss (Agresti and Caffo 2000). No draws, so the same facts
always give the same interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import By, Groups, Period, RowsBy, group
from analytics.mix.cells import within_cells
from analytics.mix.correction import Correction
from analytics.mix.parts import Part, parts_of, smoothed_variance
from analytics.mix.sides import Sides, change_of_share, two_sides
from analytics.mix.verdict import JOINT_REACH, p_value_together
from stats.estimates import Estimate, Z, exact_share, normal, spread
from stats.types import Mask, Vector

POWER_80 = 0.8416212335729143
"""The 80 % point of the normal distribution."""
BY: tuple[By, ...] = (("source",), ("source", "campaign"), ("grade",), ("source", "grade"))
NO_REFERENCE = "no reference model says how likely the leads were to be won when they arrived"


@dataclass(frozen=True)
class Change:
    """The change of conversion between two periods, `total = mix + handling`, all as shares (0.01 is one point).

    `p_value` is that of no change at all, in either part. `smallest` is the smallest change of conversion that leads
    as many show in four of five cases; `smallest_mix` and `smallest_handling` are the same of either part.
    `slope` is how much more often leads of the earlier period won for each unit of the reference's probability: 1 for
    one that tells them apart as they are. `corrected` is what the correction adds to the mix, `within` the mix beyond
    what the shares of sources alone explain. `left_out` counts leads of the periods that are too young or have no
    reference probability. Without a reference the total is known and its parts are not. In `parts`, what the groups by
    some columns add to mix and handling adds up to the whole.
    """

    before: Estimate = field(metadata={"metric": "conversion"})
    after: Estimate = field(metadata={"metric": "conversion"})
    total: Estimate = field(metadata={"metric": "change"})
    mix: Estimate = field(metadata={"metric": "mix"})
    handling: Estimate = field(metadata={"metric": "handling"})
    smallest: Estimate = field(metadata={"metric": "smallest_change"})
    smallest_mix: Estimate = field(metadata={"metric": "smallest_change"})
    smallest_handling: Estimate = field(metadata={"metric": "smallest_change"})
    slope: Estimate
    corrected: Estimate = field(metadata={"metric": "mix"})
    within: Estimate = field(metadata={"metric": "mix"})
    p_value: float
    left_out: int
    parts: tuple[RowsBy[Part], ...]

    def by(self, *columns: str) -> tuple[Part, ...]:
        """The parts of the groups by these columns; none where they were not asked for."""
        return next((parts.rows for parts in self.parts if parts.by == columns), ())


def graded(leads: pd.DataFrame, cutoffs: Mapping[str, float]) -> pd.DataFrame:
    """The leads with the grade that the reference gives them: `cutoffs` is the least probability of each grade."""
    rising = sorted(cutoffs.items(), key=lambda grade: grade[1])
    m = leads["reference"].to_numpy()
    codes = np.maximum(np.searchsorted([least for _, least in rising], m, side="right") - 1, 0)
    names = pd.Index([name for name, _ in rising], dtype="str")
    return leads.assign(grade=pd.Categorical.from_codes(np.where(np.isnan(m), -1, codes), categories=names))


def compare(
    facts: LeadsAsOf,
    before: Period,
    after: Period,
    by: Sequence[Sequence[str]] = BY,
    *,
    fields: csr_array | None = None,
    no_reference: str = NO_REFERENCE,
) -> Change:
    """Split the change of conversion from one period to another, as a whole and by each group of columns.

    `fields` (n, steps) are those of all the facts' leads, rows of leads without a reference being empty; without them
    m is taken as it stands. `no_reference` says why there is no reference, where there is none.

    Raises:
        ValueError: for periods that overlap.
    """
    sides = two_sides(facts, before, after, needed="reference")
    if sides.why_not:
        return _total_alone(two_sides(facts, before, after), no_reference)
    y, m, later = sides.won, sides.leads["reference"].to_numpy(), sides.later
    correction = Correction.none(len(y)) if fields is None else _correction(fields[sides.rows], m, y, later)
    corrected = m + correction.added
    everybody = Groups(((),), np.zeros(len(y), dtype=np.intp))
    whole = parts_of(everybody, y, corrected, later, correction)[0]
    total, n = change_of_share(y, later), len(y)
    return Change(
        before=whole.before,
        after=whole.after,
        total=total,
        mix=whole.mix,
        handling=whole.handling,
        smallest=smallest_change(float(y.mean()), whole.before.n, whole.after.n, JOINT_REACH),
        smallest_mix=Estimate(JOINT_REACH * spread(whole.mix), None, None, n),
        smallest_handling=Estimate(JOINT_REACH * spread(whole.handling), None, None, n),
        slope=_slope(y[~later], m[~later]),
        corrected=_added(correction, everybody, later),
        within=within_cells(group(sides.leads, ("source",)), y, corrected, later, correction),
        p_value=p_value_together(total, whole.mix, whole.handling),
        left_out=sides.left_out,
        parts=tuple(
            RowsBy(tuple(each), parts_of(group(sides.leads, each), y, corrected, later, correction)) for each in by
        ),
    )


def smallest_change(rate: float, before: int, after: int, reach: float = Z + POWER_80) -> Estimate:
    """The smallest change of conversion that two periods of so many leads show with 80 % power at the 5 % level.

    `reach` is how many standard errors that takes: by default where the change of conversion is tested by itself.
    """
    if min(before, after) == 0 or not 0 < rate < 1:
        return Estimate.unknown("there are not both wins and losses in the two periods", before + after)
    error = np.sqrt(rate * (1 - rate) * (1 / before + 1 / after))
    return Estimate(float(reach * error), None, None, before + after)


def _total_alone(sides: Sides, no_reference: str) -> Change:
    """The change of conversion where nothing tells its parts apart, or nothing at all where a period has no leads."""
    y, later = sides.won, sides.later
    counts = [(int(y[side].sum()), int(side.sum())) for side in (~later, later)]
    parts = Estimate.unknown(sides.why_not or no_reference, len(y))
    if sides.why_not:
        before = after = total = smallest = parts
    else:
        before, after = (exact_share(won, n) for won, n in counts)
        total, smallest = change_of_share(y, later), smallest_change(float(y.mean()), before.n, after.n)
    return Change(
        before=before,
        after=after,
        total=total,
        mix=parts,
        handling=parts,
        smallest=smallest,
        smallest_mix=parts,
        smallest_handling=parts,
        slope=parts,
        corrected=parts,
        within=parts,
        p_value=p_value_together(total),
        left_out=sides.left_out,
        parts=(),
    )


def _correction(fields: csr_array, m: Vector, y: Vector, later: Mask) -> Correction:
    won, n = y[~later].sum(keepdims=True), np.array([float((~later).sum())])
    rate = won / n
    return Correction.fit(fields, m, y, later, float((smoothed_variance(won, n) - rate * (1 - rate)).clip(min=0)[0]))


def _added(correction: Correction, everybody: Groups, later: Mask) -> Estimate:
    """What the correction adds to the mix, with the error of its coefficients."""
    added = float(correction.added[later].mean() - correction.added[~later].mean())
    return normal(added, float(correction.variances(everybody, later)[0][0]), len(later))


def _slope(y: Vector, m: Vector) -> Estimate:
    """Least squares of y on m, with the variance that unequal spreads allow (White 1980)."""
    x, z = m - m.mean(), y - y.mean()
    squares = float((x**2).sum())
    if squares <= 1e-12 * len(x):
        return Estimate.unknown("the reference gives all leads the same probability", len(x))
    slope = float((x * z).sum()) / squares
    return normal(slope, float(((x * (z - slope * x)) ** 2).sum()) / squares**2, len(x))
