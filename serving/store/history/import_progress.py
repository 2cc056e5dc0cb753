"""How far each imported table was read, committed with its rows: an import that was cut short goes on from there."""

from datetime import datetime

from sqlalchemy import Connection, distinct, exists, func, select, text, update

from features.errors import Refused
from features.tables.import_tables import FactTable
from serving.store import tables
from serving.store.row_inserts import insert_new
from serving.store.tables import imports

LOG_PAGES = 32_768
"""How many pages of SQLite's log an import gathers, 128 MB; by itself SQLite gathers `SQLITE_LOG_PAGES`."""
SQLITE_LOG_PAGES = 1_000


class ImportOvertaken(Refused):
    """Another import of the same table runs at the same time."""


def find(connection: Connection, table: FactTable) -> int | None:
    """How many rows of the table are in; None where all are."""
    mine = (imports.c.file_hash == table.fingerprint, imports.c.kind == table.kind)
    row = connection.execute(select(imports).where(*mine)).one_or_none()
    if row is None:
        return 0
    return None if row.finished_at else int(row.rows_done)


def advance(connection: Connection, table: FactTable, before: int, after: int) -> None:
    """Note how far the table is in; raises `ImportOvertaken` where another import moved it meanwhile."""
    key = {"file_hash": table.fingerprint, "kind": table.kind}
    insert_new(connection, imports, [{**key, "rows_done": 0}])
    unmoved = update(imports).filter_by(**key, rows_done=before, finished_at=None)
    if connection.execute(unmoved.values(rows_done=after)).rowcount != 1:
        raise ImportOvertaken(f"{table.name} is being imported by another `leads import-history`; let that one finish")


def lock_erased(connection: Connection) -> None:
    """Have nobody erased before this transaction ends, who would be brought back by it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE erased IN SHARE MODE"))


def gather_log(connection: Connection, pages: int) -> None:
    """Have SQLite's log hold so many pages before they go into the file, from this commit on.

    Ids are hashes, so commit after commit changes the same pages of their index: they go into the file once for many.
    A commit is synced in the log as ever.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {pages}").close()


def count_unknown_leads(connection: Connection, kind: str) -> int:
    """How many leads that contacts or outcomes name are not in the store."""
    table = {"contacts": tables.contacts, "outcomes": tables.outcomes}.get(kind)
    if table is None:
        return 0
    arrived = exists().where(tables.leads.c.lead_id == table.c.lead_id)
    return int(connection.scalar(select(func.count(distinct(table.c.lead_id))).where(~arrived)) or 0)


def finish(connection: Connection, table: FactTable, now: datetime) -> None:
    """Note that all of the table is in, and have it leave SQLite's log with this commit."""
    gather_log(connection, SQLITE_LOG_PAGES)
    mine = (imports.c.file_hash == table.fingerprint, imports.c.kind == table.kind)
    connection.execute(update(imports).where(*mine).values(finished_at=now))
