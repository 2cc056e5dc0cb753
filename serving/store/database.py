"""Connections to the store's database: SQLite in one file by default, PostgreSQL by its URL.

SQLite runs with a write-ahead log and a full sync at each commit, so a commit that was answered outlives a power cut.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from features.refused import Refused
from serving.store.errors import StoreUnavailable

BUSY_SECONDS = 10
CONNECT_SECONDS = 3
STATEMENT_MS = 60_000
UNAVAILABLE_STATES = ("08", "53", "57", "25006")
"""PostgreSQL's classes of error for lost connections, missing resources and operator's intervention; read-only."""


class DatabaseRefused(Refused):
    """A database URL that cannot be used."""


class Database:
    """Two engines on one database: readers, and the single writer of this process."""

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.readers = self._engine(begin="BEGIN", isolation="REPEATABLE READ", connections=8)
        self.writer = self._engine(begin="BEGIN IMMEDIATE", isolation="READ COMMITTED", connections=2)

    @property
    def missing_file(self) -> Path | None:
        """The SQLite file that the first connection would make; None where it is there, or the database a server."""
        file = Path(str(self.url.database)).resolve()
        return file if self.is_sqlite and not file.exists() else None

    def _engine(self, begin: str, isolation: str, connections: int) -> Engine:
        if not self.is_sqlite:
            arguments = {"connect_timeout": CONNECT_SECONDS, "options": f"-c statement_timeout={STATEMENT_MS}"}
            return create_engine(
                self.url,
                hide_parameters=True,
                isolation_level=isolation,
                pool_size=connections,
                max_overflow=0,
                pool_pre_ping=True,
                connect_args=arguments,
            )
        engine = create_engine(
            self.url,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database; raises `StoreUnavailable`."""
        with self._translated(), self.readers.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block, whole or not at all; raises `StoreUnavailable`."""
        with self._translated(), self.writer.begin() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable("all connections to the database are busy") from error
        except sqlite3.DatabaseError as error:  # of the first look at the file, which SQLAlchemy does not translate
            raise self._refused(error) from error
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.DatabaseError) and _is_damaged(error.orig):
                raise self._refused(error.orig) from error
            if is_unavailable(error):
                raise StoreUnavailable("the database cannot be reached") from error
            raise

    def _refused(self, error: sqlite3.DatabaseError) -> Exception:
        if not _is_damaged(error):
            return StoreUnavailable("the database cannot be reached")
        file = Path(str(self.url.database)).resolve()
        return DatabaseRefused(
            f"LEADS_DATABASE_URL: {file} is no SQLite database, or a damaged one; "
            "name another file, or bring back a copy"
        )

    def forget(self) -> None:
        """Empty SQLite's write-ahead log, where erased rows still stand; later, if readers hold it."""
        if self.is_sqlite:
            with self._translated(), self.readers.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give all connections back."""
        self.readers.dispose()
        self.writer.dispose()


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)  # errors of the driver itself have none
    return code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_unavailable(error: DBAPIError) -> bool:
    """Whether trying again later may help, unlike after a mistake in what was asked."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # psycopg gives no state where there is no server that could
        return type(error.orig).__name__ in {"OperationalError", "InterfaceError", "ConnectionTimeout"}
    return str(state).startswith(UNAVAILABLE_STATES)


def _checked(url: str) -> URL:
    try:
        made = make_url(url)
    except ArgumentError:
        raise DatabaseRefused("the database URL cannot be read; use sqlite:///leads.db or postgresql://…") from None
    backend = made.get_backend_name()
    if backend in ("postgresql", "postgres"):  # the second is how many hosts write it
        return made.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseRefused(f"{backend} is no database that this works on; use SQLite or PostgreSQL")
    if made.database in (None, "", ":memory:"):
        raise DatabaseRefused("a store in memory forgets what it acknowledged; name a file, as in sqlite:///leads.db")
    folder = Path(str(made.database)).resolve().parent
    if not folder.is_dir():
        raise DatabaseRefused(f"LEADS_DATABASE_URL: there is no folder {folder}; make it, or mend the path")
    return made


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, not the driver's
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
