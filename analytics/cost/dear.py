"""Which sources' customers clearly cost more than those of all others together."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

from stats.estimates import holm

LEVEL = 0.05


def clearly_dearer(spend: Sequence[float], wins: Sequence[int]) -> list[bool]:
    """Whether each source brought fewer wins for its money than the others did, beyond chance among all of them.

    Given all wins, those of a source at the same cost as the others are binomial with its share of the money
    (Przyborowski and Wilenski 1940), two-sided; all sources together err on 5 % of pages at most (Holm 1979). Money
    must be more than 0.
    """
    money, won = np.asarray(spend, dtype=np.float64), np.asarray(wins, dtype=np.float64)
    if len(money) < 2:
        return [False] * len(money)
    share = money / money.sum()
    p_values = np.minimum(1.0, 2 * binom.cdf(won, won.sum(), share))
    return holm(p_values.tolist(), LEVEL)
