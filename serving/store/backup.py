"""A copy of the store as it is at one moment, made while others read and write, and a copy brought into a new place."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, select
from sqlalchemy.pool import NullPool

from features.errors import Refused
from features.whole_files import replace_private_file
from serving.store.connection_errors import is_damaged
from serving.store.database import Database
from serving.store.tables import metadata

ReportShare = Callable[[float], None]

HEAD = b"SQLite format 3\0"
BATCH_PAGES = 2_000
BATCH_ROWS = 5_000


class CopyRefused(Refused):
    """A copy that cannot be made or is none, or a place that a copy cannot be brought into."""


@dataclass(frozen=True)
class CopyFacts:
    """What a copy holds: its schema's version, and how many leads."""

    schema: str
    leads: int


def copy_sqlite(database: Database, path: Path, report_share: ReportShare) -> CopyFacts:
    """Write the SQLite store into an empty file, in one read transaction: writers neither wait nor appear in it.

    Raises:
        CopyRefused: where there is no room for the copy, or no store in the file.
        StoreUnavailable: where the store itself cannot be read.
    """

    def report_pages(_: int, remaining: int, total: int) -> None:
        report_share(1 - remaining / total)

    with database.reading() as connection, closing(sqlite3.connect(path)) as copy:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the transaction's moment is now
        driver: Any = connection.connection.driver_connection
        try:
            driver.backup(copy, pages=BATCH_PAGES, progress=report_pages)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                raise CopyRefused(f"{path.parent}: there is no room for the copy") from error
            raise
    return read_copy(path)


def read_copy(path: Path) -> CopyFacts:
    """What an SQLite copy holds, once every page and index of it was looked at.

    Raises:
        CopyRefused: where it is damaged, or no store.
    """
    try:
        with closing(_open_copy(path)) as copy:
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise CopyRefused(f"{path} is damaged: {verdict}; take another copy")
            (schema,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            (leads,) = copy.execute("SELECT count(*) FROM leads").fetchone()
    except sqlite3.DatabaseError as error:
        what = "is damaged; take another copy" if is_damaged(error) else "is no copy of a store"
        raise CopyRefused(f"{path} {what}") from error
    return CopyFacts(str(schema), int(leads))


def is_sqlite_copy(path: Path) -> bool:
    """Whether a file begins as SQLite's do."""
    with path.open("rb") as file:
        return file.read(len(HEAD)) == HEAD


def check_is_free(place: Path) -> None:
    """Refuse a place for an SQLite store where one is, or where one left its log: it would be read into the copy.

    Raises:
        CopyRefused: naming the files that are there.
    """
    beside = [place.with_name(place.name + ending) for ending in ("", "-wal", "-shm", "-journal")]
    if there := [str(file) for file in beside if file.exists()]:
        raise CopyRefused(
            f"LEADS_DATABASE_URL: {', '.join(there)} {'is' if len(there) == 1 else 'are'} there; "
            "stop the service, move all of it away, then restore"
        )


def restore_sqlite(path: Path, place: Path) -> None:
    """Put a copy in a store's place, whole or not at all, for its owner only: it holds personal data."""
    with replace_private_file(place) as draft:
        shutil.copyfile(path, draft)


def copy_rows(path: Path, connection: Connection, report_share: ReportShare) -> None:
    """Write every row of an SQLite copy into the empty tables of a server's store of the same schema."""
    source = create_engine("sqlite://", creator=lambda: _open_copy(path), poolclass=NullPool)
    with source.connect() as copy:
        for number, table in enumerate(metadata.sorted_tables):
            rows = copy.execution_options(yield_per=BATCH_ROWS).execute(select(table)).mappings()
            for batch in rows.partitions():
                connection.execute(insert(table), [dict(row) for row in batch])
            report_share((number + 1) / len(metadata.sorted_tables))


def _open_copy(path: Path) -> sqlite3.Connection:
    """A connection that only reads, to a file of any name: `as_uri` quotes what means something in a URI."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
