"""The registered models as the registry returns them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from training.evaluation.evaluate import MetricEstimate


@dataclass(frozen=True)
class ModelVersion:
    """A registered model. `metrics` are of leads that it was fitted without; `tags` are MLflow's."""

    version: str
    aliases: tuple[str, ...]
    created_at: datetime
    project: str
    candidate: str
    run_id: str
    metrics: Mapping[str, MetricEstimate]
    parameters: Mapping[str, str]
    tags: Mapping[str, str] = field(repr=False)

    @property
    def decision(self) -> tuple[str, ...]:
        """Why it may or may not replace the champion of its day."""
        return tuple(self.tags.get("decision", "").splitlines())

    @property
    def as_of(self) -> str | None:
        """The as-of date of its training."""
        return self.tags.get("as_of")


@dataclass(frozen=True)
class Candidate:
    """A candidate of a training run, with its metrics on the same leads as the others."""

    name: str
    metrics: Mapping[str, MetricEstimate]
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class ModelDetails:
    """A registered model, the candidates it was chosen from, and its card in Markdown."""

    model: ModelVersion
    candidates: tuple[Candidate, ...]
    card: str


@dataclass(frozen=True)
class MetricPair:
    """One metric of two models."""

    name: str
    first: MetricEstimate
    second: MetricEstimate


@dataclass(frozen=True)
class VersionComparison:
    """Two registered models. Their metrics can be compared only where `same_leads`."""

    first: ModelVersion
    second: ModelVersion
    metrics: tuple[MetricPair, ...]
    parameters: Mapping[str, tuple[str | None, str | None]]
    same_leads: bool


@dataclass(frozen=True)
class Promotion:
    """A version became champion: after `previous`, at a time, by someone, for a reason."""

    version: str
    previous: str | None
    at: datetime
    by: str
    why: str
    is_rollback: bool = False
