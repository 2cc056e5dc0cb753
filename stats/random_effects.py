"""How much groups differ beyond chance. In: normal scores and standard errors by group. Out: an `Estimate`.

The usual difference is the standard deviation between groups. The unusual must not set it, so scores are winsorised at
their outer tenths, and the sum of their squares is compared with what groups that differ by so much would show, drawn
always by the same numbers. The estimate is where it is as often larger as smaller, and the interval holds all that it
does not contradict (a test inverted; Casella and Berger 2002, 9.2).
"""

import numpy as np
from numpy.typing import NDArray

from stats.estimates import TAIL, Estimate

Vector = NDArray[np.float64]

WINSORISED = 0.1
DRAWS, SEED = 1_000, 7
HALVINGS = 14
MOST = 2.0
"""The largest standard deviation looked for, as a part of what is expected."""
FEWEST = 3
TOO_FEW = f"it takes {FEWEST} agents to tell how much they differ"


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


def _winsorised_squares(z: NDArray[np.float64]) -> Vector:
    """The sum of squares of each row's scores (draws, k), the outer tenths drawn in."""
    ends = np.quantile(z, [WINSORISED, 1 - WINSORISED], axis=1)[:, :, None]
    result: Vector = (np.clip(z, ends[0], ends[1]) ** 2).sum(axis=1)
    return result
