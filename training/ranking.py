"""A probability among those of recent leads: percentile and grade. Probabilities in, cut-offs kept with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

GRADES = ("A", "B", "C", "D")
SHARES = (0.10, 0.20, 0.30)
POINTS = 1_001
OUT_OF_REACH = 2.0
"""A cut-off that no probability meets: where ties leave a grade without leads."""


@dataclass(frozen=True)
class Ranking:
    """Percentiles at `probabilities` (rising), and the least probability for A, B and C."""

    probabilities: tuple[float, ...]
    percentiles: tuple[float, ...]
    cutoffs: tuple[float, ...]

    @classmethod
    def of(cls, recent: Vector, shares: Sequence[float] = SHARES) -> Self:
        """Rank among these probabilities (n,). Equal ones share the middle of their places, so none is favoured."""
        distinct, counts = np.unique(recent, return_counts=True)
        middle = 100 * (np.cumsum(counts) - counts / 2) / counts.sum()
        least = 100 * (1 - np.cumsum(shares))
        cutoffs = [distinct[middle >= percentile][:1] for percentile in least]
        points = np.unique(np.linspace(0, len(distinct) - 1, POINTS).round().astype(int))
        return cls(
            tuple(distinct[points].tolist()),
            tuple(middle[points].tolist()),
            tuple(float(cutoff[0]) if len(cutoff) else OUT_OF_REACH for cutoff in cutoffs),
        )

    def percentile(self, probability: Vector) -> Vector:
        """The share of recent leads below, 0 to 100 (n,), to one decimal."""
        return np.interp(probability, *self._points).round(1)

    @cached_property
    def _points(self) -> tuple[Vector, Vector]:
        return np.array(self.probabilities), np.array(self.percentiles)

    def grade(self, probability: Vector) -> NDArray[np.str_]:
        """A to D (n,)."""
        below = np.searchsorted(self.cutoffs[::-1], probability, side="right")
        return np.array(GRADES[::-1])[below]

    def least(self) -> dict[str, float | None]:
        """The least probability for each grade; None where ties leave a grade without leads."""
        reachable = (None if cutoff == OUT_OF_REACH else cutoff for cutoff in self.cutoffs)
        return dict(zip(GRADES, (*reachable, 0.0), strict=True))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        return cls(**{name: tuple(values) for name, values in state.items()})
