"""MLflow's server hangs, dies, forgets its champion or has a broken one: the service goes on, says so, and stops."""

import json
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from tests.serving.conftest import LOCAL
from tests.serving.databases import new_file_store
from tests.serving.live import Live, live
from tests.serving.metrics.test_page import samples
from tests.serving.mlflow_server import MlflowServer, mlflow_server
from tests.serving.models import Models
from tests.training.registry.runs import small_run
from training.registry import Location, Registry
from training.registry.connection import connect
from training.registry.log import log_run
from training.registry.names import NAME

SERVE = ("-m", "commands", "serve", "--port", "0")
POLL_SECONDS = 1.0
STOP_SECONDS = 2


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Version 1 is champion, version 2 scores otherwise."""
    folder = tmp_path_factory.mktemp("registry")
    location = Location.under(folder)
    connect(location, create=True)
    run = small_run(folder)
    for shift in (0.0, 0.5):
        model = replace(run.model, calibration=replace(run.model.calibration, shift=shift))
        log_run(replace(run, model=model), location)
    registry = Registry(location)
    registry.promote("1", by="test", why="test", at=datetime.now(UTC))
    return registry


@pytest.fixture(scope="module")
def mlflow(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    assert registry.location.database is not None
    with mlflow_server(registry.location.database, tmp_path_factory.mktemp("mlflow") / "log") as server:
        yield server


@pytest.fixture
def service(registry: Registry, mlflow: MlflowServer, tmp_path: Path) -> Iterator[Live]:
    registry.client.set_registered_model_alias(NAME, "champion", "1")
    with serving(mlflow, tmp_path) as running:
        yield running


def serving(mlflow: MlflowServer, folder: Path) -> AbstractContextManager[Live]:
    settings = {"poll_seconds": str(POLL_SECONDS), "stop_seconds": str(STOP_SECONDS)}
    around = {"MLFLOW_TRACKING_URI": mlflow.url}
    url = f"sqlite:///{folder}/leads.db"
    return live(url, folder / "log", program=SERVE, folder=folder, around=around, **settings)


def metric(service: Live, name: str) -> float:
    return samples(httpx2.get(f"{service.url}/metrics", timeout=30).text)[name]


def seconds_until(holds: Callable[[], bool], patience: float = 60) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + patience, "it did not come about"
        time.sleep(0.05)
    return time.monotonic() - began


def told(folder: Path) -> list[str]:
    return [json.loads(line)["event"] for line in (folder / "log").read_text().splitlines() if line[:1] == "{"]


def probability(service: Live) -> float:
    return httpx2.post(f"{service.url}/v1/score", json={"lead_id": "L-1", "fields": {"age": 40}}).json()["probability"]


def troubles(service: Live) -> dict[str, str]:
    answer = httpx2.get(f"{service.url}/readyz", timeout=30)
    assert answer.status_code == 200
    return {trouble["part"]: trouble["detail"] for trouble in answer.json().get("troubles", [])}


def test_a_registry_that_hangs_is_told_within_two_polls_and_delays_no_stop_also_while_leads_wait_for_rescoring(
    mlflow: MlflowServer, registry: Registry, tmp_path: Path
) -> None:
    before = create_app(Settings(database_url=new_file_store(tmp_path), open=True), Models(registry.load("1")))
    with TestClient(before, base_url=LOCAL) as client:
        for number in range(300):
            client.put(f"/v1/leads/L-{number}", json={"fields": {"age": 20 + number % 50}})
    registry.client.set_registered_model_alias(NAME, "champion", "2")
    with serving(mlflow, tmp_path) as again:
        mlflow.hang()
        try:
            took = seconds_until(lambda: metric(again, "leads_registry_reachable") == 0)
            assert took < 2 * POLL_SECONDS + 1
            assert "registry" in troubles(again)
            assert probability(again) > 0
            again.process.send_signal(signal.SIGTERM)
            assert again.process.wait(timeout=STOP_SECONDS + 10) == 0
        finally:
            mlflow.go_on()


def test_a_champion_that_is_broken_or_gone_is_told_and_the_next_start_has_the_last_that_worked(
    service: Live, mlflow: MlflowServer, registry: Registry, tmp_path: Path
) -> None:
    assert metric(service, "leads_champion_missing") == metric(service, "leads_champion_refused") == 0
    with broken(registry, "2"):
        registry.client.set_registered_model_alias(NAME, "champion", "2")
        seconds_until(lambda: metric(service, "leads_champion_refused") == 1)
        assert troubles(service)["champion"] == "champion 2 was refused; model 1 goes on"
    registry.client.delete_registered_model_alias(NAME, "champion")
    seconds_until(lambda: metric(service, "leads_champion_missing") == 1)
    assert metric(service, "leads_champion_refused") == 0
    assert "no champion is registered" in troubles(service)["champion"]
    assert told(tmp_path).count("scorer.champion_missing") == 1
    service.kill()
    with serving(mlflow, tmp_path) as again:
        assert httpx2.get(f"{again.url}/v1/model").json()["version"] == "1"
        assert metric(again, "leads_champion_missing") == 1


@contextmanager
def broken(registry: Registry, version: str) -> Iterator[None]:
    """Its files are not those that were registered."""
    whole = registry.client.get_model_version(NAME, version).tags["digest"]
    registry.client.set_model_version_tag(NAME, version, "digest", "0" * 64)
    try:
        yield
    finally:
        registry.client.set_model_version_tag(NAME, version, "digest", whole)


@pytest.mark.slow
def test_a_registry_that_died_is_told_and_the_last_champion_serves_a_start_without_it(
    service: Live, mlflow: MlflowServer, registry: Registry, tmp_path: Path
) -> None:
    mlflow.kill()
    try:
        assert seconds_until(lambda: metric(service, "leads_registry_reachable") == 0) < 2 * POLL_SECONDS + 1
        before = probability(service)
        service.kill()
        with serving(mlflow, tmp_path) as again:
            assert probability(again) == before
            assert httpx2.get(f"{again.url}/v1/model").json()["version"] == "1"
            assert metric(again, "leads_registry_reachable") == 0
            assert "nobody listens" in troubles(again)["registry"]
            assert "scorer.kept_champion_used" in told(tmp_path)
            registry.client.set_registered_model_alias(NAME, "champion", "2")
            mlflow.start()
            seconds_until(lambda: httpx2.get(f"{again.url}/v1/model").json()["version"] == "2")
            assert metric(again, "leads_registry_reachable") == 1
    finally:
        mlflow.start()


def test_a_registry_of_a_later_schema_is_named_without_its_address(registry: Registry, tmp_path: Path) -> None:
    assert registry.location.database is not None
    shutil.copy(registry.location.database, tmp_path / "mlflow.db")
    with sqlite3.connect(tmp_path / "mlflow.db") as connection:
        connection.execute("update alembic_version set version_num = 'fedcba987654'")
    connection.close()
    scorer = Scorer(Registry(Location(f"sqlite:///{tmp_path}/mlflow.db")), Settings(), lambda: datetime.now(UTC))
    scorer.refresh()
    assert scorer.trouble.startswith("the model registry cannot be read just now: its database")
    assert str(tmp_path) not in scorer.trouble
