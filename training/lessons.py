"""What a model is fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.encoders import Column


@dataclass(frozen=True)
class Lessons:
    """n leads as a matrix (n, d) of `columns`, whether each won (n,), or its chance of it, and how much it counts."""

    columns: Sequence[Column]
    X: NDArray[np.float64]
    won: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.won)

    @property
    def fewest(self) -> int:
        """How many leads the rarer outcome has."""
        return int(min(self.won.sum(), len(self.won) - self.won.sum()))

    def take(self, rows: NDArray[np.intp]) -> Self:
        return type(self)(self.columns, self.X[rows], self.won[rows], self.weight[rows])
