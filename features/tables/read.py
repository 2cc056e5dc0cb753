"""Reads the tables that a company brings, CSV, workbook, Parquet or SQL, into frames of raw columns.

The frame's index holds the row numbers that people count by: in a CSV the header is row 1, so the first lead
is row 2; in Parquet and SQL the first row is 1. Nothing is half read: a table with a problem is refused, with
all its problems at once.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Problem, TableRefused, header_problems
from features.tables.csv import NOTES, read_csv
from features.tables.sql import read_sql, safe_name

NOT_A_ROW = Problem("there is not a single row below the header")

_GZIP_MAGIC = b"\x1f\x8b"
_PARQUET_MAGIC = b"PAR1"


def read_table(location: str, query: str | None = None) -> pd.DataFrame:
    """The raw columns of a CSV or Parquet file, packed by gzip or not, or of a query on a SQLAlchemy URL.

    CSV columns are text; Parquet and SQL columns keep their types. Missing values are null.

    Raises:
        TableRefused: with every problem, when there is any or when there is no row.
    """
    name = safe_name(location) if "://" in location else location
    frame = _read_sql(location, query, name) if "://" in location else _read_file(Path(location))
    if problems := header_problems([str(column) for column in frame.columns]):
        raise TableRefused(problems, name)
    if frame.empty:
        raise TableRefused([NOT_A_ROW], name)
    return frame


def notes_of(table: pd.DataFrame) -> tuple[str, ...]:
    """What `read_table` left out of a file, or named otherwise, as sentences."""
    return tuple(table.attrs.get(NOTES, ()))


def _read_sql(url: str, query: str | None, name: str) -> pd.DataFrame:
    if not query:
        raise TableRefused([Problem('a database needs a query as well, such as query = "SELECT * FROM leads"')], name)
    return read_sql(url, query)


@contextmanager
def refuse_unreadable(path: Path) -> Iterator[None]:
    """Refuse a file that is not there, may not be read, or is not whole gzip."""
    try:
        yield
    except FileNotFoundError:
        raise TableRefused([Problem("there is no such file")], str(path)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TableRefused([Problem(f"the file is not whole gzip: {error}")], str(path)) from None
    except OSError as error:
        raise TableRefused([Problem(f"the file cannot be read: {error.strerror}")], str(path)) from None


def is_gzip(data: bytes) -> bool:
    """Whether a file that begins so is packed by gzip."""
    return data.startswith(_GZIP_MAGIC)


def is_parquet(data: bytes, path: Path) -> bool:
    """Whether a file that begins so, or is called so, is meant as Parquet."""
    return data.startswith(_PARQUET_MAGIC) or path.suffix.casefold() in {".parquet", ".pq"}


def parquet_frame(table: pa.Table, first_row: int) -> pd.DataFrame:
    """The columns with their types, indexed by row number from `first_row` on."""
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    frame.index = pd.RangeIndex(first_row, first_row + len(frame))
    return frame


def _read_file(path: Path) -> pd.DataFrame:
    with refuse_unreadable(path):
        data = path.read_bytes()
        if is_gzip(data):
            data = gzip.decompress(data)
    if is_parquet(data, path):
        return _read_parquet(data, str(path))
    return read_csv(data, str(path))


def _read_parquet(data: bytes, name: str) -> pd.DataFrame:
    if not data:
        raise TableRefused([Problem("the file is empty")], name)
    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read()
    except (pa.ArrowException, OSError) as error:
        detail = str(error).splitlines()[0]
        raise TableRefused([Problem(f"the file is not whole Parquet: {detail}")], name) from None
    if problems := header_problems(table.column_names):
        raise TableRefused(problems, name)
    return parquet_frame(table, 1)
