"""The rows of a CSV text in batches, so that a file of any size passes through little memory.

Rows are counted as a spreadsheet counts them: the header is row 1, the first lead row 2. An empty cell is null, and a
row with nothing in it is passed over. What is wrong is gathered on the way, and known when the last batch is out.
"""

import csv
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from features.errors import Problem, TableRefused, nameless_columns
from features.tables.csv_dialect import Dialect
from features.tables.csv_footer import LAST_ROWS, find_footer, find_group_lines, group_note
from features.tables.csv_layout import FEWEST_COLUMNS, GROUP_LINES, Layout, has_swallowed_rows
from features.tables.csv_rows import (
    HELD_ROWS,
    NumberedRow,
    header_note,
    is_header,
    numbered_rows,
    wrong_width,
)
from features.tables.formula_guard import unguarded_frame
from features.values import NULL

BLOCK_BYTES = 1 << 20
"""Arrow reads some thirty blocks ahead, and refuses a row that is longer than one."""
BATCH_BLOCKS = 4


@dataclass
class CsvRows:
    """The rows below a header that was read. `problems` and `notes` are whole when all batches were taken.

    Attributes:
        open_body: the bytes of the rows in UTF-8.
        open_lines: the lines of the whole text.
        has_quotes, has_open_quote: whether there are quotation marks, and an odd number of them.
        is_blank: whether nothing stands below the header.
    """

    dialect: Dialect
    layout: Layout
    open_body: Callable[[], pa.NativeFile]
    open_lines: Callable[[], TextIO]
    has_quotes: bool
    has_open_quote: bool
    is_blank: bool
    block_bytes: int = BLOCK_BYTES
    problems: list[Problem] = field(init=False)
    notes: list[str] = field(init=False)
    _misfits: dict[int, pa_csv.InvalidRow] = field(default_factory=dict, init=False)
    _swallowed: set[int] = field(default_factory=set, init=False)
    _repeated_headers: list[int] = field(default_factory=list, init=False)
    _group_lines: list[int] = field(default_factory=list, init=False)
    _footer_notes: Sequence[str] = field(default=(), init=False)
    _filled_blanks: set[int] = field(default_factory=set, init=False)
    _last_row: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.problems = list(self.layout.problems)
        self.notes = list(self.layout.notes)

    @property
    def header(self) -> list[str]:
        """The names of the columns that are read."""
        return list(self.layout.names)

    def batches(self) -> Iterator[pd.DataFrame]:
        """All columns as text, indexed by row number, without repeated headers and a report's last lines."""
        if self.is_blank:
            return
        held = pd.DataFrame()
        try:
            for frame in self._numbered_frames():
                known = len(self._repeated_headers)
                frame = pd.concat([held, self._clean_frame(frame)])
                frame = self._without_group_lines(frame, self._repeated_headers[known:])
                held = frame.tail(LAST_ROWS)
                if len(frame) > LAST_ROWS:
                    yield self._named_frame(frame.iloc[:-LAST_ROWS])
        except pa.ArrowInvalid as error:
            detail = f"it cannot be read as CSV: {error}"
            if "straddling" in str(error):
                size = f"{self.block_bytes >> 20} MB"
                detail = f"below row {self._last_row:,} a row is longer than {size}: a quote is missing or too many"
            self.problems += (self.has_open_quote and self._find_open_quote()) or [Problem(detail)]
            return
        held = self._without_footer(held)
        if len(held):
            yield self._named_frame(held)
        self._conclude()

    def _numbered_frames(self) -> Iterator[pd.DataFrame]:
        """The rows that are as wide as the header, under the places of the columns."""
        places = [str(place) for place in range(self.dialect.width)]
        waiting: deque[int] = deque()

        def note(row: pa_csv.InvalidRow) -> str:
            number = row.number + self.dialect.header_row
            self._misfits[number] = row
            waiting.append(number)
            return "skip"

        # One thread, because Arrow numbers the rows it refuses only then.
        batches = pa_csv.open_csv(
            self.open_body(),
            pa_csv.ReadOptions(use_threads=False, column_names=places, block_size=self.block_bytes),
            pa_csv.ParseOptions(
                delimiter=self.dialect.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.large_string()), null_values=["", NULL], strings_can_be_null=True
            ),
        )
        first = self.dialect.header_row + 1
        for blocks in _groups(batches, BATCH_BLOCKS):
            rows = pa.Table.from_batches(blocks)
            end, passed = first + rows.num_rows, []
            while waiting and waiting[0] <= end:
                passed.append(waiting.popleft())
                end += 1
            frame = rows.to_pandas()
            numbers = pd.RangeIndex(first, end)
            frame.index = numbers.drop(passed) if passed else numbers
            yield frame
            first = self._last_row = end
        self._last_row = first + len(waiting) - 1

    def _clean_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame = self._without_repeated_headers(_without_blank_rows(unguarded_frame(frame)))
        if self.has_quotes:
            self._note_swallowed_rows(frame)
        self._filled_blanks.update(place for place in self.layout.blank if frame.iloc[:, place].notna().any())
        return frame

    def _named_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[:, [*self.layout.places]].set_axis(self.header, axis="columns")

    def _without_repeated_headers(self, frame: pd.DataFrame) -> pd.DataFrame:
        header = self.dialect.header
        first = next(place for place, name in enumerate(header) if name)
        is_name = frame.iloc[:, first].isin([header[first], f"\ufeff{header[first]}"])
        if not is_name.any():
            return frame
        suspects = frame[is_name].fillna("")
        rows = zip(suspects.index.tolist(), suspects.to_numpy().tolist(), strict=True)
        repeated = [number for number, row in rows if is_header(row, header)]
        self._repeated_headers += repeated
        return frame.drop(index=repeated)

    def _without_group_lines(self, frame: pd.DataFrame, headers: Sequence[int]) -> pd.DataFrame:
        """The rows without titles and sums of groups above repeated headers, which are no misfits either."""
        found: list[int] = []
        for header in headers:
            end = int(frame.index.searchsorted(header))
            above = self._with_misfits(frame.iloc[max(end - GROUP_LINES, 0) : end], header)
            found += find_group_lines(above[-GROUP_LINES:], self.layout.looks)
        for number in found:
            self._misfits.pop(number, None)
        self._group_lines += found
        return frame.drop(index=[number for number in found if number in frame.index])

    def _with_misfits(self, frame: pd.DataFrame, end: int | None = None) -> list[NumberedRow]:
        """The rows of a frame and, before the row `end`, the last ones that are not as wide as the header."""
        fitting = frame.fillna("")
        cells = dict(zip(fitting.index.tolist(), fitting.to_numpy().tolist(), strict=True))
        misfits = [pair for pair in self._misfits.items() if end is None or pair[0] < end]
        for number, row in misfits[-LAST_ROWS:]:
            cells[number] = next(csv.reader([row.text], delimiter=self.dialect.delimiter), [])
        return sorted(cells.items())

    def _without_footer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The last rows without a report's last lines, which are no misfits either."""
        last = self._with_misfits(frame)[-LAST_ROWS:]
        footer, self._footer_notes = find_footer(last, self.dialect.header_row, self.layout.looks)
        for number, _ in footer:
            self._misfits.pop(number, None)
        return frame.drop(index=[number for number, _ in footer if number in frame.index])

    def _note_swallowed_rows(self, frame: pd.DataFrame) -> None:
        """Note values that hold whole rows, because a quote before them was closed by one far below."""
        if self.dialect.width < FEWEST_COLUMNS:
            return
        for place, name in enumerate(frame.columns):
            values = frame[name]
            if not values.str.contains("\n", regex=False).any():
                continue
            for number, value in values[values.str.count("\n") >= 2].dropna().items():
                if has_swallowed_rows(value, place, self.dialect, self.layout.looks):
                    self._swallowed.add(int(str(number)))

    def _conclude(self) -> None:
        """What is known of the rows as a whole."""
        self.problems = self.problems or nameless_columns(sorted(self._filled_blanks))
        self.problems += self._width_problems()
        swallowed = [Problem(HELD_ROWS, rows=tuple(sorted(self._swallowed)))] if self._swallowed else []
        self.problems += (self.has_open_quote and self._find_open_quote()) or swallowed
        if self._repeated_headers:
            self.notes.append(header_note(self._repeated_headers))
        if self._group_lines:
            self.notes.append(group_note(self._group_lines))
        self.notes += self._footer_notes

    def _width_problems(self) -> list[Problem]:
        by_width: dict[int, list[int]] = defaultdict(list)
        for number, row in self._misfits.items():
            by_width[row.actual_columns].append(number)
        width = self.dialect.width
        problems = []
        for actual, rows in sorted(by_width.items()):
            cut_off = "; the file may be cut off" if actual < width and rows[-1] == self._last_row else ""
            problems.append(Problem(wrong_width(actual, width) + cut_off, rows=tuple(rows)))
        return problems

    def _find_open_quote(self) -> list[Problem]:
        """A quote that is open where the file ends: what stands after it is not a value but lost rows."""
        with self.open_lines() as lines:
            try:
                deque(numbered_rows(lines, self.dialect.delimiter), maxlen=0)
            except TableRefused as refused:
                return list(refused.problems)
        return []


def _groups(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[list[pa.RecordBatch]]:
    remaining = iter(batches)
    while group := [*islice(remaining, size)]:
        yield group


def _without_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    suspects = frame[frame.iloc[:, 0].isna()]
    blank = suspects.index[suspects.isna().all(axis=1)]
    return frame.drop(index=blank) if len(blank) else frame
