"""What the two databases write differently, written once."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from serving.store.tables import Row


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose primary key is not there yet; how many that were, where a single row is given."""
    if not rows:
        return 0
    statement = _insert(connection, table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted, rows[0] if len(rows) == 1 else rows).rowcount


def upsert(connection: Connection, table: Table, rows: Sequence[Row], changing: Iterable[str]) -> None:
    """Insert rows; where the primary key is there, overwrite the columns named."""
    if not rows:
        return
    insert = _insert(connection, table)
    statement = insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: insert.excluded[name] for name in changing}
    )
    connection.execute(statement, rows)


def _insert(connection: Connection, table: Table) -> Any:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
