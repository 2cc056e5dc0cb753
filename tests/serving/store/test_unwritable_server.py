"""A PostgreSQL that answers and cannot be written: readiness says so, and says why, until a change can be stored."""

from collections.abc import Iterator
from pathlib import Path
from shutil import chown
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import make_url

from serving.app import create_app
from serving.migrations import find_trouble, prepare
from serving.settings import Settings
from serving.store.connection_errors import DISK_FULL, READ_ONLY
from serving.store.database import Database
from tests.serving import databases
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.models import Models
from tests.serving.store.test_disk_full import fill, mounted_at
from training.model import ScoringModel

LARGE = "x" * 9000
"""In a row of its own, and in pages of its own."""


def ask(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]


def detail(client: TestClient) -> str | None:
    answer = client.get("/readyz")
    return None if answer.status_code == 200 else str(answer.json()["detail"])


def test_readiness_says_that_the_database_was_made_read_only_before_any_write_fails(
    postgresql: str, model: ScoringModel
) -> None:
    url = databases.new_database(postgresql)
    name = make_url(url).database
    reconnect = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"  # noqa: S608
    with TestClient(create_app(Settings(database_url=url, open=True), Models(model)), base_url=LOCAL) as client:
        wait_until(lambda: detail(client) is None)
        ask(postgresql, f"alter database {name} set default_transaction_read_only = on", reconnect)
        wait_until(lambda: detail(client) == f"store: {READ_ONLY}")
        assert client.put("/v1/leads/L-1", json={}).status_code == 503
        assert client.get("/v1/leads/L-1").status_code == 404
        ask(postgresql, f"alter database {name} reset default_transaction_read_only", reconnect)
        wait_until(lambda: detail(client) is None)
        assert client.put("/v1/leads/L-1", json={}).status_code == 201


def test_a_standby_is_not_ready_until_it_is_promoted() -> None:
    with databases.postgresql_server() as server:
        database = Database(databases.new_database(server.url))
        prepare(database)
        with psycopg.connect(server.url) as connection:
            (folder,) = connection.execute("show data_directory").fetchone() or ()
        server.stop()
        signal = Path(folder, "standby.signal")
        signal.touch()
        chown(signal, Path(folder).owner())
        server.start()
        assert find_trouble(database) == READ_ONLY
        ask(server.url, "select pg_promote()")
        assert find_trouble(database) is None
        database.close()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk that the server's user may go to, unlike those under `tmp_path`."""
    with TemporaryDirectory(prefix="leads-small-disk-") as folder:
        Path(folder).chmod(0o755)
        with mounted_at(Path(folder) / "disk", "24m") as disk:
            yield disk


@pytest.fixture
def on_small_disk(postgresql: str, small_disk: Path) -> Iterator[str]:
    """A database whose files are on a disk of their own; the server's log is not."""
    name = f"small_{uuid4().hex}"
    host = make_url(postgresql).query["host"]
    chown(small_disk, Path(str(host)).owner())
    ask(
        postgresql,
        f"create tablespace {name} location '{small_disk}'",
        f"create database {name} tablespace {name} strategy file_copy",
    )
    try:
        yield make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    finally:
        ask(postgresql, f"drop database {name} with (force)", f"drop tablespace {name}")


def test_a_full_disk_of_the_server_is_said_until_there_is_room_although_nothing_can_be_committed(
    on_small_disk: str, small_disk: Path, model: ScoringModel
) -> None:
    app = create_app(Settings(database_url=on_small_disk, open=True), Models(model))
    with TestClient(app, base_url=LOCAL) as client:
        assert client.put("/v1/leads/L-1", json={}).status_code == 201
        ballast = fill(small_disk)
        large = {"fields": {"message": LARGE}}
        assert 503 in {client.put(f"/v1/leads/B-{number}", json=large).status_code for number in range(20)}
        database = app.state.service.store.database
        with database.writing():
            pass
        assert find_trouble(database) == DISK_FULL
        wait_until(lambda: detail(client) == f"store: {DISK_FULL}")
        assert client.get("/v1/leads/L-1").status_code == 200
        ballast.unlink()
        wait_until(lambda: detail(client) is None)
        assert client.put("/v1/leads/L-2", json={}).status_code == 201
        assert database.write_trouble is None
