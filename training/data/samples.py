"""What a model is fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.encoders import Column


@dataclass(frozen=True)
class Lessons:
    """n leads as a matrix (n, d) of `columns`, whether each won (n,), or its chance of it, and how much it counts.

    `known` (n,) is the share of each outcome that can be known, None where all are known in full. `newness` (n,) says
    how much more the newer ones count when a model is fitted, and not when it is judged; None where all are alike.
    """

    columns: Sequence[Column]
    X: NDArray[np.float64]
    won: NDArray[np.float64]
    weight: NDArray[np.float64]
    known: NDArray[np.float64] | None = None
    newness: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.won)

    @property
    def fewest(self) -> int:
        """How many leads the rarer outcome has."""
        return int(min(self.won.sum(), len(self.won) - self.won.sum()))

    def take(self, rows: NDArray[np.intp]) -> Self:
        known = None if self.known is None else self.known[rows]
        newness = None if self.newness is None else self.newness[rows]
        return type(self)(self.columns, self.X[rows], self.won[rows], self.weight[rows], known, newness)

    @property
    def fit_weight(self) -> NDArray[np.float64]:
        """What each lead counts (n,) when a model is fitted."""
        return self.weight if self.newness is None else self.weight * self.newness

    def fading(self, half_life: float | None) -> Self:
        """In order of arrival, each counting half as much as one that came this share of all leads later."""
        if half_life is None:
            return replace(self, newness=None)
        newness = 0.5 ** (np.linspace(1, 0, len(self)) / half_life)
        return replace(self, newness=newness / newness.mean())

    def on_record(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What these leads (m,) are judged by, not what a chance makes of them: won (m,) and weight (m,).

        A lead counts by the share of its outcome that can be known, and its win for as many as that share stands for.
        """
        if self.known is None:
            return self.won[rows], self.weight[rows]
        return (self.won[rows] == 1) / self.known[rows], self.weight[rows] * self.known[rows]
