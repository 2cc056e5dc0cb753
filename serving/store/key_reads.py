"""The quickest way to all keys, for each kind of database: every request asks for them."""

import sqlite3
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection

from serving.store.database import Database
from serving.store.keys import ALL, Keys, all_keys, keys_from_rows

STATEMENT = str(ALL)
"""Compiled once: that takes longer than to run it."""


class KeyReads(Protocol):
    """Reads all keys as they are at the moment of asking."""

    def at_once(self) -> Keys | None:
        """The keys where that takes microseconds, so that it can be done on the event loop; else None."""

    def read(self) -> Keys:
        """The keys, in a thread; raises `StoreUnavailable`."""

    def close(self) -> None:
        """Give the connection back."""


def open_key_reads(database: Database) -> KeyReads:
    """The reads that suit the database."""
    return SqliteKeyReads(database) if database.is_sqlite else PostgresqlKeyReads(database)


class SqliteKeyReads:
    """Of an SQLite file: it is asked whether anything was committed, and read again only then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = f"{Path(str(database.url.database)).resolve().as_uri()}?mode=rw"
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._keys: Keys = {}

    def at_once(self) -> Keys | None:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._file, timeout=0, uri=True, check_same_thread=False)
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._keys = keys_from_rows(self._connection.execute(STATEMENT))
                self._version = version
        except sqlite3.Error:  # such as a file that is locked; `read` waits for it
            return None
        return self._keys

    def read(self) -> Keys:
        with self._database.reading() as connection:
            return all_keys(connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresqlKeyReads:
    """Of a PostgreSQL server: one round trip, over a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pooled: PoolProxiedConnection | None = None
        self._driver_error: type[Exception] = database.readers.dialect.loaded_dbapi.Error

    def at_once(self) -> Keys | None:
        return None

    def read(self) -> Keys:
        if self._database.address.settings:  # such as a search_path, which holds in a transaction only
            with self._database.reading() as connection:
                return all_keys(connection)
        try:
            return keys_from_rows(self._connection().execute(STATEMENT))
        except (DBAPIError, PoolTimeout, self._driver_error):
            self.close()
            with self._database.reading() as connection:  # a server that was only restarted is found again
                return all_keys(connection)

    def _connection(self) -> Any:
        if self._pooled is None:
            self._pooled = self._database.readers.raw_connection()
        return self._pooled.driver_connection

    def close(self) -> None:
        if self._pooled is not None:
            self._pooled.invalidate()  # it may be broken
            self._pooled = None
