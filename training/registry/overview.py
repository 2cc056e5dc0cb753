"""Champion and challenger side by side, as the model page shows them."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from training.evaluation.evaluate import MetricEstimate
from training.evaluation.metric_names import MEANINGS, metric_name
from training.registry.config_notes import read_field_notes
from training.registry.connection import translate_errors
from training.registry.errors import NoModel
from training.registry.names import CHALLENGER, CHAMPION, CONFIG
from training.registry.records import Candidate, ModelVersion, Promotion
from training.registry.stored_evaluation import STORED_EVALUATION, CalibrationSummary, StoredEvaluation
from training.registry.versions import Registry

COMPARED = ("log_loss", "auc", "lift_10", "average_precision", "calibration_slope", "ece")


@dataclass(frozen=True)
class MetricLine:
    """One metric of champion and challenger."""

    name: str
    meaning: str
    champion: MetricEstimate | None
    challenger: MetricEstimate | None


@dataclass(frozen=True)
class Registered:
    """A registered model with what its run stored.

    Attributes:
        calibration: without groups where the run stored no evaluation; `importance` is then empty.
        importance: the mean absolute SHAP value of each field, in log-odds.
        notes: the comments of scoring.toml on fields, by their names.
        page: the address of the run in MLflow.
        cautions: what its training data show little of.
        missed: of fields that are known later and that a model would gain by, a sentence that says by how much.
    """

    model: ModelVersion
    candidates: tuple[Candidate, ...]
    calibration: CalibrationSummary | None
    importance: Mapping[str, float]
    notes: Mapping[str, str]
    page: str | None
    cautions: tuple[str, ...] = ()
    missed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    """The models that matter now. Metrics can be compared only where `same_leads`."""

    champion: Registered | None
    challenger: Registered | None
    history: tuple[Promotion, ...]
    tracking: str

    @property
    def same_leads(self) -> bool:
        pair = (self.champion, self.challenger)
        tests = {registered.model.tags.get("test_hash") for registered in pair if registered is not None}
        return len(tests) == 1

    @property
    def metrics(self) -> tuple[MetricLine, ...]:
        """The metrics that decide, in words."""
        champion, challenger = (_metrics_of(registered) for registered in (self.champion, self.challenger))
        return tuple(
            MetricLine(metric_name(name), MEANINGS.get(name, ""), champion.get(name), challenger.get(name))
            for name in COMPARED
            if name in champion or name in challenger
        )


def read_overview(registry: Registry) -> Overview:
    """What the registry holds of champion and challenger; some twenty look-ups, so not for each request.

    Raises:
        RegistryUnreachable: where MLflow fails.
    """
    champion, challenger = (_read_registered(registry, alias) for alias in (CHAMPION, CHALLENGER))
    history = registry.history() if champion or challenger else ()
    return Overview(champion, challenger, history, strip_login(registry.location.tracking_uri))


def strip_login(uri: str) -> str:
    """An address without user and password."""
    address = urlsplit(uri)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl() if address.netloc else uri


def _read_registered(registry: Registry, alias: str) -> Registered | None:
    try:
        details = registry.show(alias)
    except NoModel:
        return None
    run_id = details.model.run_id
    with translate_errors(registry.location):
        run = registry.client.get_run(run_id)
    text, config = (_read_artifact(registry, run_id, path) for path in (STORED_EVALUATION, CONFIG))
    stored = StoredEvaluation.from_text(text) if text else None
    return Registered(
        model=details.model,
        candidates=details.candidates,
        calibration=stored.calibration if stored else _calibration_of_totals(run.data.metrics),
        importance=stored.importance if stored else {},
        notes=_field_notes(config),
        page=_run_address(registry, run.info.experiment_id, run_id),
        cautions=stored.cautions if stored else (),
        missed={one.name: one.sentence for one in stored.refused if one.is_missed} if stored else {},
    )


def _calibration_of_totals(metrics: Mapping[str, float]) -> CalibrationSummary | None:
    if not {"test_leads", "promised", "delivered"} <= metrics.keys():
        return None
    return CalibrationSummary.of_totals(int(metrics["test_leads"]), metrics["promised"], metrics["delivered"])


def _read_artifact(registry: Registry, run_id: str, path: str) -> str | None:
    """A file of a run; None where the run has none of this name."""
    folder = Path(path).parent
    with translate_errors(registry.location), tempfile.TemporaryDirectory() as scratch:
        stored = registry.client.list_artifacts(run_id, folder.as_posix() if folder.name else None)
        if path not in {file.path for file in stored}:
            return None
        return Path(registry.client.download_artifacts(run_id, path, scratch)).read_text("utf-8")


def _field_notes(config: str | None) -> dict[str, str]:
    if config is None:
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / CONFIG
        file.write_text(config, encoding="utf-8")
        return read_field_notes(file)


def _run_address(registry: Registry, experiment: str, run_id: str) -> str | None:
    uri = strip_login(registry.location.tracking_uri)
    return f"{uri.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}" if uri.startswith("http") else None


def _metrics_of(registered: Registered | None) -> Mapping[str, MetricEstimate]:
    return registered.model.metrics if registered else {}
