"""The last rows of a CSV text that were read, held back until what follows tells whether they are rows of the table."""

from features.tables.csv_dialect import Dialect
from features.tables.csv_footer import LAST_ROWS, find_footer, find_group_lines, group_note
from features.tables.csv_layout import GROUP_LINES, Layout
from features.tables.csv_rows import NumberedRow, header_note, is_header

RowChunk = tuple[list[int], list[list[str]]]
"""Rows that follow each other: their numbers (n,), and the rows (n,)."""


class HeldRows:
    """Leaves out repeated headers, the lines of groups above those, and in the end the footer; `notes` say so."""

    def __init__(self, dialect: Dialect, layout: Layout) -> None:
        self.notes: list[str] = []
        self._header, self._looks = dialect.header, layout.looks
        self._first = next(place for place, name in enumerate(self._header) if name)
        self._names = {self._header[self._first], f"\ufeff{self._header[self._first]}"}
        self._above = dialect.header_row
        self._numbers: list[int] = []
        self._rows: list[list[str]] = []
        self._repeated: list[int] = []
        self._group_lines: list[int] = []

    def add(self, numbers: list[int], rows: list[list[str]]) -> None:
        """Hold rows that follow, none of them empty."""
        if not self._names.isdisjoint([row[self._first] for row in rows if len(row) > self._first]):
            self._add_one_by_one(numbers, rows)
        else:  # nearly all chunks
            self._numbers += numbers
            self._rows += rows

    def take_all_but(self, last: int) -> RowChunk:
        """The rows that were held but for the `last` ones, which stay."""
        count = max(len(self._rows) - last, 0)
        taken = self._numbers[:count], self._rows[:count]
        if count:
            self._above = taken[0][-1]
        self._numbers, self._rows = self._numbers[count:], self._rows[count:]
        return taken

    def drop_footer(self) -> None:
        """After the last row: let go of those that stand below the table, and note what was left out."""
        above, *_ = [self._above, *self._numbers][-LAST_ROWS - 1 :]
        last: list[NumberedRow] = [*zip(self._numbers[-LAST_ROWS:], self._rows[-LAST_ROWS:], strict=True)]
        footer, footer_notes = find_footer(last, above, self._looks)
        self._drop({number for number, _ in footer})
        if self._repeated:
            self.notes.append(header_note(self._repeated))
        if self._group_lines:
            self.notes.append(group_note(self._group_lines))
        self.notes += footer_notes

    def _add_one_by_one(self, numbers: list[int], rows: list[list[str]]) -> None:
        for number, row in zip(numbers, rows, strict=True):
            if len(row) > self._first and row[self._first] in self._names and is_header(row, self._header):
                self._repeated.append(number)
                above = [*zip(self._numbers[-GROUP_LINES:], self._rows[-GROUP_LINES:], strict=True)]
                found = find_group_lines(above, self._looks)
                self._group_lines += found
                self._drop(set(found))
            else:
                self._numbers.append(number)
                self._rows.append(row)

    def _drop(self, numbers: set[int]) -> None:
        """Let go of some of the last rows."""
        kept = [place for place, number in enumerate(self._numbers[-LAST_ROWS:]) if number not in numbers]
        first = max(len(self._numbers) - LAST_ROWS, 0)
        self._numbers[first:] = [self._numbers[first + place] for place in kept]
        self._rows[first:] = [self._rows[first + place] for place in kept]
