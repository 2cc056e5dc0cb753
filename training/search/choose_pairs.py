"""The pairs of columns that count together: where the win rate is not what the two columns say one by one."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from stats.types import Vector
from training.data.samples import Samples
from training.models.boosting import BoosterSpec
from training.models.crosses import Binning, Pair

MAIN_EFFECTS = BoosterSpec(
    "main effects",
    {"num_leaves": 2, "learning_rate": 0.1, "cat_l2": 10.0, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 1.0},
)
"""Trees of one split each: what their out-of-fold scores leave unsaid, columns can only say together."""
MOST_PAIRS, LEAST_Z = 10, 3.0
MOST_CELLS = 20_000
PRIOR_INFORMATION = 5.0
MOST_LOOKS, LEAST_LEADS = 200_000_000, 2_000
"""Pairs times leads: of many columns, fewer leads are asked."""


def choose_pairs(samples: Samples, rows: NDArray[np.intp], raw_score: Vector, seed: int) -> tuple[Pair, ...]:
    """At most ten pairs of columns, the clearest first; none where no pair is clear of noise.

    `raw_score` (m,) of the samples' `rows` (m,) is of main effects, fitted without them.
    """
    names = [column.name for column in samples.columns]
    pairs = list(combinations(range(len(names)), 2))
    most = max(LEAST_LEADS, MOST_LOOKS // max(len(pairs), 1))
    asked = np.random.default_rng(seed).permutation(len(rows))[:most]
    part = samples.take(rows[asked])
    binnings = [Binning.fit(part, column) for column in range(len(names))]
    bins = [binning.find(part.X) for binning in binnings]
    chance = expit(raw_score[asked])
    residual = part.sample_weight * (part.y - chance)
    information = part.sample_weight * chance * (1 - chance)
    clear = []
    for first, second in pairs:
        cells = binnings[first].size * binnings[second].size
        if cells <= MOST_CELLS:
            z = _z(bins[first] * binnings[second].size + bins[second], residual, information, cells)
            if z >= LEAST_Z:
                clear.append((z, Pair(names[first], names[second])))
    return tuple(pair for _, pair in sorted(clear, reverse=True)[:MOST_PAIRS])


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
