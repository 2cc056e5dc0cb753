import json
import logging
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from training.registry import Location, Registry, RegistryError
from training.registry import log as log_module
from training.registry.log import log_run
from training.registry.names import NATIVE
from training.training_run import TrainingRun


def artifacts(location: Location) -> list[Path]:
    return [file for file in location.artifacts.rglob("*") if file.is_file()]


def test_a_run_is_one_parent_with_a_child_for_each_candidate(stocked: Location, run: TrainingRun) -> None:
    client = Registry(stocked).client
    experiment = client.get_experiment_by_name("bank")
    model = Registry(stocked).versions()[0]
    parent = client.get_run(model.run_id)
    children = client.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{model.run_id}'")
    assert {child.info.run_name for child in children} == {"trees", "base rate"}
    assert {child.info.status for child in (parent, *children)} == {"FINISHED"}
    assert parent.data.params["num_leaves"] == "7"
    assert parent.data.tags["data_hash"] == run.dataset.content_hash
    loss = run.evaluation.metrics["log_loss"]
    logged = [parent.data.metrics[name] for name in ("log_loss", "log_loss_low", "log_loss_high")]
    assert logged == [loss.value, loss.low, loss.high]


def test_the_dataset_is_named_with_its_hash_and_columns(stocked: Location, run: TrainingRun) -> None:
    registry = Registry(stocked)
    (logged,) = registry.client.get_run(registry.versions()[0].run_id).inputs.dataset_inputs
    columns = [column["name"] for column in json.loads(logged.dataset.schema)["mlflow_colspec"]]
    assert run.dataset.content_hash.startswith(logged.dataset.digest)
    assert columns == [field.name for field in run.model.schema.arrival_fields]
    assert json.loads(logged.dataset.profile)["num_rows"] == 400


def test_no_pickle_is_among_the_artifacts(stocked: Location) -> None:
    files = artifacts(stocked)
    assert not [file for file in files if file.suffix in {".pkl", ".pickle", ".joblib", ".cloudpickle"}]
    described = [file.read_text() for file in files if file.name == "MLmodel"]
    assert len(described) == 3
    assert not re.search("cloudpickle|python_model", "".join(described))
    logged = [file for file in files if file.suffix != ".nbi"]  # numba's index, made where the code is run
    pickled = [file for file in logged if file.suffix not in {".db", ".png"} and b"\x80\x04\x95" in file.read_bytes()]
    assert pickled == []


def test_no_password_and_no_person_is_among_the_artifacts(stocked: Location) -> None:
    content = b"".join(file.read_bytes() for file in artifacts(stocked))
    for secret in (b"hunter2", b"hunter3", b"person17@", b"7946 0017", b"H-17"):
        assert secret not in content
    assert b"postgresql://db.example/crm" in content


def test_the_same_model_makes_the_same_bytes(stocked: Location, location: Location, run: TrainingRun) -> None:
    log_run(run, location)
    natives = [
        {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
        for place in (location, stocked)
        for folder in place.artifacts.glob(f"bank/models/*/artifacts/{NATIVE}")
    ]
    assert natives[0] in natives[1:]
    digests = [Registry(place).show("1").model.tags["digest"] for place in (location, stocked)]
    assert digests[0] == digests[1]


@pytest.mark.filterwarnings("ignore:Operation with range")  # what `quiet` ignores, threads can take from each other
def test_two_trainings_at_once_make_two_versions(location: Location, run: TrainingRun) -> None:
    versions: list[str] = []
    threads = [threading.Thread(target=lambda: versions.append(log_run(run, location))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == ["1", "2"]
    assert Registry(location).load("challenger").version in versions
    assert len(Registry(location).versions()) == 2


def test_a_run_that_fails_half_way_is_marked_and_registers_nothing(
    location: Location, run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "make_input_example", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        log_run(run, location)
    registry = Registry(location)
    (parent,) = registry.client.search_runs(
        [registry.client.get_experiment_by_name("bank").experiment_id], "attributes.status = 'FAILED'"
    )
    assert parent.info.run_name == "train trees"
    assert registry.versions() == ()


def test_a_project_whose_experiment_was_deleted_is_refused(location: Location, run: TrainingRun) -> None:
    log_run(run, location)
    client = Registry(location).client
    client.delete_experiment(client.get_experiment_by_name("bank").experiment_id)
    with pytest.raises(RegistryError, match="deleted experiment 'bank'"):
        log_run(run, location)


def test_a_project_may_have_a_slash_in_its_name(location: Location, run: TrainingRun) -> None:
    log_run(replace(run, project="emea/bank"), location)
    assert Registry(location).versions()[0].project == "emea/bank"


def test_logging_says_nothing(
    location: Location, run: TrainingRun, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        log_run(run, location)
        Registry(location).load("challenger")
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith(("mlflow", "alembic"))] == []
