"""Files that are there whole or not at all: written beside their place, then renamed."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from features.tables.csv_text import csv_rows

ENDINGS = (".csv", ".csv.gz", ".parquet")
_PACKED_LIKE = 3  # gzip's level: half the time of its usual one for a tenth more bytes


def write_text(text: str, path: Path) -> None:
    """Write a text file."""
    with _beside(path) as beside:
        beside.write_text(text, encoding="utf-8")


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """An empty file beside a file's place, for its owner alone; on the disk, and in that place, when the block ends."""
    with _beside(path) as beside:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())


class BatchWriter(Protocol):
    """Writes a table batch by batch. `encode` may run on any thread or machine; `write` takes its results in order."""

    @staticmethod
    def encode(batch: pd.DataFrame) -> Any: ...
    def write(self, encoded: Any) -> None: ...
    def restart(self) -> None: ...
    def close(self) -> None: ...


@contextmanager
def open_table(path: Path) -> Iterator[BatchWriter]:
    """A writer of CSV, packed or not, or Parquet, by the ending of the name; the file is there when the block ends."""
    if not path.name.endswith(ENDINGS):
        raise typer.BadParameter(f"{path}: the name must end in .csv or .parquet, or in .csv.gz", param_hint="OUTPUT")
    with _beside(path) as beside:
        writer = _ParquetWriter(beside) if path.suffix == ".parquet" else _CsvWriter(beside, path.suffix == ".gz")
        try:
            yield writer
        finally:
            writer.close()


class _CsvWriter:
    def __init__(self, path: Path, is_packed: bool) -> None:
        self._path, self._is_packed = path, is_packed
        self._open()

    def _open(self) -> None:
        self._has_header = False
        self._bytes = self._path.open("wb")
        self._file: IO[bytes] | gzip.GzipFile = self._bytes
        if self._is_packed:
            self._file = gzip.GzipFile("", "wb", _PACKED_LIKE, self._bytes, mtime=0)

    @staticmethod
    def encode(batch: pd.DataFrame) -> tuple[bytes, pa.Buffer]:
        return csv_rows(batch)

    def write(self, encoded: tuple[bytes, pa.Buffer]) -> None:
        header, rows = encoded
        if not self._has_header:
            self._file.write(header)
            self._has_header = True
        self._file.write(rows)

    def restart(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self._file.close()
        self._bytes.close()


class _ParquetWriter:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None

    @staticmethod
    def encode(batch: pd.DataFrame) -> pa.Table:
        return pa.Table.from_pandas(batch, preserve_index=False)

    def write(self, encoded: pa.Table) -> None:
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, encoded.schema)
        self._file.write_table(encoded)

    def restart(self) -> None:
        self.close()
        self._file = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A place beside a file's, which takes the file's place when the block ends and is gone where that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
