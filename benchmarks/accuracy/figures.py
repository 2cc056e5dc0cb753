"""What a list of probabilities is worth: probabilities and outcomes in, the figures of the page out."""

import numpy as np
from numpy.typing import NDArray

from stats.predictions import Predictions
from training.evaluation.metrics import METRICS

FIGURES = ("log_loss", "auc", "average_precision", "brier", "lift_10")
FLOOR = 1e-6


def figures(probability: NDArray[np.float64], won: NDArray[np.float64]) -> dict[str, float]:
    """Ties are averaged in all of them."""
    judged = Predictions.of(np.clip(probability, FLOOR, 1 - FLOOR), won)
    ones = np.ones(len(won))
    return {name: float(METRICS[name](judged.weighted(ones))) for name in FIGURES}
