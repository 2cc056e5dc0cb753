"""A raw table looked at as a whole: a frame in, its columns, their kinds and how it writes things out."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from features.infer.column import Column
from features.infer.dates import Times, times
from features.infer.kinds import Reading, read_kind
from features.infer.lexicon import Lexicon
from features.infer.roles import Arrival, find_created_at
from features.infer.writing import Writing, read_writing

SAMPLE_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class Survey:
    """The rows looked at, in the file's order, and every column as it was understood."""

    frame: pd.DataFrame
    rows_in_table: int
    columns: tuple[Column, ...]
    writing: Writing
    readings: tuple[Reading, ...]
    asked_created_at: str | None = None
    """The arrival time as the user named it."""

    @property
    def is_sample(self) -> bool:
        return len(self.frame) < self.rows_in_table

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the columns' names say."""
        return Lexicon.of(column.name for column in self.columns)

    @cached_property
    def arrival(self) -> Arrival | None:
        """The column that says when a lead arrived, None where no column does."""
        if self.asked_created_at is not None:
            return Arrival(self.asked_created_at, "when the lead arrived")
        return find_created_at(self.readings, self.lexicon, self.times_of)

    @property
    def created_at(self) -> str | None:
        return None if self.arrival is None else self.arrival.name

    @cached_property
    def arrived(self) -> Times | None:
        """When each lead arrived (n,), None where no column says it."""
        return None if self.created_at is None else self.times_of(self.created_at)

    def times_of(self, name: str) -> Times:
        return times(self.reading(name).column, self.writing.date_format)

    def reading(self, name: str) -> Reading:
        return next(reading for reading in self.readings if reading.name == name)


def look_at(table: pd.DataFrame) -> Survey:
    """Look at a table, or at a random sample of `SAMPLE_ROWS` of its rows, always the same ones."""
    frame = _sample(table)
    columns = tuple(Column.of(frame.iloc[:, place], str(name)) for place, name in enumerate(frame.columns))
    writing = read_writing(columns)
    readings = tuple(read_kind(column, writing.decimal, writing.date_format) for column in columns)
    return Survey(frame, len(table), columns, writing, readings)


def _sample(table: pd.DataFrame) -> pd.DataFrame:
    if len(table) <= SAMPLE_ROWS:
        return table
    rows = np.random.default_rng(0).choice(len(table), SAMPLE_ROWS, replace=False)
    return table.iloc[np.sort(rows)]
