"""What a model is fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.encoders import Column


@dataclass(frozen=True)
class Lessons:
    """n leads as a matrix (n, d) of `columns`, whether each won (n,), or its chance of it, and how much it counts.

    `known` (n,) is the share of each outcome that can be known, None where all are known in full.
    """

    columns: Sequence[Column]
    X: NDArray[np.float64]
    won: NDArray[np.float64]
    weight: NDArray[np.float64]
    known: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.won)

    @property
    def fewest(self) -> int:
        """How many leads the rarer outcome has."""
        return int(min(self.won.sum(), len(self.won) - self.won.sum()))

    def take(self, rows: NDArray[np.intp]) -> Self:
        known = None if self.known is None else self.known[rows]
        return type(self)(self.columns, self.X[rows], self.won[rows], self.weight[rows], known)

    def on_record(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What these leads (m,) are judged by, not what a chance makes of them: won (m,) and weight (m,).

        A lead counts by the share of its outcome that can be known, and its win for as many as that share stands for.
        """
        if self.known is None:
            return self.won[rows], self.weight[rows]
        return (self.won[rows] == 1) / self.known[rows], self.weight[rows] * self.known[rows]
