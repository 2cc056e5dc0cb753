"""The training examples that a model is fitted on and evaluated by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.encoders import Column
from stats.types import Matrix, Rows, Vector

LEAST_RECENCY_WEIGHT, LEAST_OLD_LEADS = 0.3, 3_000
"""What was learned long ago is never quite forgotten: each lead keeps this share of an equal weight, as long as what
all keep is no more than the weight of so many leads.

Without it the leads that count may be so few that a fit loses by noise what it gains by being of today; of many leads
enough count anyway (docs/decisions/031-old-leads-keep-a-weight.md).
"""


@dataclass(frozen=True)
class Samples:
    """A feature matrix X (n, d) of `columns`, labels y (n,) and sample weights (n,).

    A label is 1 (won), 0, or the chance of a win where the outcome is still open. `observed_share` (n,) is the share
    of its outcome that a lead's age lets one observe; None where all outcomes are complete. `recency_weight` (n,)
    makes newer leads count more in a fit, never in an evaluation; None where all count alike.
    """

    columns: Sequence[Column]
    X: Matrix
    y: Vector
    sample_weight: Vector
    observed_share: Vector | None = None
    recency_weight: Vector | None = None

    def __len__(self) -> int:
        return len(self.y)

    @property
    def minority_count(self) -> int:
        """How many leads the rarer outcome has."""
        wins = self.y.sum()
        return int(min(wins, len(self.y) - wins))

    def take(self, rows: Rows) -> Self:
        return type(self)(
            columns=self.columns,
            X=self.X[rows],
            y=self.y[rows],
            sample_weight=self.sample_weight[rows],
            observed_share=None if self.observed_share is None else self.observed_share[rows],
            recency_weight=None if self.recency_weight is None else self.recency_weight[rows],
        )

    @property
    def fit_weight(self) -> Vector:
        """The weight (n,) of each lead in a fit: the sample weight times the recency weight."""
        return self.sample_weight if self.recency_weight is None else self.sample_weight * self.recency_weight

    def with_recency_weights(self, half_life: float | None) -> Self:
        """These samples, in order of arrival, with weights that halve over each `half_life`, a share of all leads.

        The weights are 1 on average, and none falls below `least_recency_weight`; None takes them away.
        """
        if half_life is None:
            return replace(self, recency_weight=None)
        faded = 0.5 ** (np.linspace(1, 0, len(self)) / half_life)
        least = self.least_recency_weight
        return replace(self, recency_weight=least + (1 - least) * faded / faded.mean())

    @property
    def least_recency_weight(self) -> float:
        """What the oldest lead weighs at least where newer ones count more, as a share of an equal weight."""
        return min(LEAST_RECENCY_WEIGHT, LEAST_OLD_LEADS / len(self))

    def evaluation_targets(self, rows: Rows) -> tuple[Vector, Vector]:
        """Labels (m,) and weights (m,) that an evaluation on these rows uses: recorded wins, no imputed chances.

        A win on record counts 1 / observed share and a lead weighs its observed share, so that sums are unbiased.
        """
        if self.observed_share is None:
            return self.y[rows], self.sample_weight[rows]
        observed = self.observed_share[rows]
        return (self.y[rows] == 1) / observed, self.sample_weight[rows] * observed
