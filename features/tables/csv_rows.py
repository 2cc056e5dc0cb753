"""The rows of a CSV text, numbered as people count them, and what may be wrong with a row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from features.errors import Problem, TableRefused

UNCLOSED = "a quoted value that is never closed begins here"
HELD_ROWS = "a value holds whole rows: a quote is missing or too many"

END = ["\x1e"]
"""A line behind the last one, which becomes a row of its own unless a quote is open."""
CHUNK_ROWS = 5_000
"""Rows that are held at once."""

Row = Sequence[str]
NumberedRow = tuple[int, Row]


def numbered_rows(lines: Iterable[str], delimiter: str, table: str = "") -> Iterator[tuple[int, list[str]]]:
    """All rows, counted from 1.

    Raises:
        TableRefused: after the last row, where a quote is open at the end.
    """
    for first, rows in row_chunks(lines, delimiter, table):
        yield from ((number, row) for number, row in enumerate(rows, first) if row != END)


def row_chunks(lines: Iterable[str], delimiter: str, table: str = "") -> Iterator[tuple[int, list[list[str]]]]:
    """All rows in lists of some thousands, each with the number of its first row, counted from 1.

    Where a row is `END`, there is none: it only counts.

    Raises:
        TableRefused: after the last row, where a quote is open at the end.
    """
    reader = csv.reader(chain(lines, END), delimiter=delimiter)
    first, last = 1, END
    while True:
        rows: list[list[str]] = []
        try:
            rows.extend(islice(reader, CHUNK_ROWS))
        except csv.Error:  # a value beyond the limit of the csv module, as only lost rows make it
            yield first, rows
            raise TableRefused([Problem(UNCLOSED, rows=(first + len(rows),))], table) from None
        if not rows:
            break
        yield first, rows
        first, last = first + len(rows), rows[-1]
    if last != END:
        raise TableRefused([Problem(UNCLOSED, rows=(first - 1,))], table)


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
