"""Real trainings that the page starts, as processes of their own: to their end, stopped, killed."""

import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.operations.training_process import NICENESS
from serving.operations.trainings import WITH_SERVICE
from serving.settings import Settings
from serving.store import Store, trainings
from serving.store.keys import create
from serving.store.trainings import Training
from tests.serving.conftest import wait_until
from tests.serving.pages.floor import BROWSER, Person

PAGE = "/admin/training"
PATIENCE_SECONDS = 300.0
FEW = ("DELETE FROM leads WHERE lead_id > 'L-0000080'", "DELETE FROM outcomes WHERE lead_id > 'L-0000080'")
"""Of so few leads no model is tried, which is quick."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def service(home: Path) -> Iterator[tuple[Person, Store]]:
    """A service in a company's folder, and an admin before it."""
    app = create_app(Settings(database_url=f"sqlite:///{home}/leads.db", scoring_file=str(home / "scoring.toml")))
    store = app.state.service.store
    with TestClient(app, base_url="http://localhost", headers=BROWSER, follow_redirects=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        key = store.write_now(create, f"Olga {secrets.token_hex(4)}", "admin", utc_now())
        assert client.post("/sign-in", data={"key": key, "next": "/queue"}).status_code == 303
        yield Person(client), store


@pytest.fixture(scope="module")
def home(trained: Path, stored: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory of the module's tests: the trained company with its store."""
    folder = tmp_path_factory.mktemp("company")
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("artifacts"), dirs_exist_ok=True)
    with sqlite3.connect(shutil.copy(stored, folder / "leads.db")) as connection:
        for statement in FEW:
            connection.execute(statement)
    connection.close()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        yield folder


def newest(store: Store) -> Training:
    (found,) = store.read_now(trainings.find_recent, 1, utc_now())
    return found


def wait_for_end(store: Store) -> None:
    """A training has what others leave of the processor, so on a busy machine it takes its time."""
    until = time.monotonic() + PATIENCE_SECONDS
    while newest(store).is_at_work:
        assert time.monotonic() < until, newest(store).step
        time.sleep(0.05)


def pid_of_training() -> int:
    """The process that trains, once it is there."""
    wait_until(lambda: _children() != [])
    return _children()[0]


def _children() -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "commands retrain"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def test_a_training_ends_with_a_model_beside_the_champion_or_says_who_ended_it(home: Path) -> None:
    with service(home) as (olga, store):
        assert "A model is being trained" in olga.act(PAGE, **{"budget": "10", "accept-1": "rows"})
        assert "Another training is at work." in olga.act(PAGE, **{"budget": "10", "accept-1": "rows"})
        child = pid_of_training()
        assert os.getpriority(os.PRIO_PROCESS, child) == NICENESS + os.getpriority(os.PRIO_PROCESS, 0)
        assert Path(f"/proc/{child}/oom_score_adj").read_text() == "1000\n"
        wait_for_end(store)
        shown = olga.page(PAGE)
        assert "Model 2 is trained; by the gate the champion stays" in shown
        assert "What the gate found when model 2 was trained" in shown
        assert "It is champion now." in olga.act("/admin/versions/promote", version="2", why="to see")

        olga.act(PAGE, budget="60")
        os.kill(pid_of_training(), signal.SIGKILL)
        wait_for_end(store)
        assert "The last training failed The machine ended its process" in olga.page(PAGE)

        olga.act(PAGE, budget="60")
        assert "It is being stopped" in olga.act(f"{PAGE}/stop", training_id=newest(store).training_id)
        wait_for_end(store)
        assert "The last training was stopped It was stopped by hand." in olga.page(PAGE)
        assert _children() == []
        assert 'leads_trainings_total{state="done"} 1.0' in olga.get("/metrics").text

        olga.act(PAGE, budget="60")
    assert _children() == []
    ended = newest(Store(f"sqlite:///{home}/leads.db"))
    assert (ended.state, ended.message) == ("stopped", WITH_SERVICE)
