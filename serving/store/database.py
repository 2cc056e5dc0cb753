"""Connections to the store's database: SQLite in one file by default, PostgreSQL by its URL.

SQLite runs with a write-ahead log and a full sync at each commit, so a commit that was answered outlives a power cut.
PostgreSQL may stand behind a pooler that gives each transaction another session: nothing is prepared, and nothing
set, for longer than a transaction.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from serving.store.connection_errors import DISK_FULL, READ_ONLY, has_room, is_damaged, is_unavailable, reason_of
from serving.store.errors import StoreUnavailable
from serving.store.url import DatabaseDamaged, DatabaseRefused, read_address

BUSY_SECONDS = 10
FORGET_BUSY_MS = 50
"""How long emptying the log may keep writers waiting for readers that are about to end."""
WRITER_CACHE_KIB = 65_536
"""How much of an SQLite file its writer keeps in memory: indexes of a million leads don't fit into SQLite's 2 MB."""
CONNECT_SECONDS = 3
STATEMENT_MS = 60_000
CHANGED = "leads: changed rows"
MIGRATION_LOCK = 5_303_180_117
"""Any number that other programs on the same PostgreSQL are unlikely to lock."""
SPILL = (
    "SELECT set_config('work_mem', '64kB', true), set_config('temp_tablespaces', '', true)",
    "SELECT count(*) FROM (SELECT md5(number::text) FROM generate_series(1, 30000) AS number ORDER BY 1) AS sorted",
)
"""A sort that PostgreSQL does in a megabyte of the database's own disk: it leaves nothing, and takes no privilege."""


class Database:
    """Engines on one database: readers, the single writer of this process, and one to see whether it is there."""

    def __init__(self, url: str) -> None:
        self.address = read_address(url)
        self.url, self.is_sqlite = self.address.url, self.address.is_sqlite
        self.readers = self._engine(begin="BEGIN", isolation="REPEATABLE READ", connections=8)
        self.writer = self._engine(begin="BEGIN IMMEDIATE", isolation="READ COMMITTED", connections=2)
        self._check = self._engine(begin="BEGIN", isolation="READ COMMITTED", connections=1)
        self.write_trouble: str | None = None
        """Why the last write was not stored; None after one that was. One that changed nothing tells nothing."""
        if self.is_sqlite:
            event.listen(self.writer, "connect", _widen_cache)
        else:
            event.listen(self.writer, "after_cursor_execute", _note_change)

    @property
    def missing_file(self) -> Path | None:
        """The SQLite file that the first connection would make; None where it is there, or the database a server."""
        return self.address.file if self.is_sqlite and not self.address.file.exists() else None

    def _engine(self, begin: str, isolation: str, connections: int) -> Engine:
        if not self.is_sqlite:
            return self._server_engine(isolation, connections)
        engine = create_engine(
            self.url,
            hide_parameters=True,
            json_serializer=_json_text,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    def _server_engine(self, isolation: str, connections: int) -> Engine:
        try:
            engine = create_engine(
                self.url,
                hide_parameters=True,
                json_serializer=_json_text,
                isolation_level="AUTOCOMMIT",  # the driver's; `_make_begin` begins each transaction
                pool_size=connections,
                max_overflow=0,
                connect_args={"connect_timeout": CONNECT_SECONDS, "prepare_threshold": None},
            )
        except ImportError as missing:
            raise DatabaseRefused(
                "LEADS_DATABASE_URL names PostgreSQL, whose driver is not installed: "
                'pip install "lead-scoring[postgres]"'
            ) from missing
        settings = {"statement_timeout": str(STATEMENT_MS), **self.address.settings}
        event.listen(engine, "begin", _make_begin(isolation, settings))
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database; raises `StoreUnavailable`."""
        with self._translate_errors(), _begin(self.readers) as connection:
            yield connection

    @contextmanager
    def checking(self) -> Iterator[Connection]:
        """`reading` over a connection that many slow readers do not keep busy."""
        with self._translate_errors(), _begin(self._check) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block, whole or not at all; raises `StoreUnavailable`."""
        try:
            with self._translate_errors(), _begin(self.writer) as connection:
                before = self._count_changes(connection)
                yield connection
                has_changed = self._count_changes(connection) > before
        except StoreUnavailable as away:
            self.write_trouble = str(away)
            raise
        if has_changed:
            self.write_trouble = None

    def _count_changes(self, connection: Connection) -> int:
        """How many rows were changed over a connection so far."""
        if self.is_sqlite:
            driver: Any = connection.connection.driver_connection
            return int(driver.total_changes)
        return int(connection.info.get(CHANGED, 0))

    def check_takes_writes(self) -> None:
        """Try what a write needs, without one: whether it is allowed, and after one that failed whether there is room.

        Raises:
            StoreUnavailable: saying what is missing.
        """
        if self.is_sqlite:
            self._check_file_takes_writes()
        else:
            self._check_server_takes_writes()

    def _check_file_takes_writes(self) -> None:
        if not has_room(self.address.file):
            raise StoreUnavailable(DISK_FULL)
        if self.write_trouble is not None:
            with self.writing():
                pass

    def _check_server_takes_writes(self) -> None:
        with self.checking() as connection:
            if connection.scalar(text("SELECT current_setting('transaction_read_only')")) == "on":
                raise StoreUnavailable(READ_ONLY)
            if self.write_trouble == DISK_FULL:  # what else can be wrong, reading or the setting tells
                for statement in SPILL:
                    connection.execute(text(statement))

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """`writing`, by one process at a time: another's comes after this one is committed. No statement is timed."""
        with self.writing() as connection:
            if not self.is_sqlite:  # where BEGIN IMMEDIATE lets one in, for as long as the others are patient
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            yield connection

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable("all connections to the database are busy") from error
        except sqlite3.DatabaseError as error:  # of the first look at the file, which SQLAlchemy does not translate
            raise self._refusal_of(error) from error
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.DatabaseError) and is_damaged(error.orig):
                raise self._refusal_of(error.orig) from error
            if _is_one_statement_at_a_time(error):
                raise DatabaseRefused(
                    "LEADS_DATABASE_URL: the pooler lets no transaction through; write pool_mode = transaction "
                    "into its configuration, or name the server itself"
                ) from error
            if is_unavailable(error):
                raise StoreUnavailable(self._reason(error.orig)) from error
            raise

    def _reason(self, error: BaseException | None) -> str:
        return reason_of(error, self.address.file if self.is_sqlite else None)

    def _refusal_of(self, error: sqlite3.DatabaseError) -> Exception:
        if not is_damaged(error):
            return StoreUnavailable(self._reason(error))
        return DatabaseDamaged(
            f"LEADS_DATABASE_URL: {self.address.file} is no SQLite database, or a damaged one; "
            "name another file, or bring back a copy"
        )

    def forget(self) -> bool:
        """Empty SQLite's write-ahead log, where erased rows still stand; False while somebody reads what it held.

        A writer waits for `FORGET_BUSY_MS` at most. PostgreSQL needs nothing of this kind.
        """
        if not self.is_sqlite:
            return True
        with self._translate_errors(), self.readers.connect() as connection:
            driver: Any = connection.connection
            driver.execute(f"PRAGMA busy_timeout = {FORGET_BUSY_MS}")
            try:
                (busy, *_) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        return not busy

    def close(self) -> None:
        """Give all connections back."""
        for engine in (self.readers, self.writer, self._check):
            engine.dispose()


@contextmanager
def _begin(engine: Engine) -> Iterator[Connection]:
    """A transaction that is committed at the end of the block.

    Where its connection died since it was used last, it is begun on a new one: to ask each time whether a connection
    lives would be a round trip more.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(engine.connect())
        try:
            transaction = connection.begin()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            connection = stack.enter_context(engine.connect())
            transaction = connection.begin()
        with transaction:
            yield connection


def _json_text(value: object) -> str:
    return to_json(value).decode()


def _make_begin(isolation: str, settings: dict[str, str]) -> Callable[[Connection], None]:
    """Begins a transaction and sets what holds in it, in one round trip."""
    quoted = ((name.replace("'", "''"), value.replace("'", "''")) for name, value in settings.items())
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in quoted)
    statement = f"BEGIN ISOLATION LEVEL {isolation}; SELECT {calls}"

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True}).close()

    return begin


def _note_change(connection: Connection, cursor: Any, *_: object) -> None:
    """Count what a statement changed, by what the server says that it did: a statement may begin with WITH."""
    if cursor.rowcount > 0 and cursor.statusmessage.startswith(("INSERT", "UPDATE", "DELETE")):
        connection.info[CHANGED] = connection.info.get(CHANGED, 0) + cursor.rowcount


def _is_one_statement_at_a_time(error: DBAPIError) -> bool:
    return "statement pooling mode" in str(error.orig)


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, not the driver's
    _write_ahead(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _widen_cache(connection: Any, _: object) -> None:
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")


def _write_ahead(connection: Any) -> None:
    """Switch to the write-ahead log, which stays in the file. SQLite itself is not patient with others who do."""
    patient_until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not is_busy or time.monotonic() > patient_until:
                raise
            time.sleep(0.05)
