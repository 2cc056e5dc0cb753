"""A raw table looked at as a whole: a frame in, its columns, their kinds and how it writes things out."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from features.schema_inference.column import Column
from features.schema_inference.dates import ISO, DateFormat, Times, date_format
from features.schema_inference.kinds import Reading, read_kind
from features.schema_inference.lexicon import Lexicon
from features.schema_inference.placeholders import date_placeholders, word_placeholders
from features.schema_inference.roles import Arrival, find_created_at
from features.schema_inference.writing import Writing, read_writing

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

    @property
    def date_format(self) -> DateFormat:
        """The leads' date format: that of their arrival times, where these are known."""
        arrival = self.writing.dates.get(self.created_at or "", DateFormat(ISO))
        return arrival if arrival.text != ISO else self.writing.date_format

    def decimal(self, value: str | None) -> str:
        """The leads' decimal mark: that of their column of money, where there is one and it tells."""
        return self.writing.decimal_of(value) if value else self.writing.decimal

    def times_of(self, name: str) -> Times:
        """The times of a column of dates in UTC (n,), datetime64[us], NaT where there is none."""
        return self._by_name[name].times_by_row

    def column(self, name: str) -> Column:
        """A column without its words for nothing."""
        return self._by_name[name].column

    def reading(self, name: str) -> Reading:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Reading]:
        return {reading.name: reading for reading in self.readings}


def look_at(table: pd.DataFrame) -> Survey:
    """Look at a table, or at a random sample of `SAMPLE_ROWS` of its rows, always the same ones."""
    frame = _sample(table)
    columns = tuple(Column.of(frame.iloc[:, place], str(name)) for place, name in enumerate(frame.columns))
    words = [_words_for_nothing(column) for column in columns]
    writing = read_writing([column.without(said) for column, said in zip(columns, words, strict=True)])
    readings = tuple(_read(column, said, writing) for column, said in zip(columns, words, strict=True))
    return Survey(frame, len(table), columns, writing, readings)


def _words_for_nothing(column: Column) -> tuple[str, ...]:
    words = word_placeholders(column)
    return words + date_placeholders(column.without(words), lambda rest: date_format(rest) is not None)


def _read(column: Column, words: tuple[str, ...], writing: Writing) -> Reading:
    name = column.name
    return read_kind(column, writing.decimal_of(name), writing.form_of(name), writing.doubts(name), words)


def _sample(table: pd.DataFrame) -> pd.DataFrame:
    if len(table) <= SAMPLE_ROWS:
        return table
    rows = np.random.default_rng(0).choice(len(table), SAMPLE_ROWS, replace=False)
    return table.iloc[np.sort(rows)]
