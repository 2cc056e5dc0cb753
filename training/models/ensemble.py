"""Every model that can be served: a weighted sum, in log-odds, of logistic regression and boosted trees.

One with a single part is an ensemble too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from stats.types import Matrix, Vector
from training.data.samples import Samples
from training.models.additive import Additive
from training.models.boosting import BoosterSpec, FittedBooster, fit_booster
from training.models.logistic import fit_logistic
from training.models.merged_trees import Trees
from training.threads import map_in_threads

LEAVES = 12_000
"""A lead's reasons look up every branch of every tree; about this many leaves are quick to explain."""
MOST_SEEDS, SEEDS_OF_MANY, MANY_LEADS = 6, 1, 50_000
"""A booster is averaged over seeds; one that learns from many leads needs that less."""
LARGE_FIT, LARGE_FIT_THREADS = 100_000, 2
"""A booster that is fitted alone on so many leads gets two threads, on any machine: their number changes its sums."""


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
    def leaves(self) -> int:
        """The most leaves that its trees have together, fitted once."""
        return self.rounds * self.booster.leaves


@dataclass(frozen=True)
class EnsembleSpec:
    """What to fit: logistic_weight · logistic regression + Σ weight · trees.

    `half_life` is that of the recency weights in every fit (`training.search.forward_choices`), None for equal
    weights.
    """

    name: str
    logistic_weight: float = 0.0
    members: tuple[EnsembleMember, ...] = ()
    half_life: float | None = None
    most_seeds: int = MOST_SEEDS

    def fit(self, samples: Samples, seed: int) -> Ensemble:
        """Fit every part on these samples, which are in order of arrival where there is a `half_life`."""
        return fit_ensembles([self], samples, seed)[0]

    def seeds_of(self, member: EnsembleMember) -> int:
        """The number of seeds that a member is averaged over: as many as its share of all leaves allows."""
        return int(np.clip(LEAVES * member.weight // member.leaves, 1, self.most_seeds))

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
            named |= {f"{prefix}.seeds": self.seeds_of(member)}
            named |= {f"{prefix}.{name}": value for name, value in member.booster.parameters.items()}
            if member.booster.crosses:
                named[f"{prefix}.crosses"] = ", ".join(map(" × ".join, member.booster.crosses))
        return named


def fit_ensembles(specs: Sequence[EnsembleSpec], samples: Samples, seed: int) -> list[Ensemble]:
    """Fit each spec on these samples; what several of them have in common is fitted once."""
    weighted = {spec.half_life: samples.with_recency_weights(spec.half_life) for spec in specs}
    jobs = {job: booster for spec in specs for job, booster in list_jobs(spec, seed).items()}
    threads = LARGE_FIT_THREADS if len(jobs) == 1 and len(samples) >= LARGE_FIT else 1

    def fit(job: "Job") -> FittedBooster:
        return fit_booster(jobs[job], job.rounds, weighted[job.half_life], job.seed, threads)

    boosters = dict(zip(jobs, map_in_threads(fit, jobs), strict=True))
    logistic = {
        half_life: fit_logistic(weighted[half_life])
        for half_life in {spec.half_life for spec in specs if spec.logistic_weight}
    }
    return [assemble(spec, logistic.get(spec.half_life, Additive(0.0)), boosters, seed) for spec in specs]


class Job(NamedTuple):
    """One booster to fit; within a search a name stands for one spec."""

    half_life: float | None
    name: str
    rounds: int
    seed: int


def list_jobs(spec: EnsembleSpec, seed: int) -> dict[Job, BoosterSpec]:
    """The boosters to fit for an ensemble."""
    return {job: member.booster for member in spec.members for job in _jobs(spec, member, seed)}


def _jobs(spec: EnsembleSpec, member: EnsembleMember, seed: int) -> list[Job]:
    numbers = range(spec.seeds_of(member))
    return [Job(spec.half_life, member.booster.name, member.rounds, seed + number) for number in numbers]


def assemble(spec: EnsembleSpec, logistic: Additive, boosters: Mapping[Job, FittedBooster], seed: int) -> Ensemble:
    """The ensemble of its fitted parts, each with its weight."""
    additive = logistic.scale(spec.logistic_weight) if spec.logistic_weight else Additive(0.0)
    parts = [
        (job, member.weight / spec.seeds_of(member)) for member in spec.members for job in _jobs(spec, member, seed)
    ]
    if not parts:
        return Ensemble(additive)
    fitted = [boosters[job] for job, _ in parts]
    crosses = max((booster.crosses for booster in fitted if booster.crosses), key=len, default=None)
    weights = [weight for _, weight in parts]
    return Ensemble(additive, Trees.merge([booster.booster for booster in fitted], weights, crosses))
