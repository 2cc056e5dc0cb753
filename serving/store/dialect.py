"""What the two databases write differently, written once."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    any_,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from serving.store.tables import Row

DAY_US = 86_400_000_000


def insert_unless(connection: Connection, table: Table, row: Row, overwritable: ColumnElement[bool]) -> bool:
    """Insert a row; where its primary key is there, overwrite what may be overwritten. Whether it stands then."""
    insert = _insert(connection.dialect.name, table).values(row)
    keys = list(table.primary_key.columns)
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column not in keys}
    statement = insert.on_conflict_do_update(index_elements=keys, set_=rest, where=overwritable)
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def add_to(connection: Connection, table: Table, rows: Sequence[Row], column: str) -> None:
    """Insert rows; where the primary key is there, add a column's number to what stands."""
    if not rows:
        return
    insert = _insert(connection.dialect.name, table)
    added = {column: table.c[column] + insert.excluded[column]}
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=added)
    connection.execute(statement, rows)


def lock_name(connection: Connection, kind: int, name: str) -> None:
    """Keep others who lock the same name waiting until the commit; SQLite lets one writer in anyway.

    `kind` tells what is locked, so that an agent and something else of the same name do not meet.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(kind, func.hashtext(name))))


def among(connection: Connection, column: Column[Any], wanted: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of many texts, as one parameter: a statement of thousands is parsed and kept anew."""
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps([*wanted])).table_valued("value").c.value))
    return column == any_(cast(literal([*wanted], ARRAY(Text)), ARRAY(Text)))


def _insert(dialect: str, table: Table) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


class Microseconds(FunctionElement[int]):
    """A moment in microseconds since 1970, to take exact differences of."""

    type = BigInteger()
    inherit_cache = True


@compiles(Microseconds, "sqlite")
def _microseconds_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    """Moments are kept as text with six decimals of a second, which `strftime` would round."""
    moment = compiler.process(element.clauses, **options)
    seconds = f"CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(substr({moment}, 21, 6) AS INTEGER))"


@compiles(Microseconds, "postgresql")
def _microseconds_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"(extract(epoch from {compiler.process(element.clauses, **options)}) * 1000000)::bigint"


class Unindexed(FunctionElement[Any]):
    """A column that SQLite is not to read along an index by: it knows no counts, and takes each value for rare."""

    inherit_cache = True


@compiles(Unindexed)
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(Unindexed, "sqlite")
def _unindexed_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"
