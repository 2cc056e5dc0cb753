"""Rows into a table by statements that are made once: SQLAlchemy's work for each value costs more than the row.

PostgreSQL gets all rows as one JSON text, which it reads into the table's own types: one round trip, one plan. SQLite
gets a tuple for each row, for its own parsing of numbers is not exact to the last bit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import JSON, Connection, Dialect, Table, bindparam, column, func, select
from sqlalchemy.dialects import postgresql, sqlite

from serving.store.moment_texts import plain_texts, zoned_texts
from serving.store.tables import Row
from stats.types import Times

Columns = Mapping[str, Sequence[Any] | Times]
"""Rows as columns (n,) by their names; times may be arrays in UTC, with NaT for none."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, all of the same columns."""
    if rows:
        _insert(connection.dialect, table, tuple(rows[0])).run(connection, rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose primary key is not there yet; how many that were."""
    if not rows:
        return 0
    return _insert(connection.dialect, table, tuple(rows[0]), ()).run(connection, rows)


def insert_new_columns(connection: Connection, table: Table, columns: Columns) -> int:
    """`insert_new` of rows that are given as columns."""
    return _insert(connection.dialect, table, tuple(columns), ()).run_columns(connection, columns)


def upsert_columns(connection: Connection, table: Table, columns: Columns, changing: Iterable[str]) -> None:
    """`upsert` of rows that are given as columns; no two of the same key."""
    _insert(connection.dialect, table, tuple(columns), tuple(changing)).run_columns(connection, columns)


def upsert(connection: Connection, table: Table, rows: Sequence[Row], changing: Iterable[str]) -> None:
    """Insert rows; where the primary key is there, overwrite the columns named. Of equal keys the last row stands."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    last = {tuple(row[key] for key in keys): row for row in rows}  # PostgreSQL changes no row twice in a statement
    _insert(connection.dialect, table, tuple(rows[0]), tuple(changing)).run(connection, [*last.values()])


@dataclass(frozen=True, slots=True)
class _JsonInsert:
    """An insert of a list of rows as one value."""

    statement: Any

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """How many rows were written."""
        return connection.execute(self.statement, {"rows": rows}).rowcount

    def run_columns(self, connection: Connection, columns: Columns) -> int:
        """How many rows were written."""
        values = [zoned_texts(held) if isinstance(held, np.ndarray) else held for held in columns.values()]
        return self.run(connection, [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)])


@dataclass(frozen=True, slots=True)
class _TupleInsert:
    """An insert of a tuple for each row; `converters` make what the driver takes of a column's values."""

    statement: str
    converters: Sequence[tuple[str, Callable[[Any], Any] | None]]

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """How many rows were written."""
        return self.run_columns(connection, {name: [row[name] for row in rows] for name in rows[0]})

    def run_columns(self, connection: Connection, columns: Columns) -> int:
        """How many rows were written."""
        values = [_converted(columns[name], convert) for name, convert in self.converters]
        rows = [*zip(*values, strict=True)]
        return connection.exec_driver_sql(self.statement, rows).rowcount if rows else 0


def _converted(held: Sequence[Any] | Times, convert: Callable[[Any], Any] | None) -> Sequence[Any]:
    if isinstance(held, np.ndarray):
        return plain_texts(held)
    return held if convert is None else [*map(convert, held)]


@lru_cache
def _insert(
    dialect: Dialect, table: Table, names: tuple[str, ...], changing: tuple[str, ...] | None = None
) -> _JsonInsert | _TupleInsert:
    """The insert of these columns; where a key is there, `changing` is overwritten, or nothing if that names none."""
    if dialect.name == "sqlite":
        insert = _unless_there(sqlite.insert(table).values({name: bindparam(name) for name in names}), table, changing)
        compiled = insert.compile(dialect=dialect)
        types = ((name, table.c[name].type.dialect_impl(dialect)) for name in compiled.positiontup)
        return _TupleInsert(str(compiled), [(name, one.bind_processor(dialect)) for name, one in types])
    typed = (column(name, table.c[name].type) for name in names)
    given = func.json_to_recordset(bindparam("rows", type_=JSON)).table_valued(*typed).render_derived(with_types=True)
    insert = postgresql.insert(table).from_select(names, select(*given.c))
    return _JsonInsert(_unless_there(insert, table, changing).execution_options(preserve_rowcount=True))


def _unless_there(insert: Any, table: Table, changing: tuple[str, ...] | None) -> Any:
    if changing is None:
        return insert
    keys = list(table.primary_key.columns)
    if not changing:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in changing})
