"""Rows as CSV text, to the byte as pandas writes them, many at once: in columns, without a call a cell."""

import csv
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

FEW = 5_000
"""So many different numbers are written one by one."""

_COMMA, _QUOTE, _END, _NOTHING = (pa.scalar(text, pa.large_string()) for text in (",", '"', "\n", ""))
_QUOTED = '[,"\\r\\n]'


def csv_rows(table: pd.DataFrame) -> tuple[bytes, pa.Buffer]:
    """The header's line, and the lines of all rows."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(table.columns)
    cells = [_texts(table[name]) for name in table.columns]
    rows = pc.binary_join_element_wise(*cells, _COMMA, null_handling="replace", null_replacement="")
    lines = pc.binary_join_element_wise(rows, _END, _NOTHING)
    return line.getvalue().encode(), _buffer(lines)


def _texts(column: pd.Series) -> pa.Array:
    array = pa.array(column, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_floating(array.type):
        return _number_texts(array)
    texts = array.cast(pa.large_string())
    is_quoted = pc.match_substring_regex(texts, _QUOTED)
    if not pc.any(is_quoted).as_py():
        return texts
    escaped = pc.binary_join_element_wise(_QUOTE, pc.replace_substring(texts, '"', '""'), _QUOTE, _NOTHING)
    return pc.if_else(is_quoted, escaped, texts)


def _number_texts(numbers: pa.Array) -> pa.Array:
    """The shortest text of each number that is read back as it, as Python writes it."""
    distinct = numbers.dictionary_encode()
    if len(distinct.dictionary) <= FEW:
        return _written(distinct.dictionary.to_pylist()).take(distinct.indices)
    texts = numbers.cast(pa.large_string())
    values = numbers.to_numpy(zero_copy_only=False)
    unlike = (np.abs(values) < 1e-4) | (np.abs(values) >= 1e9) | (values == np.floor(values))  # Arrow writes 1, not 1.0
    unlike = pa.array(unlike & ~np.isnan(values))
    return pc.replace_with_mask(texts, unlike, _written(numbers.filter(unlike).to_pylist()))


def _written(numbers: Sequence[float | None]) -> pa.Array:
    return pa.array([None if number is None else repr(number) for number in numbers], pa.large_string())


def _buffer(lines: pa.Array) -> pa.Buffer:
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)
    return data.slice(int(ends[lines.offset]), int(ends[lines.offset + len(lines)] - ends[lines.offset]))
