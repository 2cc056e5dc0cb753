"""What kind of field a column is, and which of its values mean missing: a `Column` in, a `Reading` out."""

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.parsing.times import NUMBERED
from features.schema_inference import names
from features.schema_inference.column import Column, Floats
from features.schema_inference.dates import COMPACT, NAT, Times, reads, times_of_texts
from features.schema_inference.placeholders import number_placeholders, word_placeholders
from features.values import FALSE_WORDS, TRUE_WORDS, Kind, ValueRefused, parse_number, same_text

MOSTLY = 0.95
"""The share of a column's rows that must read as a kind; what does not is a bad value, not another kind."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(\+|00)?[\d\s().\-/]{7,20}")
_PADDED = re.compile(r"^0\d+$", re.MULTILINE)
_TEXT_LEVELS = 40
_TEXT_HEAD = 20
_FLAG_SPELLINGS = 40


@dataclass(frozen=True, eq=False)
class Reading:
    """A column as it was understood; `column` has its placeholders taken out."""

    column: Column
    kind: Kind
    missing: tuple[str, ...] = ()
    placeholder_rows: int = 0
    numbers: Floats | None = None
    times: Times | None = None
    misfits: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.column.name

    @cached_property
    def by_row(self) -> Floats:
        """The numbers of a numeric column (n,), NaN where missing."""
        numbers = np.full(len(self.column.texts), np.nan) if self.numbers is None else self.numbers
        return np.append(numbers, np.nan)[self.column.codes]

    @cached_property
    def times_by_row(self) -> Times:
        """The times of a column of dates in UTC (n,), datetime64[us], NaT where missing."""
        times = np.full(len(self.column.texts), NAT) if self.times is None else self.times
        return np.append(times, NAT)[self.column.codes]


def read_kind(
    raw: Column,
    decimal: str,
    form: str | None,
    doubts: tuple[str, ...] = (),
    words: tuple[str, ...] | None = None,
) -> Reading:
    """Understand one column, given how it writes decimals and dates, and what is not sure of that.

    `form` is its date format, None where it holds no dates; `words` are its words for nothing, where they are known.
    """
    words = word_placeholders(raw) if words is None else words
    column = raw.without(words)
    if (form in NUMBERED or form == COMPACT) and (dates := _dates(raw, column, form, words, doubts)):
        return dates
    if _is_phone(column):
        return _reading(raw, column, Kind.PHONE, words)
    if column.texts and not _is_code(column):
        if _is_flag(column):
            return _reading(raw, column, Kind.FLAG, words)
        if column.begins(lambda text: _is_number(text, decimal), MOSTLY / 4):
            numbers = column.numbers(decimal)
            if float(column.counts[~np.isnan(numbers)].sum()) >= MOSTLY * column.counts.sum():
                return replace(_numeric(raw, column, numbers, words, decimal), doubts=doubts)
    if form is not None and (dates := _dates(raw, column, form, words, doubts)):
        return dates
    return replace(_reading(raw, column, _kind_of_text(column), words), doubts=doubts)


def _dates(raw: Column, column: Column, form: str, words: tuple[str, ...], doubts: tuple[str, ...]) -> Reading | None:
    if not column.begins(lambda text: reads(text, form), MOSTLY / 2):
        return None
    times = times_of_texts(column.texts, form)
    if float(column.counts[~np.isnat(times)].sum()) < MOSTLY * column.counts.sum():
        return None
    return replace(_reading(raw, column, Kind.DATETIME, words), times=times, doubts=doubts)


def _is_number(text: str, decimal: str) -> bool:
    try:
        return parse_number(text, decimal) is not None
    except ValueRefused:
        return False


def _numeric(raw: Column, column: Column, numbers: Floats, words: tuple[str, ...], decimal: str) -> Reading:
    missing = (*words, *number_placeholders(numbers, column))
    column = raw.without(missing)
    numbers = column.numbers(decimal) if len(missing) > len(words) else numbers
    misfits = tuple(column.texts[position] for position in np.flatnonzero(np.isnan(numbers)).tolist())
    return Reading(column, Kind.NUMERIC, missing, _rows(raw, column), numbers, misfits=misfits)


def _reading(raw: Column, column: Column, kind: Kind, missing: tuple[str, ...]) -> Reading:
    return Reading(column, kind, missing, _rows(raw, column))


def _rows(raw: Column, column: Column) -> int:
    return int(raw.filled.sum() - column.filled.sum())


def _kind_of_text(column: Column) -> Kind:
    if column.mostly(lambda text: bool(_EMAIL.fullmatch(text)), 0.8):
        return Kind.EMAIL
    return Kind.TEXT if _is_free_text(column) else Kind.CATEGORY


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

    return column.mostly(international, 0.8) or (names.is_phone(column.name) and column.mostly(number, 0.8))


def _is_code(column: Column) -> bool:
    """Digits that are no quantity: postal codes, and numbers written with leading zeros."""
    if names.is_postal(column.name):
        return True
    if not _PADDED.search("\n".join(column.texts)):
        return False
    return column.share(lambda text: text[0] == "0" and len(text) > 1 and text.isdigit()) >= 0.05


def _is_free_text(column: Column) -> bool:
    if len(column.texts) < _TEXT_LEVELS or not column.mostly(lambda text: " " in text, 0.3):
        return False
    return bool(column.counts[:_TEXT_HEAD].sum() < 0.7 * column.counts.sum())
