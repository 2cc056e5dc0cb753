"""The proof that a registered model needs nothing of this project: a virtualenv with MLflow and LightGBM alone."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.training.registry.runs import raw_leads
from training.registry import Location, Registry
from training.registry.names import NAME
from training.training_run import TrainingRun

pytestmark = pytest.mark.slow

MODEL = f"models:/{NAME}@champion"
PREDICT = f"""
import importlib.util, json, sys
assert importlib.util.find_spec("training") is None and importlib.util.find_spec("numba") is None
import mlflow, pandas
model = mlflow.pyfunc.load_model("{MODEL}")
print(model.predict(pandas.read_csv(sys.argv[1])).to_json(orient="records", double_precision=15))
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a virtualenv with MLflow and LightGBM as constraints.txt pins them."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pins = re.findall(r"^[\w.-]+==\S+(?: ; .*?)?(?= \\$)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins))
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip: list[str | Path] = [folder / "venv/bin/pip", "install", "--quiet", "--constraint", folder / "pins.txt"]
    subprocess.run([*pip, "mlflow", "lightgbm"], check=True)
    return folder / "venv/bin"


@pytest.fixture(scope="module")
def champion(stocked: Location) -> Iterator[Location]:
    client = Registry(stocked).client
    client.set_registered_model_alias(NAME, "champion", "2")
    yield stocked
    client.delete_registered_model_alias(NAME, "champion")


@pytest.fixture(scope="module")
def expected(champion: Location, run: TrainingRun) -> np.ndarray:
    return Registry(champion).load("champion").score_table(run.dataset.leads)["probability"].to_numpy()


def environment(location: Location, bin_folder: Path) -> dict[str, str]:
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": os.environ["HOME"], "MLFLOW_TRACKING_URI": location.tracking_uri}


def test_load_model_gives_the_same_probabilities(
    elsewhere: Path, champion: Location, expected: np.ndarray, tmp_path: Path
) -> None:
    raw_leads().to_csv(tmp_path / "leads.csv", index=False)
    command = [elsewhere / "python", "-c", PREDICT, tmp_path / "leads.csv"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(champion, elsewhere), check=True, capture_output=True, text=True
    )
    rows = json.loads(done.stdout)
    assert np.abs(np.array([row["probability"] for row in rows]) - expected).max() <= 1e-12
    assert {row["model_version"] for row in rows} == {"2"}


@pytest.fixture
def served(elsewhere: Path, champion: Location, tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [elsewhere / "mlflow", "models", "serve", "-m", MODEL, "--env-manager", "local", "-p", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment(champion, elsewhere), start_new_session=True)
    try:
        yield _when_up(f"http://127.0.0.1:{port}")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _when_up(address: str) -> str:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"{address}/ping"):  # noqa: S310 - our own server
                return address
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(address)


def ask(address: str, body: dict[str, object]) -> list[dict[str, object]]:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        return json.load(answer)["predictions"]


def test_mlflow_models_serve_gives_the_same_probabilities(served: str, expected: np.ndarray) -> None:
    records = json.loads(raw_leads().to_json(orient="records"))
    rows = ask(served, {"dataframe_records": records})
    assert np.abs(np.array([row["probability"] for row in rows]) - expected).max() <= 1e-12
    with pytest.raises(urllib.error.HTTPError) as refusal:
        ask(served, {"dataframe_records": [{**records[0], "age": "forty"}]})
    assert refusal.value.code == 400
    assert "column 'age': is not a number (row 1)" in json.load(refusal.value)["message"]
