"""A CSV file row by row, for tables that are too large to be held: the same cells and row numbers as `read_csv` gives.

UTF-8 is read piece by piece; a file in another encoding is decoded whole.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from features.errors import Problem, TableRefused
from features.tables.charset import decode
from features.tables.csv import END, LAST_ROWS, UNCLOSED, ragged
from features.tables.csv_dialect import LOOKED_AT_CHARACTERS, Dialect, read_dialect
from features.tables.csv_layout import (
    HELD_ROWS,
    Layout,
    footer_note,
    may_be_footer,
    read_layout,
    split_footer,
    swallowed_rows,
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
    footers: set[str] = field(default_factory=set, compare=False)
    """What `rows` found below the table, told once however often it is read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or named otherwise, as far as the file was read."""
        return (*self.layout.notes, *self.footers)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not empty, with the numbers that people count by, whatever their width.

        What stands below the table, as in a report, is none of them.

        Raises:
            TableRefused: where a quote is open at the end.
        """
        for number, row in self._without_footer(self._all_rows()):
            yield number, self._cells(row)

    def trouble(self, row: list[str]) -> str | None:
        """What is wrong with a row of `rows` as a whole."""
        if len(row) != len(self.header):
            return ragged(len(row), len(self.header))
        first = int(self.layout.drops_first)
        for place, cell in enumerate(row, first):
            if "\n" in cell and swallowed_rows(cell, place, self.dialect, self.layout.looks):
                return HELD_ROWS
        return None

    def _all_rows(self) -> Iterator[tuple[int, list[str]]]:
        with _open(self.path, self.name, self.in_utf8) as lines:
            rows = csv.reader(chain(lines, (END,)), delimiter=self.dialect.delimiter)
            number, row = 0, [END]
            try:
                for number, row in enumerate(rows, 1):
                    if number > self.dialect.header_row and any(row) and row != [END]:
                        yield number, row
            except csv.Error:
                raise TableRefused([Problem(UNCLOSED, rows=(number + 1,))], self.name) from None
            if row != [END]:
                raise TableRefused([Problem(UNCLOSED, rows=(number,))], self.name)

    def _without_footer(self, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        """The rows but a report's last ones: those that may be of its footer wait until one comes that is not."""
        waiting: list[tuple[int, list[str]]] = []
        above = self.dialect.header_row
        for number, row in rows:
            if may_be_footer(row, self.layout.looks):
                waiting.append((number, row))
                if len(waiting) > LAST_ROWS:
                    yield waiting.pop(0)
                continue
            yield from waiting
            waiting, above = [], number
            yield number, row
        count = split_footer(waiting, above, self.layout.looks)
        if count:
            self.footers.add(footer_note(waiting[-count:]))
        yield from waiting[: len(waiting) - count]

    def _cells(self, row: list[str]) -> list[str]:
        if self.layout.drops_first:
            row = row[1:]
        while len(row) > len(self.header) and not row[-1]:  # what a delimiter at the end of every line makes
            row.pop()
        return ["" if cell == NULL else unguarded(cell) if cell[:1] == "'" else cell for cell in row]


def open_csv(path: Path, name: str) -> CsvFile:
    """Look at a file's bytes and header; `name` is what messages call it.

    Raises:
        TableRefused: where it is not there, empty, no text, or has a header that cannot be used.
    """
    try:
        sha256, lines, in_utf8 = _survey(path)
        with _open(path, name, in_utf8) as text:
            head = text.read(LOOKED_AT_CHARACTERS)
    except FileNotFoundError:
        raise TableRefused([Problem("there is no such file")], name) from None
    except OSError as error:
        raise TableRefused([Problem(f"the file cannot be read: {error.strerror}")], name) from None
    if not head.strip():
        raise TableRefused([Problem("the file is empty")], name)
    try:
        dialect = read_dialect(head)
    except csv.Error as error:
        raise TableRefused([Problem(f"its header cannot be read: {error}")], name) from None
    layout = read_layout(head, dialect)
    if layout.problems:
        raise TableRefused(layout.problems, name)
    header = layout.names
    while len(header) > 1 and not header[-1]:
        header = header[:-1]
    return CsvFile(path, name, dialect, layout, header, sha256, lines, in_utf8)


def _survey(path: Path) -> tuple[str, int, bool]:
    """The SHA-256 of the bytes, how many lines they have, and whether all are text in UTF-8."""
    digest, lines = hashlib.sha256(), 0
    decoder, in_utf8 = codecs.getincrementaldecoder("utf-8")(), True
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            lines += piece.count(b"\n")
            in_utf8 = in_utf8 and b"\0" not in piece and _decodes(decoder, piece)
    return digest.hexdigest(), lines, in_utf8 and _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _open(path: Path, name: str, in_utf8: bool) -> io.TextIOBase:
    if in_utf8:
        return path.open(encoding="utf-8-sig", newline="")
    return io.StringIO(decode(path.read_bytes(), name), newline="")
