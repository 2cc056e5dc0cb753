"""Reads a CSV file row by row, for tables too large to be held: the same cells and row numbers as `read_csv` gives.

UTF-8 is read piece by piece; a file in another encoding is decoded whole.
"""

import codecs
import hashlib
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from features.errors import Problem, TableRefused
from features.tables.charset import decode
from features.tables.csv import read_header
from features.tables.csv_dialect import LOOKED_AT_CHARACTERS, Dialect
from features.tables.csv_footer import LAST_ROWS, find_footer, find_group_lines, group_note
from features.tables.csv_layout import GROUP_LINES, Layout, has_swallowed_rows
from features.tables.csv_rows import (
    HELD_ROWS,
    NumberedRow,
    Row,
    header_note,
    is_header,
    numbered_rows,
    wrong_width,
)
from features.tables.formula_guard import unguarded
from features.values import NULL

_PIECE = 1 << 20


@dataclass(frozen=True)
class CsvFile:
    """A file whose header was read. `sha256` is of its bytes; `lines` says about how many rows there are."""

    path: Path
    name: str
    dialect: Dialect
    layout: Layout
    header: tuple[str, ...]
    sha256: str
    lines: int
    in_utf8: bool
    encoding_notes: tuple[str, ...] = ()
    row_notes: dict[str, None] = field(default_factory=dict, compare=False)
    """What `rows` left out, noted once however often the file is read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or named otherwise, as far as the file was read."""
        return (*self.encoding_notes, *self.layout.notes, *self.row_notes)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not empty, with the numbers that people count by, whatever their width.

        What stands below the table, as in a report, is none of them, nor is the header where it is repeated.

        Raises:
            TableRefused: where a quote is open at the end.
        """
        last: deque[NumberedRow] = deque()  # the footer is among them
        above = self.dialect.header_row
        try:
            for numbered in self._filled_rows():
                last.append(numbered)
                if len(last) > LAST_ROWS:
                    above, row = last.popleft()
                    yield above, self._clean_cells(row)
            footer, notes = find_footer([*last], above, self.layout.looks)
        except TableRefused:
            yield from ((number, self._clean_cells(row)) for number, row in last)
            raise
        self.row_notes.update(dict.fromkeys(notes))
        for number, row in islice(last, len(last) - len(footer)):
            yield number, self._clean_cells(row)

    def trouble(self, row: list[str]) -> str | None:
        """What is wrong with a row of `rows` as a whole."""
        if len(row) != len(self.header):
            return wrong_width(len(row), len(self.header))
        if "\n" not in "".join(row):  # nearly all rows
            return None
        for place, cell in zip(self.layout.places, row, strict=True):
            if "\n" in cell and has_swallowed_rows(cell, place, self.dialect, self.layout.looks):
                return HELD_ROWS
        return None

    def _filled_rows(self) -> Iterator[NumberedRow]:
        """The rows below the header, without empty ones, repeated headers and the lines of groups above those."""
        header, header_row = self.dialect.header, self.dialect.header_row
        first = next(place for place, name in enumerate(header) if name)
        names = {header[first], f"\ufeff{header[first]}"}
        repeated: list[int] = []
        group_lines: list[int] = []
        waiting: deque[NumberedRow] = deque()  # the lines of a group are among them
        try:
            with _open_text(self.path, self.name, self.in_utf8) as lines:
                for number, row in numbered_rows(lines, self.dialect.delimiter, self.name):
                    if number <= header_row or not any(row):
                        continue
                    if len(row) > first and row[first] in names and is_header(row, header):
                        repeated.append(number)
                        found = find_group_lines([*waiting], self.layout.looks)
                        group_lines += found
                        waiting = deque(one for one in waiting if one[0] not in found)
                        continue
                    waiting.append((number, row))
                    if len(waiting) > GROUP_LINES:
                        yield waiting.popleft()
        except TableRefused:
            yield from waiting
            raise
        yield from waiting
        if repeated:
            self.row_notes[header_note(repeated)] = None
        if group_lines:
            self.row_notes[group_note(group_lines)] = None

    def _clean_cells(self, cells: Row) -> list[str]:
        """The cells of the columns that are read, and behind them those that belong to none."""
        places = self.layout.places
        row = [cells[place] for place in places if place < len(cells)]
        if len(row) == len(places):
            unnamed = (*self.layout.blank, *range(self.dialect.width, len(cells)))
            row += [cells[place] for place in unnamed if place < len(cells) and cells[place]]
        if NULL not in row and "'" not in "".join(row):  # nearly all rows
            return row
        return ["" if cell == NULL else unguarded(cell) for cell in row]


def open_csv(path: Path, name: str) -> CsvFile:
    """Look at a file's bytes and header; `name` is what messages call it.

    Raises:
        TableRefused: where it is not there, empty, no text, or has a header that cannot be used.
    """
    try:
        sha256, lines, in_utf8 = _hash_and_count(path)
        head, encoding_notes = _read_beginning(path, name, in_utf8)
    except FileNotFoundError:
        raise TableRefused([Problem("there is no such file")], name) from None
    except OSError as error:
        raise TableRefused([Problem(f"the file cannot be read: {error.strerror}")], name) from None
    dialect, layout = read_header(head, name)
    if layout.problems:
        raise TableRefused(layout.problems, name)
    return CsvFile(path, name, dialect, layout, layout.names, sha256, lines, in_utf8, encoding_notes)


def _hash_and_count(path: Path) -> tuple[str, int, bool]:
    """The SHA-256 of the bytes, how many lines they have, and whether all are text in UTF-8."""
    digest, lines = hashlib.sha256(), 0
    decoder, in_utf8 = codecs.getincrementaldecoder("utf-8")(), True
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            lines += piece.count(b"\n")
            in_utf8 = in_utf8 and b"\0" not in piece and _is_decodable(decoder, piece)
    return digest.hexdigest(), lines, in_utf8 and _is_decodable(decoder, b"", final=True)


def _is_decodable(decoder: codecs.IncrementalDecoder, piece: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _open_text(path: Path, name: str, in_utf8: bool) -> io.TextIOBase:
    if in_utf8:
        return path.open(encoding="utf-8-sig", newline="")
    return io.StringIO(decode(path.read_bytes(), name).text, newline="")


def _read_beginning(path: Path, name: str, in_utf8: bool) -> tuple[str, tuple[str, ...]]:
    """The first characters of the text, and how it was decoded where that had to be guessed."""
    if in_utf8:
        with path.open(encoding="utf-8-sig", newline="") as text:
            return text.read(LOOKED_AT_CHARACTERS), ()
    decoded = decode(path.read_bytes(), name)
    return decoded.text[:LOOKED_AT_CHARACTERS], decoded.notes
