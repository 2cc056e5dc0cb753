"""What is said where it cannot be told which column is the outcome, or which of its values mean won."""

import shlex
from collections.abc import Sequence

from features.errors import Problem, TableRefused
from features.schema_inference.columns import Column

MOST_VALUES = 50
"""Different values up to which a column may be an outcome, and is listed."""
SHOWN_VALUES = 8
SHOWN_COLUMNS = 30

HOW_TO_SAY_WON = "Say which mean won with --outcome '{name}=VALUE,VALUE'"
HOW_TO_SAY_ANY = "If only won leads have one, say so with --outcome '{name}=*'"


def refuse_untold(
    candidates: Sequence[Column],
    columns: Sequence[Column],
    table: str,
    example: str,
    some: Sequence[Column] = (),
) -> TableRefused:
    """The refusal of a table whose outcome cannot be told: the candidates, what they hold, and a command.

    `example` is what may stand behind --outcome; `some` are columns of many values that only some leads have.
    """
    filled = [
        Problem(f"{_list_fill(column)}. {HOW_TO_SAY_ANY.format(name=column.name)}", column.name) for column in some
    ]
    if not candidates and filled:
        return TableRefused([Problem("it cannot be told which column is the outcome"), *filled[:SHOWN_COLUMNS]], table)
    if not candidates:
        detail = f"no column looks like an outcome; the table has {list_names(columns)}"
        return TableRefused([Problem(f"{detail}. {HOW_TO_SAY_WON.format(name='COLUMN')}")], table)
    detail = "it cannot be told which column is the outcome; choose one with --outcome COLUMN"
    command = f"leads init {shlex.quote(table)} --outcome '{example}'"
    head = Problem(f"{detail}, or with --outcome 'COLUMN=VALUE' to say which value means won, such as: {command}")
    listed = [Problem(f"holds {list_values(column)}", column.name) for column in candidates[:SHOWN_COLUMNS]]
    return TableRefused([head, *listed, *filled[:SHOWN_COLUMNS]], table)


def _list_fill(column: Column) -> str:
    return f"is filled for {column.fill:.0%} of the leads"


def refuse_only_open(column: Column, table: str) -> TableRefused:
    """The refusal of a table whose leads are all still open, by the column that says so."""
    detail = (
        f"it says that every lead is still open ({list_values(column)}), so there is no won or lost lead to learn "
        "from. Export closed leads too, or give the table that says what became of them with --outcomes"
    )
    return TableRefused([Problem(detail, column.name)], table)


def refuse_only(column: Column, lacking: str, table: str) -> TableRefused:
    """The refusal of a table whose leads all ended alike, by the column that says so; `lacking` are other states."""
    detail = (
        f"says {column.texts[0][:30]!r} of every lead, so there is no {lacking} lead to learn from. Export those too, "
        "or choose another column with --outcome COLUMN"
    )
    return TableRefused([Problem(detail, column.name)], table)


def list_names(columns: Sequence[Column]) -> str:
    """The names of the first twenty columns."""
    shown = ", ".join(repr(column.name) for column in columns[:20])
    return f"{shown}{' …' if len(columns) > 20 else ''}"


def list_values(column: Column) -> str:
    """The values of a column with their counts, the most frequent first; how many, where they are many."""
    if len(column.texts) > MOST_VALUES:
        return f"{len(column.texts):,} different values"
    shown = [f"{text[:30]!r} ({count:,})" for text, count in zip(column.texts, column.counts, strict=True)]
    return ", ".join(shown[:SHOWN_VALUES]) + (
        f" and {len(shown) - SHOWN_VALUES} more" if len(shown) > SHOWN_VALUES else ""
    )
