"""How much groups differ beyond chance: the standard deviation between them, from normal scores and standard errors.

Outliers must not set it, so scores are winsorised at their outer tenths, and the sum of their squares is compared with
that of simulated groups, drawn with the same seed each time. The estimate is median-unbiased, and the interval holds
every standard deviation that the scores do not reject (test inversion; Casella and Berger 2002, 9.2).
"""

import numpy as np

from stats.estimates import TAIL, Estimate
from stats.types import Matrix, Vector

WINSORISED = 0.1
DRAWS, SEED = 1_000, 7
HALVINGS = 14
MOST = 2.0
"""The largest standard deviation looked for, as a part of what is expected."""
FEWEST = 3
TOO_FEW = f"it takes {FEWEST} agents to tell how much they differ"


def dersimonian_laird(effect: Vector, precision: Vector) -> float:
    """The variance between k groups of effects (k,), each known with a precision (k,), 1 / its sampling variance.

    It is the moment estimate of DerSimonian and Laird (1986), 0 where the groups differ no more than by chance.

    >>> dersimonian_laird(np.array([0.0, 2.0, 4.0]), np.ones(3))
    3.0
    """
    q = float(precision @ (effect - np.average(effect, weights=precision)) ** 2)
    return variance_from_q(q, precision)


def variance_from_q(q: float, precision: Vector) -> float:
    """The variance between k groups from Cochran's Q, however it was found, and their precisions (k,)."""
    scale = precision.sum() - precision @ precision / precision.sum()
    return max(0.0, float((q - (len(precision) - 1)) / scale))


def spread_between(z: Vector, error: Vector) -> Estimate:
    """The standard deviation between groups of these normal scores (k,) and errors (k,); `low` is 0 within chance."""
    if len(z) < FEWEST:
        return Estimate.unknown(TOO_FEW, len(z))
    drawn = np.random.default_rng(SEED).normal(size=(DRAWS, len(z)))
    shown = _winsorised_squares(z[None, :])[0]

    def at(level: float) -> float:
        """The spread at which this part of the draws shows less than was seen."""
        low, high = 0.0, MOST
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            less = np.mean(_winsorised_squares(drawn * np.sqrt(1 + (middle / error) ** 2)) < shown)
            low, high = (middle, high) if less > level else (low, middle)
        return low

    low, value, high = (at(level) for level in (1 - TAIL, 0.5, TAIL))
    return Estimate(value, low, high, len(z))


def _winsorised_squares(z: Matrix) -> Vector:
    """The sum of squares of each row's scores (draws, k), the outer tenths drawn in."""
    ends = np.quantile(z, [WINSORISED, 1 - WINSORISED], axis=1)[:, :, None]
    result: Vector = (np.clip(z, ends[0], ends[1]) ** 2).sum(axis=1)
    return result
