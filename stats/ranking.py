"""How much the highest scores are worth: probabilities and outcomes in, the lift of their top part out."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from stats.estimates import TAIL, Estimate


def lift(p: NDArray[np.float64], won: NDArray[np.bool_], share: float = 0.1) -> Estimate:
    """Wins in the top `share` over wins in an average one (docs/methods.md, Lift), equal probabilities averaged.

    The interval is the exact one (Clopper and Pearson 1934) for the part of all wins that lies in the top.
    """
    wins = float(won.sum())
    if wins == 0:
        return Estimate.unknown("no lead was won", len(p))
    _, rank = np.unique(-p, return_inverse=True)
    size, won_of = np.bincount(rank), np.bincount(rank, won)
    taken = np.clip(share * len(p) - (np.cumsum(size) - size), 0, size) / size
    top = float((won_of * taken).sum())
    low = betaincinv(top, wins - top + 1, TAIL) if top > 0 else 0.0
    high = betaincinv(top + 1, wins - top, 1 - TAIL) if top < wins else 1.0
    return Estimate(top / wins / share, float(low) / share, float(high) / share, len(p))
