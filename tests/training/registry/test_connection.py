import socket
import time
from pathlib import Path

import pytest

from training.registry import Location, NoModel, Registry, RegistryUnreachable, connection, locate, open_registry
from training.registry.log import log_run
from training.training_run import TrainingRun


def test_by_default_all_is_under_mlruns(tmp_path: Path) -> None:
    found = locate(tmp_path, {})
    assert found.database == tmp_path / "mlruns" / "mlflow.db"
    assert found.artifacts == tmp_path / "mlruns"


def test_the_environment_says_where_the_registry_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example:5000")
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://registry.example")
    assert open_registry().location == Location("http://mlflow.example:5000", "http://registry.example")
    assert locate(tmp_path, {"MLFLOW_TRACKING_URI": ""}) == Location.under(tmp_path)


def test_a_run_goes_where_the_environment_says(
    location: Location, run: TrainingRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "cwd"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)  # where no artifacts are named, MLflow puts them into the working directory
    chosen = locate(tmp_path / "unused", {"MLFLOW_TRACKING_URI": location.tracking_uri})
    assert log_run(run, chosen) == "1"
    assert Registry(location).load("1").version == "1"
    assert not (tmp_path / "unused").exists()


def test_nothing_is_created_by_asking(tmp_path: Path) -> None:
    registry = Registry(Location.under(tmp_path))
    for question in (registry.champion_version, registry.versions, registry.history):
        with pytest.raises(NoModel, match="no model in the registry; run `leads train`"):
            question()
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_another_training_made_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = Location.under(tmp_path / "a company")

    def slow_client(uri: str, *_: object) -> None:
        if uri != location.tracking_uri:
            Path(uri.removeprefix("sqlite:///")).write_text("mine")
            location.database.write_text("theirs")

    monkeypatch.setattr(connection, "MlflowClient", slow_client)
    connection.connect(location, create=True)
    assert location.database.read_text() == "theirs"
    assert [path.name for path in location.artifacts.iterdir()] == ["mlflow.db"]


def test_an_empty_registry_holds_no_model(location: Location) -> None:
    registry = Registry(location)
    assert registry.versions() == ()
    with pytest.raises(NoModel):
        registry.load("champion")
    with pytest.raises(NoModel):
        registry.history()


def test_a_server_that_is_not_there_is_told_at_once_and_without_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(RegistryUnreachable, match=rf"http://\*\*\*@127.0.0.1:{port}") as refusal:
        Registry(Location(f"http://ann:secret@127.0.0.1:{port}")).champion_version()
    assert time.monotonic() - started < 10
    assert "secret" not in str(refusal.value)


def test_a_database_that_is_none_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("these are not the tables you are looking for" * 100)
    with pytest.raises(RegistryUnreachable):
        Registry(Location(f"sqlite:///{tmp_path / 'mlflow.db'}")).champion_version()


def test_a_place_that_mlflow_does_not_know_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(RegistryUnreachable):
        Registry(Location(f"nonsense://{tmp_path}")).champion_version()


def test_asking_for_the_champion_is_cheap(registry: Registry) -> None:
    registry.client.set_registered_model_alias("lead-scoring", "champion", "2")
    registry.champion_version()
    started = time.perf_counter()
    for _ in range(20):
        assert registry.champion_version() == "2"
    assert (time.perf_counter() - started) / 20 < 0.05
