"""Reads a CSV file row by row, for tables too large to be held: the same cells and row numbers as `read_csv` gives.

UTF-8 is read piece by piece; a file in another encoding is decoded whole.
"""

import codecs
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from features.errors import Problem, TableRefused
from features.tables.charset import decode
from features.tables.csv import read_header
from features.tables.csv_dialect import LOOKED_AT_CHARACTERS, Dialect
from features.tables.csv_footer import LAST_ROWS
from features.tables.csv_held_rows import HeldRows, RowChunk
from features.tables.csv_layout import GROUP_LINES, Layout, has_swallowed_rows
from features.tables.csv_rows import END, HELD_ROWS, row_chunks, wrong_width
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
        for numbers, rows in self.chunks():
            yield from zip(numbers, rows, strict=True)

    def chunks_of(self, size: int, skipped: int = 0) -> Iterator[RowChunk]:
        """`chunks` of this many rows, the last may be smaller, without the first `skipped` rows."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        for more_numbers, more in self.chunks():
            numbers += more_numbers[skipped:]
            rows += more[skipped:]
            skipped = max(skipped - len(more), 0)
            while len(rows) >= size:
                yield numbers[:size], rows[:size]
                numbers, rows = numbers[size:], rows[size:]
        if rows:
            yield numbers, rows

    def chunks(self) -> Iterator[RowChunk]:
        """`rows` in lists of some thousands: their numbers, and the rows."""
        held = HeldRows(self.dialect, self.layout)
        try:
            for numbers, rows in self._filled_chunks():
                held.add(numbers, rows)
                yield self._clean_rows(*held.take_all_but(LAST_ROWS + GROUP_LINES))
        except TableRefused:
            yield self._clean_rows(*held.take_all_but(0))
            raise
        held.drop_footer()
        self.row_notes.update(dict.fromkeys(held.notes))
        yield self._clean_rows(*held.take_all_but(0))

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

    def _filled_chunks(self) -> Iterator[RowChunk]:
        """The rows below the header, without empty ones."""
        header_row = self.dialect.header_row
        with _open_text(self.path, self.name, self.in_utf8) as lines:
            for first, rows in row_chunks(lines, self.dialect.delimiter, self.name):
                numbers = [*range(first, first + len(rows))]
                if first > header_row and all(map(any, rows)) and END not in rows:  # nearly all chunks
                    yield numbers, rows
                    continue
                pairs = zip(numbers, rows, strict=True)
                filled = [(number, row) for number, row in pairs if number > header_row and any(row) and row != END]
                yield [number for number, _ in filled], [row for _, row in filled]

    def _clean_rows(self, numbers: list[int], rows: list[list[str]]) -> RowChunk:
        all_are_read = self.layout.places == tuple(range(self.dialect.width))
        if not all_are_read or max(map(len, rows), default=0) > self.dialect.width:
            rows = [self._choose_cells(row) for row in rows]
        text = "".join(chain.from_iterable(rows))
        if NULL in text or "'" in text:
            rows = [self._clean_cells(row) for row in rows]
        return numbers, rows

    def _choose_cells(self, cells: list[str]) -> list[str]:
        """The cells of the columns that are read, and behind them those that belong to none."""
        places = self.layout.places
        row = [cells[place] for place in places if place < len(cells)]
        if len(row) == len(places):
            unnamed = (*self.layout.blank, *range(self.dialect.width, len(cells)))
            row += [cells[place] for place in unnamed if place < len(cells) and cells[place]]
        return row

    def _clean_cells(self, row: list[str]) -> list[str]:
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
