"""A person is erased while somebody reads the database: nobody waits, and nothing of the person stays in its files."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2

from tests.serving.conftest import wait_until
from tests.serving.live import live

ADDRESS = "zoe.unmistakable@example.com"


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


def test_while_a_reader_holds_the_database_erasing_stops_no_writer_and_is_completed_later(tmp_path: Path) -> None:
    file = tmp_path / "leads.db"
    with live(f"sqlite:///{file}", tmp_path / "log") as service:
        person = {"fields": {"e-mail": ADDRESS, "message": "call me"}}
        assert httpx2.put(f"{service.url}/v1/leads/Z-1", json=person).status_code == 201
        with reader(file):
            began = time.monotonic()
            assert httpx2.delete(f"{service.url}/v1/leads/Z-1", timeout=60).status_code == 204
            for number in range(5):
                assert httpx2.put(f"{service.url}/v1/leads/L-{number}", json={}, timeout=60).status_code == 201
            assert time.monotonic() - began < 5
            assert holds_address(tmp_path)
        wait_until(lambda: not holds_address(tmp_path))
        wait_until(lambda: "store.erased_rows_gone" in (tmp_path / "log").read_text())


def test_what_a_service_that_was_killed_could_not_forget_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "leads.db"
    with live(f"sqlite:///{file}", tmp_path / "log") as service:
        httpx2.put(f"{service.url}/v1/leads/Z-1", json={"fields": {"e-mail": ADDRESS}})
        with reader(file):
            assert httpx2.delete(f"{service.url}/v1/leads/Z-1", timeout=60).status_code == 204
            service.kill()
            assert holds_address(tmp_path)
    with closing(sqlite3.connect(file)), live(f"sqlite:///{file}", tmp_path / "again"):
        wait_until(lambda: not holds_address(tmp_path))
