"""Every model that can be served: a weighted sum, in log-odds, of logistic regression and boosted trees.

One with a single part is an ensemble too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.data.samples import Samples
from training.models.additive import Additive
from training.models.boosting import BoosterSpec, fit_booster
from training.models.logistic import fit_logistic
from training.models.merged_trees import Trees
from training.search.threads import map_in_threads

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

LEAVES, MOST_SEEDS = 12_000, 6
"""A lead's reasons look up every branch of every tree, so all trees together have about this many leaves."""


@dataclass(frozen=True)
class Ensemble:
    """A fitted ensemble: an additive part and, where there are any, trees."""

    additive: Additive
    trees: Trees | None = None

    def raw_score(self, X: Matrix) -> Vector:
        """Log-odds (n,) for a matrix (n, d)."""
        raw = self.additive.raw_score(X)
        return raw if self.trees is None else raw + self.trees.raw_score(X)


@dataclass(frozen=True)
class EnsembleMember:
    """A booster spec, its rounds, and its weight in the ensemble."""

    booster: BoosterSpec
    rounds: int
    weight: float

    @property
    def seeds(self) -> int:
        """From how many seeds it is fitted and averaged: as many as its share of all leaves allows."""
        leaves = self.rounds * int(self.booster.parameters["num_leaves"])
        return int(np.clip(LEAVES * self.weight // leaves, 1, MOST_SEEDS))


@dataclass(frozen=True)
class EnsembleSpec:
    """What to fit: logistic_weight · logistic regression + Σ weight · trees.

    `half_life` is that of the recency weights in every fit (`training.search.recency`), None for equal weights.
    """

    name: str
    logistic_weight: float = 0.0
    members: tuple[EnsembleMember, ...] = ()
    half_life: float | None = None

    def fit(self, samples: Samples, seed: int) -> Ensemble:
        """Fit every part on these samples, which are in order of arrival where there is a `half_life`."""
        samples = samples.with_recency_weights(self.half_life)
        additive = Additive(0.0)
        if self.logistic_weight:
            additive = fit_logistic(samples).scale(self.logistic_weight)
        jobs = [(member, seed + number) for member in self.members for number in range(member.seeds)]
        boosters = map_in_threads(lambda job: fit_booster(job[0].booster, job[0].rounds, samples, job[1]), jobs)
        weights = [member.weight / member.seeds for member, _ in jobs]
        return Ensemble(additive, Trees.merge(boosters, weights) if boosters else None)

    def with_rounds(self, count_rounds: Callable[[BoosterSpec], int]) -> "EnsembleSpec":
        """The same spec with another number of rounds for each booster."""
        members = (replace(member, rounds=count_rounds(member.booster)) for member in self.members)
        return replace(self, members=tuple(members))

    def parameters(self) -> dict[str, str | float | int]:
        """The parameters under their names in MLflow."""
        named: dict[str, str | float | int] = {}
        if self.logistic_weight:
            named["logistic.weight"] = round(self.logistic_weight, 4)
        if self.half_life:
            named["half_life"] = self.half_life
        for member in self.members:
            prefix = member.booster.name.replace(" ", "_")
            named |= {f"{prefix}.weight": round(member.weight, 4), f"{prefix}.rounds": member.rounds}
            named |= {f"{prefix}.seeds": member.seeds}
            named |= {f"{prefix}.{name}": value for name, value in member.booster.parameters.items()}
        return named
