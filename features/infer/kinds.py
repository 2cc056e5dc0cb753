"""What kind of field a column is, and which of its values mean missing: a `Column` in, a `Reading` out."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.infer import names
from features.infer.column import Column, Floats
from features.infer.dates import date_format, reads
from features.infer.placeholders import date_placeholders, number_placeholders, word_placeholders
from features.values import FALSE_WORDS, TRUE_WORDS, Kind, same_text

MOSTLY = 0.95
"""The share of a column's rows that must read as a kind; what does not is a bad value, not another kind."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(\+|00)?[\d\s().\-/]{7,20}")
_TEXT_LEVELS = 40
_TEXT_HEAD = 20


@dataclass(frozen=True, eq=False)
class Reading:
    """A column as it was understood; `column` has its placeholders taken out."""

    column: Column
    kind: Kind
    missing: tuple[str, ...] = ()
    placeholder_rows: int = 0
    numbers: Floats | None = None
    misfits: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.column.name

    @cached_property
    def by_row(self) -> Floats:
        """The numbers of a numeric column (n,), NaN where missing."""
        numbers = np.full(len(self.column.texts), np.nan) if self.numbers is None else self.numbers
        return np.append(numbers, np.nan)[self.column.codes]


def read_kind(raw: Column, decimal: str, form: str) -> Reading:
    """Understand one column, given how the table writes decimals and dates."""
    words = word_placeholders(raw)
    words += date_placeholders(raw.without(words), lambda text: reads(text, form))
    column = raw.without(words)
    if _is_phone(column):
        return _reading(raw, column, Kind.PHONE, words)
    if column.texts and not _is_code(column):
        numbers = column.numbers(decimal)
        if _is_flag(column):
            return _reading(raw, column, Kind.FLAG, words)
        if float(column.counts[~np.isnan(numbers)].sum()) >= MOSTLY * column.counts.sum():
            return _numeric(raw, column, numbers, words, decimal)
    return _reading(raw, column, _kind_of_text(column, form), words)


def _numeric(raw: Column, column: Column, numbers: Floats, words: tuple[str, ...], decimal: str) -> Reading:
    missing = (*words, *number_placeholders(numbers, column))
    column = raw.without(missing)
    numbers = column.numbers(decimal)
    misfits = tuple(text for text, number in zip(column.texts, numbers, strict=True) if np.isnan(number))
    return Reading(column, Kind.NUMERIC, missing, _rows(raw, column), numbers, misfits)


def _reading(raw: Column, column: Column, kind: Kind, missing: tuple[str, ...]) -> Reading:
    return Reading(column, kind, missing, _rows(raw, column))


def _rows(raw: Column, column: Column) -> int:
    return int(raw.filled.sum() - column.filled.sum())


def _kind_of_text(column: Column, form: str) -> Kind:
    if column.share(lambda text: bool(_EMAIL.fullmatch(text))) >= 0.8:
        return Kind.EMAIL
    if (found := date_format(column)) and column.share(lambda text: reads(text, form)) >= MOSTLY:
        return Kind.DATETIME if found else Kind.CATEGORY
    return Kind.TEXT if _is_free_text(column) else Kind.CATEGORY


def _is_flag(column: Column) -> bool:
    words = {same_text(text) for text in column.texts}
    if words == {"1.0", "0.0"} or words <= {"1", "0"}:
        return len(words) == 2 or "1" in words
    return words <= TRUE_WORDS | FALSE_WORDS and bool(words & TRUE_WORDS)


def _is_phone(column: Column) -> bool:
    def international(text: str) -> bool:
        return bool(_PHONE.fullmatch(text)) and sum(map(str.isdigit, text)) >= 9 and text[:1] == "+"

    def number(text: str) -> bool:
        return bool(_PHONE.fullmatch(text)) and 7 <= sum(map(str.isdigit, text)) <= 15

    return column.share(international) >= 0.8 or (names.is_phone(column.name) and column.share(number) >= 0.8)


def _is_code(column: Column) -> bool:
    """Digits that are no quantity: postal codes, and numbers written with leading zeros."""
    padded = column.share(lambda text: len(text) > 1 and text[0] == "0" and text.isdigit())
    return names.is_postal(column.name) or padded >= 0.05


def _is_free_text(column: Column) -> bool:
    if len(column.texts) < _TEXT_LEVELS or column.share(lambda text: " " in text) < 0.3:
        return False
    return bool(column.counts[:_TEXT_HEAD].sum() < 0.7 * column.counts.sum())
