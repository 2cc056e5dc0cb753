"""From MLflow's entities to the registry's records."""

from collections.abc import Mapping
from datetime import UTC, datetime

from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion as StoredVersion

from training.evaluation.evaluate import MetricEstimate
from training.registry.records import Candidate, MetricPair, ModelVersion, VersionComparison

LOW, HIGH = "_low", "_high"


def read_model_version(stored: StoredVersion, run: Run, aliases: Mapping[str, str]) -> ModelVersion:
    """A version with what its training run measured; `aliases` says which version each stands for."""
    version = str(stored.version)
    return ModelVersion(
        version=version,
        aliases=tuple(sorted(alias for alias, named in aliases.items() if str(named) == version)),
        created_at=datetime.fromtimestamp(stored.creation_timestamp / 1000, UTC),
        project=stored.tags.get("project", ""),
        candidate=stored.tags.get("candidate", ""),
        run_id=run.info.run_id,
        metrics=read_estimates(run),
        parameters=dict(run.data.params),
        tags=dict(stored.tags),
    )


def read_candidate(run: Run) -> Candidate:
    """The candidate of a child run."""
    return Candidate(run.info.run_name or "", read_estimates(run), dict(run.data.params))


def read_estimates(run: Run) -> dict[str, MetricEstimate]:
    """The metrics that were logged with both ends of their interval."""
    metrics = run.data.metrics
    return {
        name: MetricEstimate(value, metrics[name + LOW], metrics[name + HIGH])
        for name, value in metrics.items()
        if name + LOW in metrics and name + HIGH in metrics
    }


def compare_versions(first: ModelVersion, second: ModelVersion) -> VersionComparison:
    """Two versions side by side: the metrics that both have, and the parameters that differ."""
    names = sorted(first.parameters.keys() | second.parameters.keys())
    pairs = {name: (first.parameters.get(name), second.parameters.get(name)) for name in names}
    return VersionComparison(
        first=first,
        second=second,
        metrics=tuple(
            MetricPair(name, estimate, second.metrics[name])
            for name, estimate in first.metrics.items()
            if name in second.metrics
        ),
        parameters={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        same_leads=first.tags.get("test_hash") == second.tags.get("test_hash"),
    )
