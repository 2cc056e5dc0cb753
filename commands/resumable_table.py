"""The table of scores while it is made: pieces in a file beside its place, where a run that was broken off goes on.

Beside the pieces lies a note of how far they go and what they were made of. The whole is the same to the byte, however
often it was broken off.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from features.errors import Refused
from features.tables.csv_text import csv_rows
from features.whole_files import replace_file, write_text
from training.score_file import Done

ENDINGS = (".csv", ".csv.gz", ".parquet")

_PACKED_LIKE = 3  # gzip's level: half the time of its usual one for a tenth more bytes
_GZIP_START = b"\x1f\x8b\x08" + bytes(6) + b"\xff"  # deflate, no time, no name, no system (RFC 1952)
_DEFLATE_END = b"\x03\x00"  # an empty last block (RFC 1951)


class Format(Protocol):
    """How a table's pieces look. `encode` may run anywhere; `join` is called in order, and keeps a `state`."""

    state: dict[str, int]

    @staticmethod
    def encode(batch: pd.DataFrame) -> Any: ...
    def join(self, encoded: Any, *, is_first: bool) -> bytes: ...
    def finish(self, pieces: Path, place: Path) -> None: ...


class ResumableTable:
    """A table that is written batch by batch.

    Attributes:
        done: what a run before had written.
        changed: what is not as it was in a run before, for whose sake its pieces were dropped.
    """

    def __init__(self, path: Path, made_of: Mapping[str, str]) -> None:
        self._format = _format_of(path)
        self._place, self._made_of = path, dict(made_of)
        self._pieces, self._note = (path.with_name(f".{path.name}.{kind}") for kind in ("part", "progress"))
        self.done, self.changed = Done(), tuple[str, ...]()
        size = self._read_note()
        self._file = self._pieces.open("r+b" if size else "wb")
        self._file.truncate(size)
        self._file.seek(size)

    @property
    def encode(self) -> Callable[[pd.DataFrame], Any]:
        """What makes of a batch of scores what `write` takes; it knows nothing of this table, so it may travel."""
        return self._format.encode

    def write(self, encoded: Any, done: Done) -> None:
        """Write a batch, and note how far the table is."""
        self._file.write(self._format.join(encoded, is_first=not self._file.tell()))
        self._file.flush()
        note = {"made_of": self._made_of, "bytes": self._file.tell(), "state": self._format.state, **asdict(done)}
        write_text(json.dumps(note), self._note)

    def restart(self) -> None:
        """Forget what was written."""
        self._note.unlink(missing_ok=True)
        self._file.seek(0)
        self._file.truncate()
        self._format = _format_of(self._place)

    def finish(self) -> None:
        """Put the whole table into its place."""
        self._file.close()
        self._format.finish(self._pieces, self._place)
        self.drop()

    def close(self) -> None:
        """Leave what was written for a run that goes on."""
        self._file.close()

    def drop(self) -> None:
        """Leave nothing."""
        self._file.close()
        self._pieces.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _read_note(self) -> int:
        """Find out how far a run before came; how many bytes of its pieces are good."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            size, before = int(note["bytes"]), dict(note["made_of"])
            done = Done(int(note["last_row"]), dict(note["grades"]), bool(note["without_equal"]))
            state = dict(note["state"])
            is_whole = self._pieces.stat().st_size >= size
        except (OSError, ValueError, LookupError, TypeError):
            return 0
        self.changed = tuple(name for name in self._made_of if self._made_of[name] != before.get(name))
        if self.changed or not is_whole:
            return 0
        self.done, self._format.state = done, state
        return size


@contextmanager
def resumable_table(path: Path, made_of: Mapping[str, str]) -> Iterator[ResumableTable]:
    """A table by the ending of its name: CSV, packed or not, or Parquet. It is in its place when the block ends.

    Where the block is broken off, what was written stays for the next run that makes it of the same; of a refusal
    nothing stays. `made_of` names what the scores depend on, each with a text that is another when it is.
    """
    check_ending(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    table = ResumableTable(path, made_of)
    try:
        yield table
        table.finish()
    except Refused:
        table.drop()
        raise
    finally:
        table.close()


def check_ending(path: Path) -> None:
    """Raises `typer.BadParameter` where a name ends in none of `ENDINGS`."""
    if not path.name.endswith(ENDINGS):
        raise typer.BadParameter(f"{path}: the name must end in .csv or .parquet, or in .csv.gz", param_hint="OUTPUT")


def _format_of(path: Path) -> Format:
    if path.suffix == ".parquet":
        return _Parquet()
    return _PackedCsv() if path.suffix == ".gz" else _Csv()


class _Csv:
    def __init__(self) -> None:
        self.state: dict[str, int] = {}

    @staticmethod
    def encode(batch: pd.DataFrame) -> tuple[bytes, pa.Buffer]:
        return csv_rows(batch)

    def join(self, encoded: tuple[bytes, pa.Buffer], *, is_first: bool) -> bytes:
        header, rows = encoded
        return header + rows.to_pybytes() if is_first else rows.to_pybytes()

    def finish(self, pieces: Path, place: Path) -> None:
        pieces.replace(place)


class _PackedCsv:
    """One member of gzip whose batches are packed by themselves, so that one can be put behind another any time."""

    def __init__(self) -> None:
        self.state = {"crc": 0, "length": 0}

    @staticmethod
    def encode(batch: pd.DataFrame) -> tuple[bytes, pa.Buffer, bytes]:
        header, rows = csv_rows(batch)
        return header, rows, _deflate(rows)

    def join(self, encoded: tuple[bytes, pa.Buffer, bytes], *, is_first: bool) -> bytes:
        header, rows, packed = encoded
        for text in (header, rows) if is_first else (rows,):
            crc, length = zlib.crc32(text, self.state["crc"]), self.state["length"] + len(text)
            self.state = {"crc": crc, "length": length}
        return _GZIP_START + _deflate(header) + packed if is_first else packed

    def finish(self, pieces: Path, place: Path) -> None:
        with pieces.open("ab") as file:
            file.write(_DEFLATE_END + struct.pack("<LL", self.state["crc"], self.state["length"] & 0xFFFFFFFF))
        pieces.replace(place)


def _deflate(text: bytes | pa.Buffer) -> bytes:
    packer = zlib.compressobj(_PACKED_LIKE, wbits=-zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


class _Parquet:
    """Pieces in Arrow's stream format, made Parquet at the end: a Parquet file that was broken off cannot go on."""

    def __init__(self) -> None:
        self.state: dict[str, int] = {}

    @staticmethod
    def encode(batch: pd.DataFrame) -> pa.Buffer:
        table = pa.Table.from_pandas(batch, preserve_index=False)
        empty = [place for place, column in enumerate(table.schema) if pa.types.is_null(column.type)]
        for place in empty:  # no lead of the batch has so many reasons
            name = table.schema.names[place]
            table = table.set_column(place, name, pa.nulls(len(table), pa.string()))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return sink.getvalue()

    def join(self, encoded: pa.Buffer, *, is_first: bool) -> bytes:  # noqa: ARG002 - each piece has its header
        return encoded.to_pybytes()

    def finish(self, pieces: Path, place: Path) -> None:
        size = pieces.stat().st_size
        with replace_file(place, "whole") as draft, pa.OSFile(str(pieces)) as source:
            first = pa.ipc.open_stream(source).read_all()
            with pq.ParquetWriter(draft, first.schema) as writer:
                writer.write_table(first)
                while source.tell() < size:
                    writer.write_table(pa.ipc.open_stream(source).read_all())
