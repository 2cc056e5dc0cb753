"""How a CSV file is written: its delimiter, its header, and where the rows begin."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice

from features.tables.formula_guard import unguarded

DELIMITERS = ",;\t|"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_HAS_FIGURES = re.compile(r"[^\w@]*\d|[^@\s]+@")
_SAMPLE_ROWS, _ROWS_BELOW = 50, 10
_TABLE_CELLS = 3
LOOKED_AT_CHARACTERS = 500_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """`header_row` counts rows from 1; `body_start` is the first character below the header."""

    delimiter: str
    header: tuple[str, ...]
    header_row: int
    body_start: int
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.header)


def read_dialect(text: str) -> Dialect:
    """The dialect of a text that holds at least one row."""
    start, header_row, hinted = _hint(text)
    sample = text[start : start + LOOKED_AT_CHARACTERS]
    delimiter = hinted or max(DELIMITERS, key=lambda mark: _fit(sample, mark))
    lines, least = _Lines(text, start), 2 if _is_wide(sample, delimiter) else 1
    notes: tuple[str, ...] = ()
    for row in csv.reader(lines, delimiter=delimiter):
        if _count_values(row) >= least:
            below = list(islice(_sample_rows(text[lines.position :][:LOOKED_AT_CHARACTERS], delimiter), _ROWS_BELOW))
            if not notes and _names_groups(row, below):
                notes = (f"Row {header_row:,} names groups of columns, above the header in the next row; left out.",)
            else:
                header = tuple(unguarded(value.strip()) for value in row)
                return Dialect(delimiter, header, header_row, lines.position, notes)
        header_row += 1
    raise ValueError("a text without any row has no header")


def _hint(text: str) -> tuple[int, int, str]:
    """Where and at which row the header starts; Excel may say the delimiter in a line before it, `sep=;`."""
    first = text[:10].splitlines()[0] if text else ""
    if first[:4].casefold() == "sep=" and len(first) <= 5:
        return text.find("\n") + 1, 2, first[4:] or "\t"
    return 0, 1, ""


def _is_wide(sample: str, delimiter: str) -> bool:
    """Whether one value in a row of its own can only be a title above the header, as reports have it."""
    return sum(_count_values(row) >= _TABLE_CELLS for row in _sample_rows(sample, delimiter)) > 1


def _names_groups(row: list[str], below: list[list[str]]) -> bool:
    """Whether a row names groups of columns, as merged cells do, and the header is the row below it.

    Half of its cells are empty; in the next one none is above values, nor does it hold figures, while the rows below
    that do.
    """
    if len(below) < 2 or 2 * _count_values(row) > len(row) or len(below[0]) < len(row):
        return False
    header, *others = below
    names = [name for name in header if name.strip()]
    if len(names) <= _count_values(row) or len(set(names)) < len(names) or any(map(_HAS_FIGURES.match, names)):
        return False
    nameless = [place for place, name in enumerate(header) if not name.strip()]
    if any(other[place].strip() for other in others for place in nameless if place < len(other)):
        return False
    return any(_HAS_FIGURES.match(value) for other in others for value in other)


def _count_values(row: list[str]) -> int:
    return sum(bool(value.strip()) for value in row)


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of rows as wide as the first one, and that width: the true delimiter has the most of both.

    What it leaves whole above them may be a title, or a header that it does not part: it counts a little less.
    """
    rows = list(_sample_rows(sample, delimiter))
    widths = [len(row) for row in dropwhile(lambda row: _count_values(row) < 2, rows)]
    if not widths:
        return 0.0, 0
    return round(widths.count(widths[0]) / len(rows), 1) - 0.1 * (len(widths) < len(rows)), widths[0]


def _sample_rows(sample: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for _ in range(_SAMPLE_ROWS):
            row = next(reader)
            if row:
                yield row
    except (csv.Error, StopIteration):
        return


class _Lines:
    """The lines of a text from a character on, remembering how far it was read."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self.position = position

    def __iter__(self) -> Iterator[str]:
        while line := _LINE.match(self._text, self.position):
            self.position = line.end()
            yield line[0]
