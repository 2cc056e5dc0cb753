"""Reads a table in batches of rows, so that a file of any size passes through little memory.

The same rows, row numbers, notes and problems as `features.tables.read` gives of the whole. CSV in UTF-8 and Parquet
are read piece by piece, packed by gzip or not; a workbook, or text in another encoding, is read as a whole first.
"""

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Problem, TableRefused, header_problems
from features.tables.charset import decode
from features.tables.csv import read_header
from features.tables.csv_batches import CsvRows
from features.tables.csv_dialect import LOOKED_AT_CHARACTERS
from features.tables.read import (
    NOT_A_ROW,
    is_gzip,
    is_parquet,
    notes_of,
    parquet_frame,
    read_table,
    refuse_unreadable,
)

BATCH_ROWS = 20_000

_PIECE = 1 << 20
_BEGINNING_BYTES = 8 * LOOKED_AT_CHARACTERS
_FILLED = re.compile(r"\S")


@dataclass
class TableBatches:
    """A table in batches. `problems` and `notes` are whole when all were taken; there are about `rows` rows."""

    name: str
    rows: int
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    frames: Iterator[pd.DataFrame] = field(default_factory=lambda: iter(()))
    """Raw columns, indexed by row number."""


def open_batches(location: str) -> TableBatches:
    """The batches of a CSV or Parquet file.

    Raises:
        TableRefused: where there is no such file, or its beginning shows no table.
    """
    path = Path(location)
    if "://" in location:
        return _whole_table(location)
    with refuse_unreadable(path):
        head, is_packed = _read_head(path)
        if is_parquet(head, path) and not is_packed:
            return _parquet(path)
        scan = None if is_parquet(head, path) else _scan(path, is_packed)
        return _csv(path, head, scan, is_packed) if scan else _whole_table(location)


@dataclass
class _Scan:
    """What the bytes of a text in UTF-8 hold."""

    lines: int = 0
    quotes: int = 0


def _whole_table(location: str) -> TableBatches:
    table = read_table(location)
    frames = (table.iloc[start : start + BATCH_ROWS] for start in range(0, len(table), BATCH_ROWS))
    return TableBatches(location, len(table), notes=[*notes_of(table)], frames=frames)


def _parquet(path: Path) -> TableBatches:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        return _whole_table(str(path))  # which says what is wrong with it
    if problems := header_problems(file.schema_arrow.names):
        raise TableRefused(problems, str(path))
    if not file.metadata.num_rows:
        raise TableRefused([NOT_A_ROW], str(path))
    return TableBatches(str(path), file.metadata.num_rows, frames=_parquet_frames(file, str(path)))


def _parquet_frames(file: pq.ParquetFile, name: str) -> Iterator[pd.DataFrame]:
    first = 1
    batches = file.iter_batches(batch_size=BATCH_ROWS)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            detail = str(error).splitlines()[0]
            raise TableRefused([Problem(f"the file is not whole Parquet: {detail}")], name) from None
        if batch is None:
            return
        yield parquet_frame(pa.Table.from_batches([batch]), first)
        first += batch.num_rows


def _csv(path: Path, head: bytes, scan: _Scan, is_packed: bool) -> TableBatches:
    beginning = head[: head.rfind(b"\n") + 1] if len(head) == _BEGINNING_BYTES else head
    text = decode(beginning, str(path)).text
    dialect, layout = read_header(text, str(path))
    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    body_start = mark + len(text[: dialect.body_start].encode())

    def open_body() -> pa.NativeFile:
        stream = pa.input_stream(str(path), compression="gzip" if is_packed else None)
        stream.read(body_start)
        return stream

    rows = CsvRows(
        dialect,
        layout,
        open_body=open_body,
        open_lines=lambda: io.TextIOWrapper(_open(path, is_packed), encoding="utf-8-sig", newline=""),
        has_quotes=scan.quotes > 0,
        has_open_quote=scan.quotes % 2 == 1,
        is_blank=beginning is head and not _FILLED.search(text, dialect.body_start),
    )
    batches = TableBatches(str(path), scan.lines, rows.problems)
    batches.frames = _csv_frames(rows, batches)
    return batches


def _csv_frames(rows: CsvRows, batches: TableBatches) -> Iterator[pd.DataFrame]:
    is_empty = True
    for frame in rows.batches():
        is_empty = False
        yield frame
    batches.problems, batches.notes = rows.problems, rows.notes
    if is_empty and not rows.problems:
        batches.problems = [NOT_A_ROW]


def _open(path: Path, is_packed: bool) -> IO[bytes]:
    return gzip.open(path) if is_packed else path.open("rb")  # type: ignore[return-value]


def _read_head(path: Path) -> tuple[bytes, bool]:
    """The first bytes of what a file holds, and whether it is packed."""
    with path.open("rb") as file:
        is_packed = is_gzip(file.read(2))
    with _open(path, is_packed) as file:
        return file.read(_BEGINNING_BYTES), is_packed


def _scan(path: Path, is_packed: bool) -> _Scan | None:
    """What the bytes hold; None where they are no text in UTF-8."""
    decoder, found = codecs.getincrementaldecoder("utf-8")(), _Scan()
    with _open(path, is_packed) as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
                if b"\0" in piece:
                    return None
                found.lines += piece.count(b"\n")
                found.quotes += piece.count(b'"')
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return found
