"""A training run in MLflow's terms: parameters, metrics, tags, dataset. Nothing personal, no password."""

import json
import math
import re
import subprocess
from pathlib import Path

from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.sources import LocalArtifactDatasetSource  # type: ignore[attr-defined]
from mlflow.entities import Dataset
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

from features.tables.sql import safe_name
from features.values import Kind
from training.evaluation.evaluate import Evaluation
from training.registry.reading import HIGH, LOW
from training.training_run import TrainingRun

DIGEST_LENGTH = 36
"""As much of a digest as MLflow takes."""

_ADDRESS = re.compile(r"(?<=[\"'])[^\"'\s]+://[^\"']+(?=[\"'])")

TYPES = {Kind.NUMERIC: DataType.double, Kind.FLAG: DataType.boolean, Kind.DATETIME: DataType.datetime}


def metrics_of(evaluation: Evaluation) -> dict[str, float]:
    """Each metric with the ends of its interval; MLflow has no name for NaN."""
    metrics = {
        "ece_floor": evaluation.ece_floor,
        "test_leads": evaluation.leads,
        "test_wins": evaluation.wins,
    }
    for name, estimate in evaluation.metrics.items():
        metrics |= {name: estimate.value, name + LOW: estimate.low, name + HIGH: estimate.high}
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}


def parameters_of(run: TrainingRun) -> dict[str, str]:
    """What the run was asked for, and the chosen candidate's own parameters."""
    chosen = next(candidate for candidate in run.candidates if candidate.name == run.chosen)
    asked = {
        "candidate": run.chosen,
        "order": run.order,
        "horizon_days": run.dataset.horizon_days,
        "seed": run.seed,
        "budget_s": run.budget_s,
        "trials": run.trials,
        "gap_days": run.split.gap_days,
        "calibration": run.model.calibration.kind,
    }
    return {name: str(value) for name, value in {**asked, **chosen.parameters}.items()}


def tags_of(run: TrainingRun) -> dict[str, str]:
    """What tells this run from another: data, schema, code, and what was decided."""
    test = run.dataset.leads.take(run.split.test)
    tags = {
        "project": run.project,
        "candidate": run.chosen,
        "as_of": run.dataset.as_of.date().isoformat() if run.dataset.as_of else None,
        "order": run.order,
        "horizon_days": str(run.dataset.horizon_days),
        "data_hash": run.dataset.content_hash,
        "test_hash": test.content_hash(),
        "schema_fingerprint": run.model.schema.fingerprint,
        "decision": "\n".join(run.decision.reasons),
        "mlflow.source.git.commit": git_commit(Path(__file__)),
        **run.tags,
    }
    return {name: value for name, value in tags.items() if value}


def dataset_of(run: TrainingRun) -> Dataset:
    """The leads learned from: where they are, how many, which columns; not the leads themselves."""
    source = safe_name(run.table) if "://" in run.table else str(Path(run.table).resolve())
    schema = run.model.schema
    columns: list[ColSpec | TensorSpec] = [
        ColSpec(TYPES.get(field.kind, DataType.string), field.name) for field in schema.arrival_fields
    ]
    dataset = MetaDataset(  # type: ignore[abstract]
        LocalArtifactDatasetSource(source),
        name=run.project,
        digest=run.dataset.content_hash[:DIGEST_LENGTH],
        schema=Schema(columns),
    )
    return Dataset(**{**dataset.to_dict(), "profile": _profile_json(run)})


def _profile_json(run: TrainingRun) -> str:
    states = {str(state): count for state, count in run.dataset.counts.items()}
    return json.dumps({"num_rows": len(run.dataset), "num_won": int(run.dataset.won.sum()), **states})


def shareable_config(run: TrainingRun) -> str:
    """scoring.toml as it may be shown: database addresses without user, password and options."""
    return _ADDRESS.sub(lambda address: safe_name(address[0]), run.config_path.read_text(encoding="utf-8"))


def git_commit(file: Path) -> str | None:
    """The commit that is checked out of the repository that holds the file; None where one only lies around it."""
    try:
        _ask_git(file.parent, "ls-files", "--error-unmatch", file.name)
        return _ask_git(file.parent, "rev-parse", "HEAD")
    except (OSError, subprocess.SubprocessError):
        return None


def _ask_git(folder: Path, *words: str) -> str:
    asked = subprocess.run(  # noqa: S603 - words of ours
        ["git", *words],  # noqa: S607 - whichever git the user has
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return asked.stdout.strip()
