"""The layout of a CSV table: its columns' names, a column that only numbers the rows, and how its rows usually look.

The rows at the beginning show how a row looks, so that what differs can be told from a lead: text in a report's footer
from an id, and a note of several lines from rows that a missing quote swallowed.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from features.errors import Problem, nameless_columns
from features.tables.csv_dialect import LOOKED_AT_CHARACTERS, Dialect
from features.tables.csv_rows import Row, is_header

GROUP_LINES = 2
"""So many rows above a repeated header may be of groups."""
FEWEST_COLUMNS = 3
"""A narrower table does not show what a row of it is."""

_FEWEST_ROWS, _MOST_ROWS, _MOST_CELLS = 30, 1_000, 50_000
_FIGURES = re.compile(r"[+-]?[\d\s.,:/%€$£-]*\d[\d\s.,:/%€$£TZ+-]*")
DATED = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
HEADERLESS = "its first row looks like a lead and not like the columns' names; add a row with their names above it"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's columns are called and look.

    `names` has a name for each column that is read, and `places` where it stands in the file; `blank` are the places of
    columns without a name or a value. `looks` has, for each column of the file, how its values look (`look_of`).
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    blank: tuple[int, ...]
    looks: tuple[frozenset[str], ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_layout(text: str, dialect: Dialect) -> Layout:
    """The layout of a text whose dialect is known, as its beginning shows it."""
    rows = _first_rows(text, dialect)
    header = list(dialect.header)
    looks = _looks_of_columns(rows, dialect.width)
    nameless = [place for place, name in enumerate(header) if not name]
    notes = list(dialect.notes)
    if _first_numbers_rows(header, rows):
        notes.append("Its first column has no name and only numbers the rows; it is left out.")
        nameless.remove(0)
    blank = tuple(place for place in nameless if not looks[place] - {""})
    places = [place for place, name in enumerate(header) if name]
    if inner := [str(place + 1) for place in blank if place < places[-1]]:
        which = f"Column {inner[0]} has" if len(inner) == 1 else f"Columns {', '.join(inner)} have"
        notes.append(f"{which} no name and no values, and {'is' if len(inner) == 1 else 'are'} left out.")
    read = [header[place] for place in places]
    names = _number_repeats(read)
    for old, new in zip(read, names, strict=True):
        if old != new:
            notes.append(f'Several columns are called "{old}"; one of them is read as "{new}".')
    if _is_headerless(dialect.header, rows):
        problems = [Problem(HEADERLESS)]
    else:  # whether a column that seems to be blank is so to the end, the readers see once all rows are read
        problems = nameless_columns([place for place in nameless if place not in blank])
    return Layout(tuple(names), tuple(places), blank, looks, tuple(notes), tuple(problems))


def holds_rows(value: str, delimiter: str, width: int) -> bool:
    """Whether lines within a value are as wide as rows of the table."""
    inner = value.splitlines()[1:-1]
    return width >= FEWEST_COLUMNS and any(line.count(delimiter) >= width - 1 for line in inner)


def has_swallowed_rows(value: str, place: int, dialect: Dialect, looks: Sequence[frozenset[str]]) -> bool:
    """Whether a value holds rows of the table, because a quote is missing: half of its lines look like them.

    Where all columns hold any text, a note looks like a row too; then also what stands before and behind must fit.
    """
    if not holds_rows(value, dialect.delimiter, dialect.width):
        return False
    first, *inner, last = value.splitlines()
    alike = sum(_looks_like_row(next(csv.reader([line], delimiter=dialect.delimiter), []), looks) for line in inner)
    if 2 * alike < len(inner):
        return False
    tells = any(look and look <= {"figures", "code", "address", ""} for look in looks)
    fits = first.count(dialect.delimiter) == dialect.width - 1 - place and last.count(dialect.delimiter) == place
    return tells or fits


def _first_rows(text: str, dialect: Dialect) -> list[list[str]]:
    """Rows below the header that are as wide as it and do not repeat it, nor may be of groups or sums."""
    sample = text[dialect.body_start : dialect.body_start + LOOKED_AT_CHARACTERS]
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=dialect.delimiter)
    with suppress(csv.Error):  # a value beyond the limit of the csv module: the readers say where it begins
        rows.extend(islice(reader, max(_FEWEST_ROWS, min(_MOST_ROWS, _MOST_CELLS // dialect.width))))
    kept: list[list[str]] = []
    for row in rows:
        if len(row) != dialect.width or not any(row):
            continue
        if not is_header(row, dialect.header):
            kept.append(row)
            continue
        for _ in range(GROUP_LINES):
            if kept and (not kept[-1][0] or not any(kept[-1][1:])):
                kept.pop()
    return kept[:-1] if kept and not kept[-1][0] else kept


def _first_numbers_rows(header: list[str], rows: list[list[str]]) -> bool:
    """Whether the first column has no name and counts, as pandas writes its index."""
    if header[0] or len(header) == 1 or len(rows) == 1:
        return False
    first = [row[0] for row in rows]
    return len(set(first)) == len(first) > 0 and all(map(str.isdigit, first))


def _number_repeats(header: list[str]) -> list[str]:
    """Names that repeat get a number: Name, Name (2)."""
    seen: dict[str, int] = {}
    taken, names = set(header), []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        new = name
        while name and new in taken and seen[name] > 1:
            new = f"{name} ({seen[name]})"
            seen[name] += new in taken
        taken.add(new)
        names.append(new)
    return names


def _is_headerless(header: Sequence[str], rows: list[list[str]]) -> bool:
    """Whether the first row holds what the rows below it hold: figures above figures, or values that come again."""
    if not rows or len(header) < 2:
        return False
    below = [{row[place] for row in rows} for place in range(len(header))]
    looks = _looks_of_columns(rows, len(header))
    typed = [place for place, look in enumerate(looks) if look - {""} and look <= {"figures", "address", ""}]
    if any(header[place] and look_of(header[place]) not in looks[place] for place in typed):
        return False
    telling = [place for place in typed if header[place] and not header[place].isdigit()]
    if any(DATED.fullmatch(header[place]) or "@" in header[place] for place in telling):
        return True
    again = [place for place, value in enumerate(header) if value and value in below[place]]
    return len(header) >= FEWEST_COLUMNS and len(rows) > 1 and 2 * len(again) >= len(header)


def _looks_of_columns(rows: Iterable[Row], width: int) -> tuple[frozenset[str], ...]:
    """How the values of each column look."""
    looks: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for look, value in zip(looks, row, strict=True):
            if "\n" not in value:
                look.add(look_of(value))
    return tuple(map(frozenset, looks))


def look_of(value: str) -> str:
    """Roughly what kind of value it may be: figures, address, words, word, code, padded, or nothing."""
    if not value:
        return ""
    if value != value.strip():
        return "padded"
    if _FIGURES.fullmatch(value):
        return "figures"
    if "@" in value and " " not in value:
        return "address"
    if any(mark in value for mark in " \u00a0"):
        return "words"
    return "code" if any(map(str.isdigit, value)) else "word"


def _looks_like_row(row: Row, looks: Sequence[frozenset[str]]) -> bool:
    return len(row) == len(looks) and all(
        not look or look_of(value) in look for value, look in zip(row, looks, strict=True)
    )
