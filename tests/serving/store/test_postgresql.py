"""A company's own PostgreSQL: behind a pooler, with a schema of its own, made by many at once, away, or another's."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import psycopg
import pytest
from sqlalchemy.engine import make_url

from serving.app import create_app
from serving.migrations import find_trouble, newest, prepare, version_of
from serving.settings import Settings
from serving.store import SchemaOutdated, Store, StoreUnavailable
from serving.store.connection_errors import REACHED
from serving.store.database import Database
from serving.store.url import DatabaseRefused, read_address
from tests.serving import databases
from tests.serving.live import ROOT, Connection
from tests.serving.models import Models
from tests.serving.pooler import SERVER_CONNECTIONS, needs_pgbouncer, pgbouncer, sessions_of
from tests.serving.served import served
from training.model import ScoringModel

PREPARE = """
import sys
from serving.migrations import prepare
from serving.store.database import Database

database = Database(sys.argv[1])
sys.stdin.readline()
prepare(database)
"""


@pytest.fixture
def database(postgresql: str) -> str:
    return databases.new_database(postgresql)


# Behind a pooler


@needs_pgbouncer
def test_behind_a_pooler_that_lends_sessions_by_the_transaction_every_request_is_answered(
    database: str, postgresql: str, model: ScoringModel
) -> None:
    with (
        pgbouncer(database) as pooled,
        served(create_app(Settings(database_url=pooled, open=True), Models(model))) as url,
    ):
        statuses = asyncio.run(_put_and_read(url, clients=12, each=25))
        assert sessions_of(postgresql, make_url(database).database) <= SERVER_CONNECTIONS
    assert set(statuses) <= {200, 201}, statuses
    assert statuses.total() == 12 * 25 * 2


async def _put_and_read(url: str, clients: int, each: int) -> Counter[int]:
    statuses: Counter[int] = Counter()

    async def client(first: int) -> None:
        connection = await Connection.to(url)
        for number in range(each):
            path = f"/v1/leads/L-{first}-{number}"
            for method, body in (("PUT", {"fields": {"age": 18 + number}}), ("GET", {})):
                statuses[(await connection.ask(method, path, body))[0]] += 1
        connection.close()

    await asyncio.gather(*map(client, range(clients)))
    return statuses


@needs_pgbouncer
def test_what_one_transaction_sets_is_not_anothers(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create schema sales")
    with pgbouncer(database, default_pool_size="1") as pooled:
        ours = Database(f"{pooled}?options=-csearch_path%3Dsales")
        prepare(ours)
        with psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as another:
            assert another.execute("show search_path").fetchone() == ('"$user", public',)
            assert another.execute("show statement_timeout").fetchone() == ("0",)
        assert version_of(ours) == newest()
        ours.close()


@needs_pgbouncer
def test_a_pooler_that_lends_sessions_by_the_statement_is_refused_with_the_line_to_write(
    database: str,
) -> None:
    with pgbouncer(database, mode="statement") as pooled:
        refusing = Database(pooled)
        with pytest.raises(DatabaseRefused, match="write pool_mode = transaction"):
            prepare(refusing)
        refusing.close()


@needs_pgbouncer
def test_readiness_says_the_line_to_write_where_the_pooler_came_to_lend_sessions_by_the_statement(
    database: str,
) -> None:
    server = Database(database)
    prepare(server)
    server.close()
    with pgbouncer(database, mode="statement") as pooled:
        refusing = Database(pooled)
        trouble = str(find_trouble(refusing))
        refusing.close()
    assert "write pool_mode = transaction" in trouble
    assert "127.0.0.1" not in trouble


# A schema of its own


@pytest.mark.parametrize(
    "query", ["options=-csearch_path%3Dsales%2Cpublic", "options=-c%20search_path%3Dsales", "search_path=sales"]
)
def test_tables_are_where_the_url_says(database: str, query: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create schema sales")
        store = Store(f"{database}{'&' if '?' in database else '?'}{query}")
        prepare(store.database)
        found = connection.execute("select distinct schemaname from pg_tables where tablename = 'leads'").fetchall()
    assert found == [("sales",)]
    assert find_trouble(store.database) is None
    store.database.close()


def test_a_schema_that_is_not_there_is_named_as_what_is_wrong(database: str) -> None:
    elsewhere = Database(f"{database}{'&' if '?' in database else '?'}search_path=nowhere")
    with pytest.raises(StoreUnavailable, match="search_path names no schema that is there"):
        prepare(elsewhere)
    elsewhere.close()


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (r"-c search_path=a\ b,public", {"search_path": "a b,public"}),
        ("-clock_timeout=3s --work-mem=64MB", {"lock_timeout": "3s", "work_mem": "64MB"}),
        ('-csearch_path="My Schema"'.replace(" ", r"\ "), {"search_path": '"My Schema"'}),
    ],
)
def test_options_are_read_as_libpq_reads_them(options: str, settings: dict[str, str]) -> None:
    url = make_url("postgresql://u@h/d").update_query_dict({"options": options})
    address = read_address(url.render_as_string())
    assert address.settings == settings
    assert "options" not in address.url.query


def test_options_that_cannot_be_read_are_refused_without_the_url() -> None:
    with pytest.raises(DatabaseRefused, match="its options cannot be read") as refused:
        read_address("postgresql://u:s3cret@h/d?options=-c")
    assert "s3cret" not in str(refused.value)


# Made by many at once


def test_of_many_that_prepare_one_empty_database_at_once_one_makes_it(unprepared_url: str) -> None:
    command = [sys.executable, "-c", PREPARE, unprepared_url]
    racing = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(5)
    ]
    time.sleep(1)
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[1] for process in racing]
    assert [process.returncode for process in racing] == [0] * 5, told
    database = Database(unprepared_url)
    assert version_of(database) == newest()
    database.close()


# Why it is away


def test_what_keeps_the_server_from_being_used_is_named_without_secrets(postgresql: str) -> None:
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("drop role if exists locked_out")
        connection.execute("create role locked_out nologin")
    url = make_url(postgresql)
    wrong = {
        url.set(database="no_such"): "there is no such database",
        url.set(username="nobody_here", password="s3cret"): "does not take the user",
        url.set(username="locked_out"): "does not take the user|not let this user",
        make_url("postgresql://u:s3cret@127.0.0.1:1/d"): "nobody listens at its address",
        make_url("postgresql://u:s3cret@no-such-host.invalid/d"): "name of its host is not known",
    }
    for named, reason in wrong.items():
        database = Database(named.render_as_string(hide_password=False))
        with pytest.raises(StoreUnavailable, match=f"{REACHED}: .*({reason})") as away:
            version_of(database)
        assert not [secret for secret in ("s3cret", "nobody_here", "no_such", "127.0.0.1") if secret in str(away.value)]
        database.close()


def test_as_many_connections_as_a_user_or_a_database_may_have_are_named_as_that(postgresql: str) -> None:
    limited = databases.new_database(postgresql)
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("drop role if exists few_at_once")
        connection.execute("create role few_at_once login connection limit 0")
        connection.execute("drop role if exists many_at_once")
        connection.execute("create role many_at_once login")
        connection.execute(f"alter database {make_url(limited).database} connection limit 0")  # type: ignore[arg-type]
    for url in (
        make_url(postgresql).set(username="few_at_once"),
        make_url(limited).set(username="many_at_once"),
    ):
        database = Database(url.render_as_string(hide_password=False))
        with pytest.raises(StoreUnavailable, match="the server has as many connections as it takes"):
            version_of(database)
        database.close()


def test_a_schema_of_a_later_version_is_named_as_later(database_url: str) -> None:
    store = Store(database_url)
    prepare(store.database)
    with store.database.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '999'")
    with pytest.raises(SchemaOutdated, match="schema 999, which is later than"):
        prepare(store.database)
    assert "later than" in str(find_trouble(store.database))
    store.database.close()


def test_readiness_says_that_the_database_is_down_and_which_part_of_it(model: ScoringModel) -> None:
    with databases.postgresql_server() as server:
        database_url = databases.new_database(server.url)
        with served(create_app(Settings(database_url=database_url, open=True), Models(model))) as url:
            database = make_url(database_url).database
            _rename(server.url, database, "elsewhere")
            assert "store: the database cannot be reached: there is no such database" in _detail(url)
            assert _store_up(url) == 0
            _rename(server.url, "elsewhere", database)
            _wait_until_ready(url)
            with _stopped(server.url):
                assert "store: the database cannot be reached" in _detail(url)
                assert _store_up(url) == 0
            _wait_until_ready(url)
            server.stop()
            assert "store: the database cannot be reached: nobody listens" in _detail(url)
            assert httpx2.get(f"{url}/healthz").status_code == 200
            assert _store_up(url) == 0
            server.start()
            _wait_until_ready(url)
            assert _store_up(url) == 1


@contextmanager
def _stopped(server: str) -> Iterator[None]:
    """Every process of the server hangs; its kernel still takes connections."""
    with psycopg.connect(server, autocommit=True) as connection:
        rows = connection.execute("select pid from pg_stat_activity where backend_type = 'client backend'")
        own = connection.info.backend_pid
        postmaster = int(Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()[1])
        hanging = [postmaster, *(pid for (pid,) in rows if pid != own)]
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in hanging:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _rename(server: str, database: str, to: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])
        for _ in range(50):
            try:
                connection.execute(f'alter database "{database}" rename to "{to}"')
            except psycopg.errors.ObjectInUse:
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database]
                )
            else:
                return
        raise AssertionError("somebody always was in it")


def _detail(url: str) -> str:
    time.sleep(1.1)  # readiness remembers what it found for a second
    answer = httpx2.get(f"{url}/readyz", timeout=10)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:leads:problem:store-unavailable"
    return answer.json()["detail"]


def _store_up(url: str) -> float:
    lines = httpx2.get(f"{url}/metrics", timeout=10).text.splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith("leads_store_up ")))


def _wait_until_ready(url: str) -> None:
    end = time.monotonic() + 30
    while httpx2.get(f"{url}/readyz", timeout=10).status_code != 200:
        assert time.monotonic() < end, "it did not recover"
        time.sleep(0.2)
