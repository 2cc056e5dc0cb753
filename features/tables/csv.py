"""Reads a CSV file into a frame of text columns; every row that does not fit the header is named.

Rows are counted as a spreadsheet counts them: the header is row 1, the first lead row 2. An empty cell is
null, and a row with nothing in it is passed over.
"""

import codecs
import csv
import io
import re

import pandas as pd
import pyarrow as pa

from features.errors import Problem, TableRefused
from features.tables.charset import decode
from features.tables.csv_batches import CsvRows
from features.tables.csv_dialect import Dialect, read_dialect
from features.tables.csv_layout import Layout, read_layout

NOTES = "notes"

_BLOCK_BYTES = 1 << 24
_FILLED = re.compile(r"\S")


def read_csv(data: bytes, table: str) -> pd.DataFrame:
    """All columns as text, indexed by row number; `table` is the name that messages use.

    The frame's `attrs[NOTES]` say what was left out of the file.

    Raises:
        TableRefused: with every problem of the header and of the rows.
    """
    decoded = decode(data, table)
    text = decoded.text
    dialect, layout = read_header(text, table)
    body, quotes = _body(data, text, dialect), text.count('"')
    rows = CsvRows(
        dialect,
        layout,
        open_body=lambda: pa.BufferReader(pa.py_buffer(body)),
        open_lines=lambda: io.StringIO(text, newline=""),
        has_quotes=quotes > 0,
        has_open_quote=quotes % 2 == 1,
        is_blank=not _FILLED.search(text, dialect.body_start),
        block_bytes=_BLOCK_BYTES,
    )
    frames = [*rows.batches()]
    if rows.problems:
        raise TableRefused(rows.problems, table)
    frame = pd.concat(frames) if frames else pd.DataFrame(columns=rows.header, dtype="str")
    frame.attrs[NOTES] = (*decoded.notes, *rows.notes)
    return frame


def read_header(text: str, table: str) -> tuple[Dialect, Layout]:
    """How a text is written and laid out, as its beginning shows it.

    Raises:
        TableRefused: where there is no text, or no header that can be read.
    """
    if not text or text.isspace():
        raise TableRefused([Problem("the file is empty")], table)
    try:
        dialect = read_dialect(text)
    except csv.Error as error:
        raise TableRefused([Problem(f"its header cannot be read: {error}")], table) from None
    return dialect, read_layout(text, dialect)


def _body(data: bytes, text: str, dialect: Dialect) -> memoryview:
    """The rows in UTF-8; of a large file no second copy where it is ASCII."""
    mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    if text.isascii() and len(data) == mark + len(text):
        return memoryview(data)[mark + dialect.body_start :]
    return memoryview(text[dialect.body_start :].encode())
