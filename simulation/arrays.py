"""The column types that the stages of the simulation hand to each other: one entry a lead."""

import numpy as np
from numpy.typing import NDArray

from stats.types import Mask, Vector

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

DAY = 86_400  # seconds; moments are whole Unix seconds, in UTC


def logistic(log_odds: Vector) -> Vector:
    """Turn log-odds into probabilities."""
    result: Vector = 1.0 / (1.0 + np.exp(-log_odds))
    return result


def table(values: list[str]) -> Texts:
    """Make texts to be picked from by index; an empty one stands for a missing value."""
    return np.array([value or None for value in values], dtype=object)


def given(known: Mask, texts: Texts) -> Texts:
    """Keep the texts where they are known; the others are missing."""
    nothing = np.full(texts.shape, None, dtype=object)
    return np.where(known, texts, nothing)


def pick(rng: np.random.Generator, weights: list[float], size: int) -> Ints:
    """Draw indexes in proportion to `weights`, which need not sum to one."""
    cumulative = np.cumsum(weights)
    return np.searchsorted(cumulative / cumulative[-1], rng.random(size), side="right").astype(np.int64)
