"""A CSV file's bytes in, a frame of text columns out; every row that does not fit the header is named.

Rows are counted as a spreadsheet counts them: the header is row 1, the first lead row 2. An empty cell is
null, and a row with nothing in it is passed over.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from features.charset import decode
from features.csv_cells import unguarded_frame
from features.csv_dialect import Dialect, read_dialect
from features.problems import Problem, TableRefused, header_problems

_BLOCK_BYTES = 1 << 24
END = "\x1e"

HELD_ROWS = "a value holds whole rows: a quote is missing or too many"
UNCLOSED = "a quoted value that is never closed begins here"


def read_csv(data: bytes, table: str) -> pd.DataFrame:
    """All columns as text, indexed by row number; `table` is the name that messages use.

    Raises:
        TableRefused: with every problem of the header and of the rows.
    """
    text = decode(data, table)
    if not text.strip():
        raise TableRefused([Problem("the file is empty")], table)
    try:
        dialect = read_dialect(text)
    except csv.Error as error:
        raise TableRefused([Problem(f"its header cannot be read: {error}")], table) from None
    frame, problems = _read_rows(text, dialect)
    frame, header = _without_nameless_end(frame, list(dialect.header))
    problems = [*header_problems(header), *problems]
    if problems:
        raise TableRefused(problems, table)
    return frame.set_axis(header, axis="columns")


def _read_rows(text: str, dialect: Dialect) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows below the header, under the columns' places as names may repeat, and what is wrong."""
    places = [str(place) for place in range(dialect.width)]
    body = text[dialect.body_start :].encode()
    if not body.strip():
        return pd.DataFrame(columns=places, dtype="str"), []
    misfits: dict[int, list[int]] = defaultdict(list)

    def note(row: pa_csv.InvalidRow) -> str:
        misfits[row.actual_columns].append(row.number + dialect.header_row)
        return "skip"

    try:
        rows = _arrow(body, dialect.delimiter, places, note)
    except pa.ArrowInvalid as error:
        return pd.DataFrame(columns=places), [Problem(f"it cannot be read as CSV: {error}")]
    last_row = dialect.header_row + rows.num_rows + sum(map(len, misfits.values()))
    problems = [_ragged(width, numbers, dialect.width, last_row) for width, numbers in sorted(misfits.items())]
    frame = unguarded_frame(rows.to_pandas(), text)
    frame.index = pd.RangeIndex(dialect.header_row + 1, dialect.header_row + 1 + len(frame))
    return _without_blank_rows(frame), problems + (_unclosed(text, dialect) or _swallowed(frame, text, dialect))


def _arrow(body: bytes, delimiter: str, names: list[str], note: Callable[[pa_csv.InvalidRow], str]) -> pa.Table:
    # One thread, because Arrow numbers the rows it refuses only then.
    return pa_csv.read_csv(
        pa.BufferReader(body),
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=_BLOCK_BYTES),
        pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
        ),
        pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )


def _ragged(width: int, rows: list[int], expected: int, last_row: int) -> Problem:
    cut_off = "; the file may be cut off" if width < expected and rows[-1] == last_row else ""
    return Problem(ragged(width, expected) + cut_off, rows=tuple(rows))


def ragged(width: int, expected: int) -> str:
    """What is wrong with a row of another width than the header's."""
    return f"{width:,} value{'s' * (width != 1)} where the header has {expected:,}"


def _without_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    suspects = frame[frame.iloc[:, 0].isna()]
    return frame.drop(index=suspects.index[suspects.isna().all(axis=1)])


def _without_nameless_end(frame: pd.DataFrame, header: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Without the columns that a delimiter at the end of every line makes."""
    while len(header) > 1 and not header[-1] and frame.iloc[:, -1].isna().all():
        frame, header = frame.iloc[:, :-1], header[:-1]
    return frame, header


def _unclosed(text: str, dialect: Dialect) -> list[Problem]:
    """A quote that is open where the file ends: what stands after it is not a value but lost rows."""
    if text.count('"') % 2 == 0:
        return []
    number, row = 1, [""]
    rows = csv.reader(io.StringIO(f"{text}\n{END}", newline=""), delimiter=dialect.delimiter)
    try:
        for number, row in enumerate(rows, 1):  # noqa: B007 (the last row is the one that is wanted)
            pass
    except csv.Error:  # a value beyond the limit of the csv module, as only lost rows make it
        return [Problem(UNCLOSED, rows=(number + 1,))]
    return [] if row == [END] else [Problem(UNCLOSED, rows=(number,))]


def _swallowed(frame: pd.DataFrame, text: str, dialect: Dialect) -> list[Problem]:
    """Values that hold whole rows, because a quote before them was closed by one far below."""
    if dialect.width < 3 or '"' not in text:
        return []
    rows: set[int] = set()
    for place in frame.columns:
        values = frame[place]
        long = values[values.str.count("\n") >= 2].dropna()
        held = long.map(lambda value: holds_rows(value, dialect.delimiter, dialect.width))
        rows.update(held.index[held.astype(bool)])
    return [Problem(HELD_ROWS, rows=tuple(sorted(rows)))] if rows else []


def holds_rows(value: str, delimiter: str, width: int) -> bool:
    """Whether the lines within a value look like rows of the table."""
    inner = value.split("\n")[1:-1]
    return width >= 3 and bool(inner) and all(line.count(delimiter) >= width - 1 for line in inner)
