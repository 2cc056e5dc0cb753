"""Reads a CSV file into a frame of text columns; every row that does not fit the header is named.

Rows are counted as a spreadsheet counts them: the header is row 1, the first lead row 2. An empty cell is
null, and a row with nothing in it is passed over.
"""

import codecs
import csv
import io
import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from features.errors import Problem, TableRefused, header_problems
from features.tables.charset import decode
from features.tables.csv_dialect import Dialect, read_dialect
from features.tables.csv_footer import LAST_ROWS, find_footer
from features.tables.csv_layout import Layout, has_swallowed_rows, read_layout
from features.tables.csv_rows import HELD_ROWS, header_note, is_header, numbered_rows, without_empty_end, wrong_width
from features.tables.formula_guard import unguarded_frame
from features.values import NULL

NOTES = "notes"

_BLOCK_BYTES = 1 << 24
_FILLED = re.compile(r"\S")


def read_csv(data: bytes, table: str) -> pd.DataFrame:
    """All columns as text, indexed by row number; `table` is the name that messages use.

    What was left out of the file is said in the frame's `attrs[NOTES]`.

    Raises:
        TableRefused: with every problem of the header and of the rows.
    """
    decoded = decode(data, table)
    text = decoded.text
    if not text or text.isspace():
        raise TableRefused([Problem("the file is empty")], table)
    try:
        dialect = read_dialect(text)
    except csv.Error as error:
        raise TableRefused([Problem(f"its header cannot be read: {error}")], table) from None
    layout = read_layout(text, dialect)
    rows = _read_rows(text, _body(data, text, dialect), dialect, layout)
    frame = rows.frame.iloc[:, 1:] if layout.drops_first else rows.frame
    header = _named_or_filled(frame, layout.names)
    frame = frame.iloc[:, : len(header)]
    problems = [*(layout.problems or header_problems(header)), *rows.problems]
    if problems:
        raise TableRefused(problems, table)
    frame = frame.set_axis(header, axis="columns")
    frame.attrs[NOTES] = (*decoded.notes, *layout.notes, *rows.notes)
    return frame


@dataclass(frozen=True)
class _Rows:
    """The rows of the table under the columns' places, what is wrong with others, and what was left out."""

    frame: pd.DataFrame
    problems: list[Problem]
    notes: tuple[str, ...] = ()


def _body(data: bytes, text: str, dialect: Dialect) -> memoryview:
    """The rows in UTF-8; of a large file no second copy where it is ASCII."""
    mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    if text.isascii() and len(data) == mark + len(text):
        return memoryview(data)[mark + dialect.body_start :]
    return memoryview(text[dialect.body_start :].encode())


def _read_rows(text: str, body: memoryview, dialect: Dialect, layout: Layout) -> _Rows:
    places = [str(place) for place in range(dialect.width)]
    if not _FILLED.search(text, dialect.body_start):
        return _Rows(pd.DataFrame(columns=places, dtype="str"), [])
    misfits: dict[int, pa_csv.InvalidRow] = {}

    def note(row: pa_csv.InvalidRow) -> str:
        misfits[row.number + dialect.header_row] = row
        return "skip"

    try:
        rows = _read_arrow(body, dialect.delimiter, places, note)
    except pa.ArrowInvalid as error:
        return _Rows(pd.DataFrame(columns=places), [Problem(f"it cannot be read as CSV: {error}")])
    count = rows.num_rows + len(misfits)
    last_row = dialect.header_row + count
    frame = unguarded_frame(rows.to_pandas(), text)
    frame.index = _row_numbers(count, misfits, dialect.header_row)
    frame, header_notes = _drop_repeated_headers(_drop_blank_rows(frame), dialect)
    frame, footer_notes = _drop_footer(frame, misfits, dialect, layout)
    broken = _find_open_quote(text, dialect) or _find_swallowed_rows(frame, text, dialect, layout)
    problems = _width_problems(misfits, dialect.width, last_row) + broken
    return _Rows(frame, problems, header_notes + footer_notes)


def _row_numbers(rows: int, misfits: Collection[int], header_row: int) -> pd.Index:
    """The numbers of the rows that fit."""
    numbers = pd.RangeIndex(header_row + 1, header_row + 1 + rows)
    return numbers.drop(list(misfits)) if misfits else numbers


def _drop_repeated_headers(frame: pd.DataFrame, dialect: Dialect) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame without the rows that repeat the header, and a note of them."""
    first = next(place for place, name in enumerate(dialect.header) if name)
    name = dialect.header[first]
    names = frame.iloc[:, first]
    is_name = (names == name) | (names == f"\ufeff{name}")
    if not is_name.any():
        return frame, ()
    suspects = frame[is_name].fillna("")
    rows = zip(suspects.index.tolist(), suspects.to_numpy().tolist(), strict=True)
    repeated = [number for number, row in rows if is_header(row, dialect.header)]
    return frame.drop(index=repeated), (header_note(repeated),) * bool(repeated)


def _drop_footer(
    frame: pd.DataFrame, misfits: dict[int, pa_csv.InvalidRow], dialect: Dialect, layout: Layout
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame without a report's last lines, which are taken out of `misfits` too, and a note of them."""
    fitting = frame.tail(LAST_ROWS).fillna("")
    cells = dict(zip(fitting.index.tolist(), fitting.to_numpy().tolist(), strict=True))
    for number, row in [*misfits.items()][-LAST_ROWS:]:
        cells[number] = next(csv.reader([row.text], delimiter=dialect.delimiter), [])
    last = sorted(cells.items())[-LAST_ROWS:]
    footer, notes = find_footer(last, dialect.header_row, layout.looks)
    if not footer:
        return frame, ()
    for number, _ in footer:
        misfits.pop(number, None)
    return frame.drop(index=[number for number, _ in footer if number in frame.index]), notes


def _width_problems(misfits: dict[int, pa_csv.InvalidRow], width: int, last_row: int) -> list[Problem]:
    by_width: dict[int, list[int]] = defaultdict(list)
    for number, row in misfits.items():
        by_width[row.actual_columns].append(number)
    problems = []
    for actual, rows in sorted(by_width.items()):
        cut_off = "; the file may be cut off" if actual < width and rows[-1] == last_row else ""
        problems.append(Problem(wrong_width(actual, width) + cut_off, rows=tuple(rows)))
    return problems


def _read_arrow(
    body: memoryview, delimiter: str, names: list[str], note: Callable[[pa_csv.InvalidRow], str]
) -> pa.Table:
    # One thread, because Arrow numbers the rows it refuses only then.
    return pa_csv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=_BLOCK_BYTES),
        pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
        ),
        pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), null_values=["", NULL], strings_can_be_null=True
        ),
    )


def _drop_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    suspects = frame[frame.iloc[:, 0].isna()]
    blank = suspects.index[suspects.isna().all(axis=1)]
    return frame.drop(index=blank) if len(blank) else frame


def _named_or_filled(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """The names of the columns, without the empty nameless ones that a delimiter at the end of every line makes."""
    named = len(without_empty_end(names, 1))
    filled = [bool(frame.iloc[:, place].notna().any()) for place in range(named, len(names))]
    return list(names[: len(without_empty_end([True] * named + filled, 1))])


def _find_open_quote(text: str, dialect: Dialect) -> list[Problem]:
    """A quote that is open where the file ends: what stands after it is not a value but lost rows."""
    if text.count('"') % 2 == 0:
        return []
    try:
        deque(numbered_rows(io.StringIO(text, newline=""), dialect.delimiter), maxlen=0)
    except TableRefused as refused:
        return list(refused.problems)
    return []


def _find_swallowed_rows(frame: pd.DataFrame, text: str, dialect: Dialect, layout: Layout) -> list[Problem]:
    """Values that hold whole rows, because a quote before them was closed by one far below."""
    if dialect.width < 3 or '"' not in text:
        return []
    rows: set[int] = set()
    for place, name in enumerate(frame.columns):
        values = frame[name]
        for number, value in values[values.str.count("\n") >= 2].dropna().items():
            if has_swallowed_rows(value, place, dialect, layout.looks):
                rows.add(int(str(number)))
    return [Problem(HELD_ROWS, rows=tuple(sorted(rows)))] if rows else []
