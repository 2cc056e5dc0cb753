"""Rows of a table that are drawn by chance, each as likely, without reading all of it."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

DRAWS = 50


class Drawn(FunctionElement[bool]):
    """Whether a row is at one of `DRAWS` places of its table, each as likely; made of a column, for the table's name.

    What a row says does not change where it is, so of those that also meet a condition each is as likely. Places may
    be empty: of few rows none may be drawn, and then all are to be asked. It is not typed as a boolean, which SQLite
    would be asked to compare with 1: then it reads every row.
    """

    inherit_cache = True


def _table_of(element: Any) -> str:
    (column,) = element.clauses
    return str(column.table.name)


@compiles(Drawn, "sqlite")
def _in_sqlite(element: Any, *_: Any, **__: Any) -> str:
    """By numbers up to the highest one that a row has."""
    table = _table_of(element)
    place = f"1 + abs(random() % (SELECT max(rowid) FROM {table}))"  # noqa: S608 - a name of ours
    turns = f"SELECT 1 AS turn UNION ALL SELECT turn + 1 FROM turns LIMIT {DRAWS}"  # noqa: S608 - as above
    return f"{table}.rowid IN (WITH RECURSIVE turns AS ({turns}) SELECT {place} FROM turns)"  # noqa: S608 - as above


@compiles(Drawn, "postgresql")
def _in_postgresql(element: Any, *_: Any, **__: Any) -> str:
    """By a page and a row of it: each takes 28 bytes at least, for its pointer and its header."""
    table, size = _table_of(element), "current_setting('block_size')::int"
    page = f"floor(random() * (pg_relation_size('{table}') / {size}))"
    place = f"('(' || {page} || ',' || 1 + floor(random() * ({size} / 28)) || ')')::tid"
    return f"{table}.ctid = ANY(ARRAY(SELECT {place} FROM generate_series(1, {DRAWS})))"  # noqa: S608 - as above
