"""A raw table profiled as a whole: its columns, the kind of each, and how it writes numbers and dates."""

import re
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Self

import numpy as np
import pandas as pd

from features.parsing.times import NUMBERED
from features.schema_inference import column_names
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import (
    LOOKED_AT,
    NAT,
    Column,
    ColumnProfile,
    date_placeholders,
    number_placeholders,
    word_placeholders,
)
from features.schema_inference.date_formats import (
    COMPACT,
    COMPACT_TIME,
    ISO,
    DateFormat,
    detect_date_format,
    parse_times,
    reads,
)
from features.schema_inference.number_formats import TableFormats, detect_formats, is_numeric
from features.schema_inference.roles import DateRole, find_created_at
from features.values import FALSE_WORDS, TRUE_WORDS, Kind, same_text
from stats.types import Mask, Times, Vector

MOSTLY = 0.95
"""The share of a column's rows that must read as a kind; what does not is a bad value, not another kind."""
PARTLY = 0.5
"""The share of numbers from which a column of texts is said to hold them."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(\+|00)?[\d\s().\-/]{7,20}")
_PADDED = re.compile(r"^0\d+$", re.MULTILINE)
_TEXT_LEVELS = 40
_TEXT_HEAD = 20
_FLAG_SPELLINGS = 40
_LIST_MARKS, _LISTED, _FEWEST_LISTS = ";|,", 0.3, 12
"""Marks between the choices of a cell, the share of the cells that have one, and the different cells that tell."""


def profile_column(
    raw: Column,
    decimal: str,
    form: str | None,
    doubts: tuple[str, ...] = (),
    words: tuple[str, ...] | None = None,
) -> ColumnProfile:
    """Understand one column, given how it writes decimals and dates, and what is not sure of that.

    `form` is its date format, None where it holds no dates; `words` are its words for nothing, where they are known.
    """
    words = word_placeholders(raw) if words is None else words
    column = raw.without(words)
    if (form in NUMBERED or form in (COMPACT, COMPACT_TIME)) and (
        dates := _profile_dates(raw, column, form, words, doubts)
    ):
        return dates
    if _is_phone(column):
        return _profile_text(raw, column, Kind.PHONE, words)
    misfits: tuple[str, ...] = ()
    if column.texts and not _is_code(column):
        if _is_flag(column):
            return _profile_text(raw, column, Kind.FLAG, words)
        if column.begins(lambda text: is_numeric(text, decimal), MOSTLY / 4):
            numbers = column.numbers(decimal)
            read = int(column.counts[~np.isnan(numbers)].sum())
            if read >= MOSTLY * column.counts.sum():
                return replace(_profile_numbers(raw, column, numbers, words, decimal), doubts=doubts)
            if read >= PARTLY * column.counts.sum():
                misfits = _texts_at(column, np.isnan(numbers))
    if form is not None and (dates := _profile_dates(raw, column, form, words, doubts)):
        return dates
    return replace(_profile_text(raw, column, _kind_of_text(column), words), doubts=doubts, misfits=misfits)


def _texts_at(column: Column, chosen: Mask) -> tuple[str, ...]:
    return tuple(column.texts[position] for position in np.flatnonzero(chosen).tolist())


def _profile_dates(
    raw: Column, column: Column, form: str, words: tuple[str, ...], doubts: tuple[str, ...]
) -> ColumnProfile | None:
    if not column.begins(lambda text: reads(text, form), MOSTLY / 2):
        return None
    times = parse_times(column.texts, form)
    if float(column.counts[~np.isnat(times)].sum()) < MOSTLY * column.counts.sum():
        return None
    return replace(_profile_text(raw, column, Kind.DATETIME, words), times=times, doubts=doubts)


def _profile_numbers(
    raw: Column, column: Column, numbers: Vector, words: tuple[str, ...], decimal: str
) -> ColumnProfile:
    missing = (*words, *number_placeholders(numbers, column))
    column = raw.without(missing)
    numbers = column.numbers(decimal) if len(missing) > len(words) else numbers
    misfits = _texts_at(column, np.isnan(numbers))
    return ColumnProfile(column, Kind.NUMERIC, missing, _count_placeholders(raw, column), numbers, misfits=misfits)


def _profile_text(raw: Column, column: Column, kind: Kind, missing: tuple[str, ...]) -> ColumnProfile:
    return ColumnProfile(column, kind, missing, _count_placeholders(raw, column))


def _count_placeholders(raw: Column, column: Column) -> int:
    return int(raw.filled.sum() - column.filled.sum())


def _kind_of_text(column: Column) -> Kind:
    if column.mostly(lambda text: bool(_EMAIL.fullmatch(text)), 0.8):
        return Kind.EMAIL
    return Kind.TEXT if _is_free_text(column) or _holds_lists(column) else Kind.CATEGORY


def _is_flag(column: Column) -> bool:
    if len(column.texts) > _FLAG_SPELLINGS:
        return False
    words = {same_text(text) for text in column.texts}
    if words == {"1.0", "0.0"} or words <= {"1", "0"}:
        return len(words) == 2 or "1" in words
    return words <= TRUE_WORDS | FALSE_WORDS and bool(words & TRUE_WORDS)


def _is_phone(column: Column) -> bool:
    def international(text: str) -> bool:
        return bool(_PHONE.fullmatch(text)) and sum(map(str.isdigit, text)) >= 9 and text[:1] == "+"

    def number(text: str) -> bool:
        return bool(_PHONE.fullmatch(text)) and 7 <= sum(map(str.isdigit, text)) <= 15

    return column.mostly(international, 0.8) or (column_names.is_phone(column.name) and column.mostly(number, 0.8))


def _is_code(column: Column) -> bool:
    """Digits that are no quantity: postal codes, and numbers written with leading zeros."""
    if column_names.is_postal(column.name):
        return True
    if not _PADDED.search("\n".join(column.texts)):
        return False
    return column.share(lambda text: text[0] == "0" and len(text) > 1 and text.isdigit()) >= 0.05


def _is_free_text(column: Column) -> bool:
    if len(column.texts) < _TEXT_LEVELS or not column.mostly(lambda text: " " in text, 0.3):
        return False
    return bool(column.counts[:_TEXT_HEAD].sum() < 0.7 * column.counts.sum())


def _holds_lists(column: Column) -> bool:
    """Whether cells hold several choices, such as "a;b;c": few parts, put together in at least twice as many ways."""
    if len(column.texts) < _FEWEST_LISTS:
        return False
    texts = column.sample_texts(LOOKED_AT)
    for mark in _LIST_MARKS:
        parts = {part.strip() for text in texts for part in text.split(mark)}
        if 2 * len(parts) <= len(texts) and column.share(partial(_holds_mark, mark)) >= _LISTED:
            return True
    return False


def _holds_mark(mark: str, text: str) -> bool:
    return mark in text


SAMPLE_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class TableProfile:
    """The rows looked at, in the file's order, and every column as it was understood."""

    frame: pd.DataFrame
    rows_in_table: int
    columns: tuple[Column, ...]
    formats: TableFormats
    profiles: tuple[ColumnProfile, ...]
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
    def arrival(self) -> DateRole | None:
        """The column that says when a lead arrived, None where no column does."""
        if self.asked_created_at is not None:
            return DateRole(self.asked_created_at, "when the lead arrived")
        return find_created_at(self.profiles, self.lexicon)

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
        arrival = self.formats.dates.get(self.created_at or "", DateFormat(ISO))
        return arrival if arrival.text != ISO else self.formats.date_format

    def decimal(self, value: str | None) -> str:
        """The leads' decimal mark: that of their column of money, where there is one and it tells."""
        return self.formats.decimal_of(value) if value else self.formats.decimal

    def times_of(self, name: str) -> Times:
        """The times of a column of dates in UTC (n,), datetime64[us], NaT where there is none."""
        return self._by_name[name].times_by_row

    def with_date_format(self, name: str, form: DateFormat) -> Self:
        """The table with a column of dates read in another format."""
        profile = replace(self.profile(name), times=parse_times(self.column(name).texts, form.text), doubts=())
        profiles = tuple(profile if other.name == name else other for other in self.profiles)
        return replace(self, profiles=profiles, formats=self.formats.with_date_format(name, form))

    def times_in(self, name: str, form: str) -> Times:
        """As `times_of`, read in another date format."""
        column = self.column(name)
        return column.spread(parse_times(column.texts, form), NAT)

    def column(self, name: str) -> Column:
        """A column without its words for nothing."""
        return self._by_name[name].column

    def profile(self, name: str) -> ColumnProfile:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, ColumnProfile]:
        return {profile.name: profile for profile in self.profiles}


def profile_table(raw: pd.DataFrame, *, all_rows: bool = False) -> TableProfile:
    """Profile a table by all its rows, or by a random sample of `SAMPLE_ROWS` of them, always the same ones."""
    frame = raw if all_rows else _sample(raw)
    columns = tuple(Column.of(frame.iloc[:, place], str(name)) for place, name in enumerate(frame.columns))
    words = [_words_for_nothing(column) for column in columns]
    formats = detect_formats([column.without(said) for column, said in zip(columns, words, strict=True)])
    profiles = tuple(_profile_of(column, said, formats) for column, said in zip(columns, words, strict=True))
    return TableProfile(frame, len(raw), columns, formats, profiles)


def _words_for_nothing(column: Column) -> tuple[str, ...]:
    words = word_placeholders(column)
    return words + date_placeholders(column.without(words), lambda rest: detect_date_format(rest) is not None)


def _profile_of(column: Column, words: tuple[str, ...], formats: TableFormats) -> ColumnProfile:
    name = column.name
    return profile_column(column, formats.decimal_of(name), formats.form_of(name), formats.doubts(name), words)


def _sample(raw: pd.DataFrame) -> pd.DataFrame:
    if len(raw) <= SAMPLE_ROWS:
        return raw
    rows = np.random.default_rng(0).choice(len(raw), SAMPLE_ROWS, replace=False)
    return raw.iloc[np.sort(rows)]
