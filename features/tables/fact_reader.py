"""Parses rows of a CSV file as facts: a column at once where all of its cells can be read, or else row by row.

Both ways give the same facts; a test compares them. Only the second tells what is wrong with which row.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from features.lead import Value
from features.tables.csv_stream import CsvFile
from features.tables.fact_batches import Fact, FactBatch, batch_of, to_times
from features.tables.import_columns import EARLIEST, LATEST, LOST_AT, TIME_FACTS, Column
from features.values import ValueRefused
from stats.types import Times

_CELLS_REMEMBERED = 1_024
"""Of a column: agents, channels and sources come again and again."""
_FEW = 100
"""So few new cells are read sooner one by one."""
_EARLIEST, _LATEST = to_times([EARLIEST, LATEST])


class FactReader:
    """Parses rows as facts; `problems` gathers the rows by what is wrong and in which column.

    `fields` are the columns that hold a lead's own fields; None where they are not asked for.
    """

    def __init__(self, file: CsvFile, columns: Sequence[Column], fields: Sequence[str] | None) -> None:
        place = {name: at for at, name in enumerate(file.header)}
        self.problems: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        self._file = file
        self._columns = [
            (column, place[column.header], _column_reader(column), lru_cache(_CELLS_REMEMBERED)(column.read))
            for column in columns
        ]
        self._fields = None if fields is None else [(name, place[name]) for name in fields]

    def read(self, numbers: list[int], rows: list[list[str]]) -> tuple[FactBatch, list[list[str]]]:
        """The facts of these rows, and the rows, but for those of which any cannot be read."""
        if self._may_be_whole(rows):
            cells = [*zip(*rows, strict=True)]
            if (columns := self._read_columns(cells)) is not None:
                return FactBatch(numbers, self._finished(columns, cells)), rows
        return self._read_rows(numbers, rows)

    def _may_be_whole(self, rows: list[list[str]]) -> bool:
        """Whether no row as a whole is amiss, and no cell holds what a database does not keep."""
        if {*map(len, rows)} != {len(self._file.header)}:
            return False
        text = "".join(chain.from_iterable(rows))
        return "\0" not in text and ("\n" not in text or not any(map(self._file.trouble, rows)))

    def _read_columns(self, cells: Sequence[Sequence[str]]) -> dict[str, Any] | None:
        """The columns of facts; None where any cell cannot be read."""
        columns: dict[str, Any] = {}
        for column, place, read_cells, _ in self._columns:
            try:
                values = read_cells(cells[place])
            except ValueRefused:
                return None
            if column.required and _lacks_any(values):
                return None
            columns[column.fact] = values
        return columns

    def _read_rows(self, numbers: list[int], rows: list[list[str]]) -> tuple[FactBatch, list[list[str]]]:
        facts, kept, kept_numbers = [], [], []
        for number, row in zip(numbers, rows, strict=True):
            if trouble := self._file.trouble(row):
                self.problems[trouble, None].append(number)
            elif (fact := self._read_row(number, row)) is not None:
                facts.append(fact)
                kept.append(row)
                kept_numbers.append(number)
        batch = batch_of(facts, kept_numbers)
        return FactBatch(kept_numbers, self._finished({**batch.columns}, [*zip(*kept, strict=True)])), kept

    def _read_row(self, number: int, row: list[str]) -> Fact | None:
        """The row's fact; None where any of it cannot be read."""
        fact: Fact = {}
        whole = True
        for column, place, _, read in self._columns:
            try:
                value = read(row[place])
            except ValueRefused:
                self.problems[f"is not {column.accepted}", column.header].append(number)
                whole = False
                continue
            if value is None and column.required:
                self.problems["has no value", column.header].append(number)
                whole = False
            fact[column.fact] = value
        return fact if whole else None

    def _finished(self, columns: dict[str, Any], cells: Sequence[Sequence[str]]) -> dict[str, Any]:
        """The columns with a lost lead's own time where it has no other, and with the fields as they are written."""
        if (lost_at := columns.pop(LOST_AT, None)) is not None:
            is_lost = np.array([status == "lost" for status in columns["status"]])
            columns["at"] = np.where(is_lost & np.isnat(columns["at"]), lost_at, columns["at"])
        if self._fields is not None and cells:
            names = [name for name, _ in self._fields]
            written = [[cell or None for cell in cells[place]] for _, place in self._fields]
            rows = zip(*written, strict=True) if written else [()] * len(cells[0])
            columns["fields"] = [dict(zip(names, row, strict=True)) for row in rows]
        return columns


def _column_reader(column: Column) -> Callable[[Sequence[str]], Any]:
    """What reads the cells (n,) of a column; it raises `ValueRefused` where one cannot be read."""
    if column.fact in TIME_FACTS:
        return lambda cells: _read_times(column, cells)
    if column.fact == "lead_id":
        return lambda cells: _read_plain_first(column, cells)
    return _Repeating(column)


def _read_times(column: Column, cells: Sequence[str]) -> Times:
    is_plain, values = column.read_plain(pa.array(cells, pa.string()))
    times: Times = values.astype("datetime64[us]")
    is_plain &= (times >= _EARLIEST) & (times < _LATEST)
    left = np.flatnonzero(~is_plain).tolist()
    read = lru_cache(None)(column.read)
    times[left] = to_times([read(cells[place]) for place in left])
    return times


def _read_plain_first(column: Column, cells: Sequence[str]) -> list[Value]:
    is_plain, values = column.read_plain(pa.array(cells, pa.string()))
    for place in np.flatnonzero(~is_plain).tolist():
        values[place] = column.read(cells[place])
    found: list[Value] = values.tolist()
    return found


class _Repeating:
    """Reads a column in which the same cells come again and again: each once."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._known: dict[str, Value] = {}

    def __call__(self, cells: Sequence[str]) -> list[Value]:
        if len(self._known) > _CELLS_REMEMBERED:
            self._known.clear()
        new = [*{*cells}.difference(self._known)]
        if len(new) > _FEW:
            is_plain, values = self._column.read_plain(pa.array(new, pa.string()))
            self._known.update(zip(np.array(new, object)[is_plain], values[is_plain].tolist(), strict=True))
        for cell in new:
            if cell not in self._known:
                self._known[cell] = self._column.read(cell)
        return [*map(self._known.__getitem__, cells)]


def _lacks_any(values: Any) -> bool:
    return bool(np.isnat(values).any()) if isinstance(values, np.ndarray) else None in values
