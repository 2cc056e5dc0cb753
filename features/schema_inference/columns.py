"""One raw column as its distinct texts, each looked at once, and which of them stand for nothing."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
import pandas as pd

from features.schema_inference import column_names, vocabulary
from features.values import NULL, Kind, ValueRefused, is_missing, parse_number, same_text, text_of
from stats.types import Codes, Mask, Times, Vector

NAT = np.datetime64("NaT", "us")
Values = TypeVar("Values", Mask, Vector, Codes, Times)

LOOKED_AT = 3000
"""Distinct values that decide what a column is, half of them its most frequent ones."""
LOOKED_AT_FIRST = 64
_NOT_PLAIN = re.compile(r"[^0-9.+-]")


@dataclass(frozen=True, eq=False)
class Column:
    """n values as codes (n,) into distinct texts, the most frequent first; -1 where nothing is."""

    name: str
    codes: Codes
    texts: tuple[str, ...]

    @classmethod
    def of(cls, series: "pd.Series[str]", name: str) -> Self:
        try:
            codes, distinct = pd.factorize(series)
        except TypeError:  # lists and structs, as Parquet may hold them, have no hash
            codes, distinct = pd.factorize(series.map(str))
        texts = _texts(distinct.tolist())
        kept = [position for position, text in enumerate(texts) if text]
        return cls(name, np.asarray(codes, dtype=np.intp), tuple(texts)).keep(kept)

    @cached_property
    def counts(self) -> Codes:
        """How many rows hold each distinct text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def filled(self) -> Mask:
        return self.codes >= 0

    @property
    def repeats(self) -> bool:
        """Whether a value stands in several rows."""
        return len(self.texts) < int(self.filled.sum())

    @property
    def fill(self) -> float:
        return float(self.filled.mean()) if len(self.codes) else 0.0

    def without(self, placeholders: Iterable[str]) -> Self:
        """The column with these texts taken for missing."""
        dropped = {same_text(text) for text in placeholders}
        if not dropped:
            return self
        return self.keep([position for position, text in enumerate(self.texts) if same_text(text) not in dropped])

    def keep(self, positions: Sequence[int]) -> Self:
        """The column with the texts at these positions alone, the most frequent first."""
        kept = self.sort_by_frequency(positions)
        if np.array_equal(kept, np.arange(len(self.texts))):
            return self
        target = np.full(len(self.texts) + 1, -1, dtype=np.intp)
        target[kept] = np.arange(len(kept))
        return type(self)(self.name, target[self.codes], tuple(self.texts[position] for position in kept.tolist()))

    def sort_by_frequency(self, positions: Sequence[int]) -> Codes:
        """The positions of texts, the most frequent first."""
        by_frequency = np.argsort(-self.counts[positions], kind="stable")
        return np.asarray(positions, dtype=np.intp)[by_frequency]

    def share(self, holds: Callable[[str], bool]) -> float:
        """The share of the filled rows whose text is such, judged by `LOOKED_AT` texts."""
        return self._share_of(holds, LOOKED_AT)

    def mostly(self, holds: Callable[[str], bool], least: float) -> bool:
        """Whether at least this share of the filled rows is such; a few texts tell where it is not nearly so."""
        return self._share_of(holds, LOOKED_AT_FIRST) >= least / 2 and self._share_of(holds, LOOKED_AT) >= least

    def begins(self, holds: Callable[[str], bool], least: float) -> bool:
        """As `mostly`, judged by a few texts alone, where all will be looked at afterwards."""
        return self._share_of(holds, LOOKED_AT_FIRST) >= least

    def sample_texts(self, count: int) -> list[str]:
        """So many texts at most: half of them the most frequent, the others spread over the rest."""
        return [self.texts[position] for position in self._some(count).tolist()]

    def _some(self, count: int) -> Codes:
        if len(self.texts) <= count:
            return np.arange(len(self.texts))
        spread = np.linspace(count // 2, len(self.texts) - 1, count - count // 2).astype(np.intp)
        return np.append(np.arange(count // 2), spread)

    def _share_of(self, holds: Callable[[str], bool], count: int) -> float:
        positions = self._some(count)
        looked_at = self.counts[positions]
        such = np.array([holds(self.texts[position]) for position in positions.tolist()], dtype=bool)
        return float(looked_at[such].sum() / looked_at.sum()) if len(looked_at) else 0.0

    def numbers(self, decimal: str = ".") -> Vector:
        """Each distinct text as a number, NaN where it is none."""
        texts = list(self.texts) if decimal == "." else [_with_point(text) for text in self.texts]
        numbers = _plain_numbers(texts)
        for position in np.flatnonzero(np.isnan(numbers)):
            numbers[position] = _parse_text(self.texts[position], decimal)
        return np.where(np.isfinite(numbers), numbers, np.nan)

    def spread(self, by_text: Values, missing: object) -> Values:
        """One value a distinct text (k,), laid out over the rows (n,); `missing` where nothing is."""
        return np.append(by_text, np.array([missing], dtype=by_text.dtype))[self.codes]


def bin_by_quantiles(numbers: Vector, shares: Vector) -> Codes:
    """The bin of each number (n,) between the quantiles at these shares, from 0; -1 where it is NaN."""
    known = ~np.isnan(numbers)
    edges = np.unique(np.quantile(numbers[known], shares)) if known.any() else np.array([])
    return np.where(known, np.searchsorted(edges, numbers, side="right"), -1)


def parses(parse: Callable[..., object], *arguments: object) -> bool:
    """Whether a function that raises `ValueError` for what it does not read takes these arguments."""
    try:
        parse(*arguments)
    except ValueError:
        return False
    return True


def _texts(values: list[object]) -> list[str]:
    """`text_of` each value, "" for what is missing; texts that stay as they are are told at a glance."""
    if set(map(type, values)) != {str}:
        return ["" if is_missing(value) else text_of(value) for value in values]
    return [text if _is_plain(text) else "" if is_missing(text) else text_of(text) for text in map(str, values)]


def _is_plain(text: str) -> bool:
    """Whether it is no null, no whole number with decimals, and has no white space but single blanks inside."""
    if not text or text[-1] == " " or text[0] == " " or "  " in text or not text.isprintable():
        return False
    return (text[-1] != "0" or "." not in text) and text != NULL


def _plain_numbers(texts: list[str]) -> Vector:
    """Each text as a number where it is one without unit or separators (k,), NaN elsewhere."""
    if not _NOT_PLAIN.search("".join(texts)):
        with suppress(ValueError):
            return np.array([float(text) for text in texts])
    return pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(float, copy=True)


def _with_point(text: str) -> str:
    """A number with a decimal comma and nothing else as pandas reads it; anything else as it reads nothing."""
    return text.replace(",", ".") if "." not in text and text.count(",") <= 1 else ""


def _parse_text(text: str, decimal: str) -> float:
    try:
        number = parse_number(text, decimal)
    except ValueRefused:
        return np.nan
    return np.nan if number is None else number


_SENTINELS = (-1.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0)
_PLACEHOLDERS = frozenset(vocabulary.PLACEHOLDERS)
_LONGEST_PLACEHOLDER = max(map(len, _PLACEHOLDERS))
_WORDS = _PLACEHOLDERS | {"none"}
_FEW_LEVELS = 6
_SENTINEL_ROWS = 3
_ZERO_DATE = re.compile(
    r"0{1,4}([-/.])0{1,2}\1(?:0{4}|0{1,2})(?:[ T]00:00(?::00)?(?:\.0+)?Z?)?|0001-01-01(?:[ T]00:00.*)?"
)
"""What databases write for no date."""
_MAY_BE_A_DATE = re.compile(r"\d{8}|\d\W*[^\W\d_]*\W+\w+\W+\d|[^\W\d_]{3}\W+\d{1,2}\W+\d")
_SHORT_CODE = 5
"""Letters up to which a code in capitals may be one of a region or a country, as NA is beside EMEA and APAC."""
_MOST_WORDS, _LEAST_DATES = 3, 5
"""Words among dates up to which they stand for nothing, and other values for each of them."""


def word_placeholders(column: Column) -> tuple[str, ...]:
    """Words for nothing, where enough other values remain that they cannot be one of the answers."""
    if _WORDS.isdisjoint("\n".join(column.texts).casefold().split("\n")):
        return ()
    short = [text for text in column.texts if len(text) <= _LONGEST_PLACEHOLDER and not text[0].isdigit()]
    always = [text for text in short if same_text(text) in _PLACEHOLDERS]
    if "NA" in always and _holds_short_codes(column, always):
        always.remove("NA")
    others = len(column.texts) - len(always)
    often = [text for text in short if same_text(text) == "none"] if others > _FEW_LEVELS else []
    return tuple(always + often) if others - len(often) >= 2 else ()


def _holds_short_codes(column: Column, placeholders: list[str]) -> bool:
    """Whether all other values are short codes in capitals, of two letters at least."""
    others = [text for text in column.texts if text not in placeholders]
    return len(others) >= 2 and all(
        2 <= len(text) <= _SHORT_CODE and text.isalpha() and text.isupper() for text in others
    )


def date_placeholders(column: Column, holds_dates: Callable[[Column], bool]) -> tuple[str, ...]:
    """What stands where there is no date yet, such as "not closed" or 0000-00-00, in a column of dates alone.

    A bare 0 is one where the column is called a time, as it is among seconds since 1970.
    """
    first = column.texts[:LOOKED_AT_FIRST]
    if 2 * sum(map(bool, map(_MAY_BE_A_DATE.search, first))) < len(first):
        return ()
    words = [text for text in column.texts if _says_no_date(text, column.name)]
    if not words or len(words) > _MOST_WORDS or len(column.texts) < _LEAST_DATES * len(words):
        return ()
    return tuple(words) if holds_dates(column.without(words)) else ()


def _says_no_date(text: str, name: str) -> bool:
    if not any(map(str.isdigit, text)):
        return True
    return text[0] == "0" and (bool(_ZERO_DATE.fullmatch(text)) or (text == "0" and column_names.is_time(name)))


def number_placeholders(numbers: Vector, column: Column) -> tuple[str, ...]:
    """Numbers such as 999 or -1 that stand far off all others of a field of whole numbers from 0 up."""
    found = np.isin(numbers, _SENTINELS) & (column.counts >= _SENTINEL_ROWS)
    if not found.any():
        return ()
    sentinels = [
        position for position in np.flatnonzero(found).tolist() if _stands_off(numbers, column.counts, position)
    ]
    return tuple(column.texts[position] for position in sentinels)


def _stands_off(numbers: Vector, counts: Codes, position: int) -> bool:
    rest = ~np.isnan(numbers) & (~np.isin(numbers, _SENTINELS) | (numbers < numbers[position]))
    rest[position] = False
    others = np.repeat(numbers[rest], counts[rest])
    if rest.sum() < 2 or (others != np.floor(others)).any() or others.min() < 0:
        return False
    if numbers[position] < 0:
        return True
    return bool(others.max() < 0.8 * numbers[position] and np.quantile(others, 0.95) < numbers[position] / 3)


@dataclass(frozen=True, eq=False)
class ColumnProfile:
    """A column as it was understood; `column` has its placeholders taken out.

    `misfits` are the texts that are no number in a column of numbers, or in one of texts that are numbers by half.
    """

    column: Column
    kind: Kind
    missing: tuple[str, ...] = ()
    placeholder_rows: int = 0
    numbers: Vector | None = None
    times: Times | None = None
    misfits: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.column.name

    @cached_property
    def by_row(self) -> Vector:
        """The numbers of a numeric column (n,), NaN where missing."""
        numbers = np.full(len(self.column.texts), np.nan) if self.numbers is None else self.numbers
        return self.column.spread(numbers, np.nan)

    @cached_property
    def times_by_row(self) -> Times:
        """The times of a column of dates in UTC (n,), datetime64[us], NaT where missing."""
        times = np.full(len(self.column.texts), NAT) if self.times is None else self.times
        return self.column.spread(times, NAT)
