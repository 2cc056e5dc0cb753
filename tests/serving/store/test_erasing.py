"""A person is erased while somebody reads the database: nobody waits, and nothing of the person stays in its files."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fastapi.testclient import TestClient

from serving.settings import Settings
from serving.store import Store
from serving.store.log_truncation import LogTruncation
from tests.serving.conftest import wait_until
from tests.serving.models import Models
from training.model import ScoringModel

ADDRESS = "zoe.unmistakable@example.com"
PERSON = {"fields": {"e-mail": ADDRESS, "message": "call me"}}


@contextmanager
def reader(file: Path) -> Iterator[None]:
    """A backup or a report, in the middle of its work."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("begin")
        connection.execute("select count(*) from leads").fetchone()
        yield


def holds_address(folder: Path) -> bool:
    """Whether it stands in the database's file, or in its log."""
    return any(ADDRESS.encode() in file.read_bytes() for file in folder.glob("leads.db*"))


def test_while_a_reader_holds_the_database_erasing_stops_no_writer_and_is_completed_later(
    start: Callable[[Models], TestClient], model: ScoringModel, tmp_path: Path
) -> None:
    client = start(Models(model))
    assert client.put("/v1/leads/Z-1", json=PERSON).status_code == 201
    with reader(tmp_path / "leads.db"):
        began = time.monotonic()
        assert client.delete("/v1/leads/Z-1").status_code == 204
        for number in range(5):
            assert client.put(f"/v1/leads/L-{number}", json={}).status_code == 201
        assert time.monotonic() - began < 5
        assert holds_address(tmp_path)
    wait_until(lambda: not holds_address(tmp_path))


def test_what_a_service_that_was_killed_could_not_forget_is_forgotten_at_the_next_start(
    start: Callable[[Models], TestClient], model: ScoringModel, settings: Settings, tmp_path: Path
) -> None:
    client = start(Models(model))
    client.app.state.service.store._forgetting.stop()  # type: ignore[attr-defined]  # as by SIGKILL
    client.put("/v1/leads/Z-1", json=PERSON)
    with reader(tmp_path / "leads.db"):
        assert client.delete("/v1/leads/Z-1").status_code == 204
    assert holds_address(tmp_path)
    with Store(settings.database_url).running():
        wait_until(lambda: not holds_address(tmp_path))


def test_it_is_tried_until_it_is_done_and_no_longer() -> None:
    answers = [True, False, False, True]
    asked: list[int] = []

    def forget() -> bool:
        asked.append(1)
        return answers[len(asked) - 1]

    truncation = LogTruncation(forget, again_seconds=0.01)
    truncation.start()
    wait_until(lambda: len(asked) == 1)
    truncation.ask()
    wait_until(lambda: len(asked) == 4)
    time.sleep(0.1)
    truncation.stop()
    assert len(asked) == 4
