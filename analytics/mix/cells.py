"""Mix and handling without a reference model: the change of conversion by cells, split as Kitagawa (1955) does.

With w a cell's share of the leads and r its conversion, the mix is the sum of (w after - w before) times the mean of
both r, and handling the sum of (r after - r before) times the mean of both w. What the cells do not tell apart stays
in handling, so it is the coarser split; the cells must mean the same in both periods.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Groups, Period, group
from analytics.mix.correction import Correction
from analytics.mix.parts import Part
from analytics.mix.sides import change_of_share, two_sides
from stats.estimates import Estimate, exact_share, from_draws, normal
from stats.types import Mask, Vector

DRAWS = 1_000


@dataclass(frozen=True)
class Cells:
    """`total = mix + handling`, and what each cell adds to them."""

    total: Estimate
    mix: Estimate
    handling: Estimate
    parts: tuple[Part, ...]


def compare_cells(
    facts: LeadsAsOf, before: Period, after: Period, by: Sequence[str] = ("source", "grade"), *, seed: int
) -> Cells:
    """Split the change by cells, with intervals of a Bayesian bootstrap (Rubin 1981) centred on the estimate.

    The leads of a cell differ only in having been won or not, so that a draw needs one gamma number for each of the
    two, with half a lead added: a cell without a win may well have had one. A cell that is empty in one period is
    taken to have converted as in the other: its share alone moved.

    Raises:
        ValueError: for periods that overlap.
    """
    sides = two_sides(facts, before, after)
    if sides.why_not:
        unknown = Estimate.unknown(sides.why_not, len(sides.later))
        return Cells(unknown, unknown, unknown, ())
    groups, won, later = group(sides.leads, by), sides.won, sides.later
    n = np.stack([groups.count(~later), groups.count(later)])
    wins = np.stack([groups.count(won * ~later), groups.count(won * later)])
    mix, handling = _split(wins, n)
    drawn_mix, drawn_handling = _split(*_redrawn(wins, n, seed))
    size = n.sum(axis=0).astype(int).tolist()
    parts = tuple(
        Part(
            name,
            before=exact_share(int(wins[0, row]), int(n[0, row])),
            after=exact_share(int(wins[1, row]), int(n[1, row])),
            mix=_around(mix[row], drawn_mix[:, row], size[row]),
            handling=_around(handling[row], drawn_handling[:, row], size[row]),
        )
        for row, name in enumerate(groups.names)
    )
    return Cells(
        total=change_of_share(won, later),
        mix=_around(mix.sum(), drawn_mix.sum(axis=1), len(won)),
        handling=_around(handling.sum(), drawn_handling.sum(axis=1), len(won)),
        parts=parts,
    )


def within_cells(groups: Groups, y: Vector, m: Vector, later: Mask, correction: Correction) -> Estimate:
    """The mix by m beyond what the cells' shares alone explain, each cell at its own conversion before.

    That is the change of the mean of m less that of the cell's earlier conversion. A cell without an earlier lead is
    taken at its m. The variance is that of the leads' influence: through m and the cells on either side, and on the
    earlier one through the coefficients of the correction and the cells' conversions too.
    """
    n, won = groups.count(~later), groups.count(y * ~later)
    own = np.where(n > 0, won / np.maximum(n, 1), np.nan)[groups.code]
    gap = np.where(np.isnan(own), 0.0, m - own)
    share = groups.count(later) / later.sum() - n / (~later).sum()
    luck = correction.earlier_luck(y - m, later)
    luck[~later] -= ((share / np.maximum(n, 1))[groups.code] * (y - own))[~later]
    value = float(gap[later].mean() - gap[~later].mean())
    spread = sum(float(gap[side].var()) / int(side.sum()) for side in (~later, later))
    return normal(value, spread + float((luck**2).sum()), len(y))


def _split(wins: Vector, n: Vector) -> tuple[Vector, Vector]:
    """Each cell's mix and handling (..., cells), from wins and leads (2, ..., cells)."""
    w0, w1 = n / n.sum(axis=-1, keepdims=True)
    own0, own1 = wins / np.where(n > 0, n, 1)
    r0, r1 = np.where(n[0] > 0, own0, own1), np.where(n[1] > 0, own1, own0)
    middle = (r0 + r1) / 2
    centre = ((w0 * r0).sum(axis=-1, keepdims=True) + (w1 * r1).sum(axis=-1, keepdims=True)) / 2
    return (w1 - w0) * (middle - centre), (r1 - r0) * (w0 + w1) / 2


def _redrawn(wins: Vector, n: Vector, seed: int) -> tuple[Vector, Vector]:
    """Wins and leads as they might have been (2, draws, cells)."""
    rng = np.random.default_rng(seed)
    half = 0.5 * (n > 0)
    won, lost = (
        rng.standard_gamma(np.broadcast_to((count + half)[:, None, :], (2, DRAWS, n.shape[1])))
        for count in (wins, n - wins)
    )
    return won, won + lost


def _around(value: float, draws: Vector, n: int) -> Estimate:
    return from_draws(value, value + draws - draws.mean(), n)
