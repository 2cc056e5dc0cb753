"""What the model page is told of champion and challenger."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from training.registry import Location, Registry, RegistryUnreachable
from training.registry.log import log_run
from training.registry.names import CONFIG
from training.registry.overview import read_overview, strip_login
from training.registry.stored_evaluation import STORED_EVALUATION, StoredEvaluation
from training.training_run import TrainingRun

AT = datetime(2026, 3, 3, tzinfo=UTC)


def test_champion_and_challenger_are_read_side_by_side(registry: Registry, run: TrainingRun) -> None:
    registry.promote("1", by="dana", why="first", at=AT)
    read = read_overview(registry)
    assert read.champion is not None
    assert read.challenger is not None
    assert (read.champion.model.version, read.challenger.model.version) == ("1", "3")
    assert read.same_leads
    line = next(line for line in read.metrics if line.name == "AUC")
    assert line.champion == line.challenger == run.evaluation.metrics["auc"]
    assert [promotion.version for promotion in read.history] == ["1"]
    assert read.champion.notes["calls"].startswith("looks as if it were filled after the outcome")
    assert read.champion.page is None


def test_a_run_without_a_stored_evaluation_still_has_its_totals(registry: Registry, run: TrainingRun) -> None:
    logged = registry.client.get_run(registry.show("challenger").model.run_id)
    (Path(unquote(urlsplit(logged.info.artifact_uri).path)) / STORED_EVALUATION).unlink()
    challenger = read_overview(registry).challenger
    assert challenger is not None
    assert challenger.calibration is not None
    whole = challenger.calibration.whole
    assert whole.leads == run.evaluation.leads
    assert whole.actual == pytest.approx(run.evaluation.wins / run.evaluation.leads)
    assert (challenger.calibration.groups, dict(challenger.importance)) == ((), {})


class Away(MlflowClient):
    """A server that no longer answers when a run's scoring.toml is asked for."""

    def download_artifacts(self, run_id: str, path: str, dst_path: str | None = None) -> str:
        if path == CONFIG:
            raise MlflowException("Connection refused")
        return super().download_artifacts(run_id, path, dst_path)


def test_a_file_that_cannot_be_fetched_is_not_taken_for_none(registry: Registry) -> None:
    registry.client = Away(registry.location.tracking_uri)
    with pytest.raises(RegistryUnreachable, match="Connection refused"):
        read_overview(registry)


def test_a_stored_evaluation_is_read_as_it_was_stored(location: Location, run: TrainingRun) -> None:
    log_run(run, location)
    registry, judgement = Registry(location), StoredEvaluation.of(run)
    challenger = read_overview(registry).challenger
    assert challenger is not None
    assert challenger.calibration == judgement.calibration
    assert challenger.importance == run.importance


def test_models_evaluated_on_other_leads_are_not_compared(location: Location, run: TrainingRun) -> None:
    log_run(run, location)
    registry = Registry(location)
    registry.promote("1", by="dana", why="first", at=AT)
    split = replace(run.split, test=run.split.test[:-1])
    log_run(replace(run, split=split), location)
    assert not read_overview(registry).same_leads


def test_an_empty_registry_has_no_models(location: Location) -> None:
    read = read_overview(Registry(location))
    assert (read.champion, read.challenger, read.history, read.metrics) == (None, None, (), ())


def test_no_registry_at_all_has_no_models(tmp_path: Path) -> None:
    assert read_overview(Registry(Location.under(tmp_path))).champion is None


def test_the_address_that_is_shown_holds_no_login() -> None:
    assert strip_login("https://ann:secret@mlflow.example:5000/x") == "https://mlflow.example:5000/x"
    assert strip_login("sqlite:///mlruns/mlflow.db") == "sqlite:///mlruns/mlflow.db"
