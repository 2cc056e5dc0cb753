"""Fields of parsed leads in steps: a sparse matrix of ones, for additive models with a coefficient a step.

A step for each frequent value of a category, and for each part of a number between two quantiles; one for values that
are rare, and one for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.types import Vector


@dataclass(frozen=True)
class _Column:
    """One column of the encoder: `edges` divide a number; of a category, `codes` have a step each."""

    edges: Vector
    codes: Vector
    is_category: bool

    @classmethod
    def fit(cls, column: Vector, quantiles: Vector, least: int, *, is_category: bool) -> Self:
        known = column[~np.isnan(column)]
        if is_category:
            found, times = np.unique(known, return_counts=True)
            return cls(np.array([]), found[times >= least], is_category)
        edges = np.unique(np.quantile(known, quantiles)) if len(known) else np.array([])
        edges = edges[edges > known.min(initial=np.inf)]
        return cls(edges, np.array([]), is_category)

    @property
    def steps(self) -> int:
        """How many there are: the last is for missing, the one before for rare values."""
        return (len(self.codes) if self.is_category else len(self.edges)) + 2

    def of(self, column: Vector) -> NDArray[np.intp]:
        """The step of each lead (n,)."""
        if self.is_category:
            place = np.minimum(np.searchsorted(self.codes, column), max(len(self.codes) - 1, 0))
            rare = np.ones(len(column), dtype=bool) if not len(self.codes) else self.codes[place] != column
            step = np.where(rare, len(self.codes), place)
        else:
            step = np.searchsorted(self.edges, column, side="right")
        return np.where(np.isnan(column), self.steps - 1, step)


@dataclass(frozen=True)
class Steps:
    """The steps of all fields, fitted on some leads; `of` finds those of other leads."""

    encoder: FeatureEncoder
    columns: tuple[_Column, ...]
    kept: NDArray[np.intp]
    """The steps in which any of the leads are that they were fitted on."""

    @classmethod
    def fit(cls, leads: LeadTable, schema: LeadSchema, quantiles: Vector, least: int) -> tuple[Self, csr_array]:
        """The steps fitted on these leads, and in which of them each is (n, steps).

        Numbers are divided at these quantiles; a category's value has a step from `least` leads on.
        """
        encoder = FeatureEncoder.fit(leads, schema)
        X = encoder.encode(leads)
        columns = tuple(
            _Column.fit(X[:, at], quantiles, least, is_category=bool(column.levels))
            for at, column in enumerate(encoder.columns)
        )
        steps = _steps(X, columns)
        kept = np.flatnonzero(steps.sum(axis=0))
        return cls(encoder, columns, kept), csr_array(steps[:, kept])

    def of(self, leads: LeadTable) -> csr_array:
        """The steps of the leads (n, steps)."""
        return csr_array(_steps(self.encoder.encode(leads), self.columns)[:, self.kept])


def _steps(X: Vector, columns: Sequence[_Column]) -> csr_array:
    """The steps of all columns (n, steps): as many ones a lead as there are columns."""
    n, d = X.shape
    ends = np.cumsum([0, *(column.steps for column in columns)])
    place = np.empty((n, d), dtype=np.int32)
    for at, column in enumerate(columns):
        place[:, at] = ends[at] + column.of(X[:, at])
    return csr_array((np.ones(n * d), place.ravel(), np.arange(n + 1, dtype=np.int32) * d), shape=(n, ends[-1]))
