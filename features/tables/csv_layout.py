"""What stands around a table and is no part of it: an index column, a header that is none, a footer.

The rows at the beginning show what a row usually looks like, so that what differs can be told from a lead: text in a
report's footer from an id, and a note of several lines from rows that a missing quote swallowed.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from features.errors import Problem, header_problems
from features.tables.csv_dialect import LOOKED_AT_CHARACTERS, Dialect

_LOOKED_AT_ROWS = 1_000
_FEWEST_ROWS, _LOOKED_AT_CELLS = 30, 50_000
_WIDE = 3
_FIGURES = re.compile(r"[+-]?[\d\s.,:/%€$£-]*\d[\d\s.,:/%€$£TZ+-]*")
_DATED = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_TOTAL = re.compile(
    r"(?:grand |sub-?)?(?:totals?|sum|summe|gesamt\w*|total g[eé]n[eé]ral|suma|итого|всего|totale)\b.{0,40}",
    re.IGNORECASE,
)
HELD_ROWS = "a value holds whole rows: a quote is missing or too many"
HEADERLESS = "its first row looks like a lead and not like the columns' names; add a row with their names above it"

Row = Sequence[str]
NumberedRow = tuple[int, Row]


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of a file's columns, which of its columns count, how its rows usually look, and what is said of it.

    `names` has a name for each column that counts; `drops_first` says that the first one does not.
    """

    names: tuple[str, ...]
    drops_first: bool
    looks: tuple[frozenset[str], ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_layout(text: str, dialect: Dialect) -> Layout:
    """Look at the beginning of a text whose dialect is known."""
    rows = _first_rows(text, dialect)
    header = list(dialect.header)
    notes: list[str] = []
    drops_first = _numbers_rows(header, rows)
    if drops_first:
        notes.append("Its first column has no name and only numbers the rows; it is left out.")
        header = header[1:]
    names = _told_apart(header)
    for old, new in zip(header, names, strict=True):
        if old != new:
            notes.append(f'Several columns are called "{old}"; one of them is read as "{new}".')
    problems = [Problem(HEADERLESS)] if _is_headerless(dialect.header, rows) else header_problems(_without_end(names))
    return Layout(tuple(names), drops_first, _looks(rows, dialect.width), tuple(notes), tuple(problems))


def holds_rows(value: str, delimiter: str, width: int) -> bool:
    """Whether lines within a value are as wide as rows of the table."""
    inner = value.splitlines()[1:-1]
    return width >= _WIDE and any(line.count(delimiter) >= width - 1 for line in inner)


def swallowed_rows(value: str, place: int, dialect: Dialect, looks: Sequence[frozenset[str]]) -> bool:
    """Whether a value holds rows of the table, because a quote is missing: half of its lines look like them.

    Where all columns hold any text, a note looks like a row too; then also what stands before and behind must fit.
    """
    if not holds_rows(value, dialect.delimiter, dialect.width):
        return False
    first, *inner, last = value.splitlines()
    alike = sum(_is_like(next(csv.reader([line], delimiter=dialect.delimiter), []), looks) for line in inner)
    if 2 * alike < len(inner):
        return False
    tells = any(known and known <= {"figures", "code", "address", ""} for known in looks)
    fits = first.count(dialect.delimiter) == dialect.width - 1 - place and last.count(dialect.delimiter) == place
    return tells or fits


def split_footer(rows: Sequence[NumberedRow], before: int, looks: Sequence[frozenset[str]]) -> int:
    """How many of the last rows of a file stand below its table; `before` is the number of the row above them.

    `rows` are the last ones, without empty ones. A lone value below others may also be a row that was cut off: it is a
    footer where it looks like no id, stands below an empty row, or is one of several.
    """
    count = 0
    while count < len(rows) and may_be_footer(rows[-1 - count][1], looks):
        count += 1
    if not count:
        return 0
    number, first = rows[-count]
    above = rows[-count - 1][0] if count < len(rows) else before
    values = [value for value in first if value]
    several = count > 1 and all(len(row) == 1 for _, row in rows[-count:])
    unlike = not looks[0] or _look(values[0]) not in looks[0]
    return count if several or number > above + 1 or unlike or _TOTAL.fullmatch(values[0]) else 0


def may_be_footer(row: Row, looks: Sequence[frozenset[str]]) -> bool:
    """Whether a row has one value alone, or is one of totals, in a table that is wide enough to tell."""
    values = [value for value in row if value.strip()]
    if len(looks) < _WIDE or not values:
        return False
    alone = len(values) == 1 and bool(row[0].strip())
    return alone or (len(values) < len(looks) and bool(_TOTAL.fullmatch(values[0].strip())))


def footer_note(rows: Sequence[NumberedRow]) -> str:
    """What is said of a footer that was left out."""
    first, last = rows[0][0], rows[-1][0]
    if first == last:
        return f"Row {first:,} stands below the table, as a report's last lines do, and is no part of it."
    return f"Rows {first:,} to {last:,} stand below the table, as a report's last lines do, and are no part of it."


def _first_rows(text: str, dialect: Dialect) -> list[list[str]]:
    """Rows below the header that are as wide as it."""
    sample = text[dialect.body_start : dialect.body_start + LOOKED_AT_CHARACTERS]
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=dialect.delimiter)
    with suppress(csv.Error):  # a value beyond the limit of the csv module: the readers say where it begins
        rows.extend(islice(reader, max(_FEWEST_ROWS, min(_LOOKED_AT_ROWS, _LOOKED_AT_CELLS // dialect.width))))
    return [row for row in rows if len(row) == dialect.width and any(row)]


def _numbers_rows(header: list[str], rows: list[list[str]]) -> bool:
    """Whether the first column has no name and counts, as pandas writes its index."""
    if header[0] or len(header) == 1 or len(rows) == 1:
        return False
    first = [row[0] for row in rows]
    return len(set(first)) == len(first) > 0 and all(map(str.isdigit, first))


def _told_apart(header: list[str]) -> list[str]:
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


def _without_end(names: list[str]) -> list[str]:
    """Without the columns at the end that have no name; whether they are empty is told when all rows are read."""
    kept = len(names)
    while kept > 1 and not names[kept - 1]:
        kept -= 1
    return names[:kept]


def _is_headerless(header: Sequence[str], rows: list[list[str]]) -> bool:
    """Whether the first row holds what the rows below it hold: figures above figures, or values that come again."""
    if not rows or len(header) < 2:
        return False
    others = [row for row in rows if row != list(header)]  # files put together repeat their header
    below = [{row[place] for row in others} for place in range(len(header))]
    looks = _looks(rows, len(header))
    typed = [place for place, look in enumerate(looks) if look - {""} and look <= {"figures", "address", ""}]
    if any(header[place] and _look(header[place]) not in looks[place] for place in typed):
        return False
    telling = [place for place in typed if header[place] and not header[place].isdigit()]
    if any(_DATED.fullmatch(header[place]) or "@" in header[place] for place in telling):
        return True
    again = [place for place, value in enumerate(header) if value and value in below[place]]
    return len(header) >= _WIDE and len(rows) > 1 and 2 * len(again) >= len(header)


def _looks(rows: Iterable[Row], width: int) -> tuple[frozenset[str], ...]:
    """How the values of each column look."""
    looks: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for look, value in zip(looks, row, strict=True):
            if "\n" not in value:
                look.add(_look(value))
    return tuple(map(frozenset, looks))


def _look(value: str) -> str:
    """What kind of value it may be, told roughly."""
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


def _is_like(row: Row, looks: Sequence[frozenset[str]]) -> bool:
    return len(row) == len(looks) and all(
        not known or _look(value) in known for value, known in zip(row, looks, strict=True)
    )
