"""The rows of a CSV text, numbered as people count them, and what may be wrong with a row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from features.errors import Problem, TableRefused

UNCLOSED = "a quoted value that is never closed begins here"
HELD_ROWS = "a value holds whole rows: a quote is missing or too many"

_END = "\x1e"
"""A line behind the last one, which becomes a row of its own unless a quote is open."""

Row = Sequence[str]
NumberedRow = tuple[int, Row]


def numbered_rows(lines: Iterable[str], delimiter: str, table: str = "") -> Iterator[tuple[int, list[str]]]:
    """All rows, counted from 1.

    Raises:
        TableRefused: after the last row, where a quote is open at the end.
    """
    rows = csv.reader(chain(lines, (_END,)), delimiter=delimiter)
    number, row = 0, [_END]
    try:
        for number, row in enumerate(rows, 1):
            if row != [_END]:
                yield number, row
    except csv.Error:  # a value beyond the limit of the csv module, as only lost rows make it
        raise TableRefused([Problem(UNCLOSED, rows=(number + 1,))], table) from None
    if row != [_END]:
        raise TableRefused([Problem(UNCLOSED, rows=(number,))], table)


def wrong_width(width: int, expected: int) -> str:
    """What is wrong with a row of another width than the header's."""
    return f"{width:,} value{'s' * (width != 1)} where the header has {expected:,}"


def is_header(row: Row, header: Row) -> bool:
    """Whether a row repeats the header, as in files that were put together; the later file's mark may precede it."""
    names = [value.removeprefix("\ufeff").strip() for value in row]
    return names == list(header)


def header_note(rows: Sequence[int]) -> str:
    """A note on rows that repeat the header and were left out."""
    if len(rows) == 1:
        return f"Row {rows[0]:,} repeats the header, as in files that were put together; it is left out."
    listed = ", ".join(f"{row:,}" for row in rows[:8]) + (" …" if len(rows) > 8 else "")
    return f"Rows {listed} repeat the header, as in files that were put together; they are left out."
