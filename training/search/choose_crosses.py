"""The columns that count together, two or three of them: where the win rate is not what they say with fewer."""

from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from stats.types import Vector
from training.data.samples import Samples
from training.models.boosting import BoosterSpec
from training.models.crosses import Binning, Cross, combine_bins

MAIN_EFFECTS = BoosterSpec(
    "main effects",
    {"num_leaves": 2, "learning_rate": 0.1, "cat_l2": 10.0, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 1.0},
)
"""Trees of one split each: what their out-of-fold scores leave unsaid, columns can only say together."""
MOST_CROSSES = 10
LEAST_Z = {2: 3.0, 3: 4.0}
"""How clear a cross of so many columns is, at least; chance has many more threes than pairs to choose from."""
MOST_CELLS = 20_000
PRIOR_INFORMATION = 5.0
MOST_LOOKS, LEAST_LEADS = 200_000_000, 2_000
"""Crosses times leads: of many columns, fewer leads are asked."""
MOST_THREES = 20_000
"""Where there are more than so many threes, none is asked: fifty columns have as many."""


def can_ask_threes(samples: Samples) -> bool:
    """Whether there are threes of columns, and not too many of them to ask."""
    return 0 < comb(len(samples.columns), 3) <= MOST_THREES


def choose_crosses(
    samples: Samples, rows: NDArray[np.intp], raw_score: Vector, size: int, seed: int
) -> tuple[Cross, ...]:
    """At most ten crosses of `size` columns, the clearest first; none where no cross is clear of noise.

    `raw_score` (m,) of the samples' `rows` (m,) is of what fewer columns say, fitted without them.
    """
    names = [column.name for column in samples.columns]
    crosses = list(combinations(range(len(names)), size))
    most = max(LEAST_LEADS, MOST_LOOKS // max(len(crosses), 1))
    asked = np.random.default_rng(seed).permutation(len(rows))[:most]
    part = samples.take(rows[asked])
    binnings = [Binning.fit(part, column) for column in range(len(names))]
    bins = [binning.find(part.X) for binning in binnings]
    sizes = [binning.size for binning in binnings]
    chance = expit(raw_score[asked])
    residual = part.sample_weight * (part.y - chance)
    information = part.sample_weight * chance * (1 - chance)
    clear = []
    for cross in crosses:
        own = [sizes[column] for column in cross]
        cells = prod(own)
        if cells <= MOST_CELLS:
            z = _z(combine_bins([bins[column] for column in cross], own), residual, information, cells)
            if z >= LEAST_Z[size]:
                clear.append((z, tuple(names[column] for column in cross)))
    return tuple(cross for _, cross in sorted(clear, reverse=True)[:MOST_CROSSES])


def _z(cell: NDArray[np.int64], residual: Vector, information: Vector, cells: int) -> float:
    """How far the squared residuals of cells are above those of chance, in standard deviations of it.

    A cell's residuals add up to a variable whose variance is the cell's information (Rao's score test); it counts the
    less, the less information it has beside `PRIOR_INFORMATION`.
    """
    residuals = np.bincount(cell, residual, minlength=cells)
    variances = np.bincount(cell, information, minlength=cells)
    shares = variances / (variances + PRIOR_INFORMATION)
    excess = residuals**2 / (variances + PRIOR_INFORMATION) - shares
    return float(excess.sum() / max(np.sqrt(2 * (shares**2).sum()), 1.0))
