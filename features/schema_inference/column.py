"""One raw column as its distinct texts, each looked at once: a pandas Series in, a `Column` out."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.values import NULL, ValueRefused, is_missing, parse_number, same_text, text_of

Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Counts = NDArray[np.intp]

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
    def counts(self) -> Counts:
        """How many rows hold each distinct text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def filled(self) -> Flags:
        return self.codes >= 0

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
        by_frequency = np.argsort(-self.counts[positions], kind="stable")
        kept = np.asarray(positions, dtype=np.intp)[by_frequency]
        if np.array_equal(kept, np.arange(len(self.texts))):
            return self
        target = np.full(len(self.texts) + 1, -1, dtype=np.intp)
        target[kept] = np.arange(len(kept))
        return type(self)(self.name, target[self.codes], tuple(self.texts[position] for position in kept.tolist()))

    def share(self, holds: Callable[[str], bool]) -> float:
        """The share of the filled rows whose text is such, judged by `LOOKED_AT` texts."""
        return self._share(holds, LOOKED_AT)

    def mostly(self, holds: Callable[[str], bool], least: float) -> bool:
        """Whether at least this share of the filled rows is such; a few texts tell where it is not nearly so."""
        return self._share(holds, LOOKED_AT_FIRST) >= least / 2 and self._share(holds, LOOKED_AT) >= least

    def begins(self, holds: Callable[[str], bool], least: float) -> bool:
        """As `mostly`, judged by a few texts alone, where all will be looked at afterwards."""
        return self._share(holds, LOOKED_AT_FIRST) >= least

    def some(self, count: int) -> list[str]:
        """So many texts at most: half of them the most frequent, the others spread over the rest."""
        return [self.texts[position] for position in self._some(count).tolist()]

    def _some(self, count: int) -> Codes:
        if len(self.texts) <= count:
            return np.arange(len(self.texts))
        spread = np.linspace(count // 2, len(self.texts) - 1, count - count // 2).astype(np.intp)
        return np.append(np.arange(count // 2), spread)

    def _share(self, holds: Callable[[str], bool], count: int) -> float:
        positions = self._some(count)
        looked_at = self.counts[positions]
        such = np.array([holds(self.texts[position]) for position in positions.tolist()], dtype=bool)
        return float(looked_at[such].sum() / looked_at.sum()) if len(looked_at) else 0.0

    def numbers(self, decimal: str = ".") -> Floats:
        """Each distinct text as a number, NaN where it is none."""
        texts = list(self.texts) if decimal == "." else [_with_point(text) for text in self.texts]
        numbers = _plain_numbers(texts)
        for position in np.flatnonzero(np.isnan(numbers)):
            numbers[position] = _number(self.texts[position], decimal)
        return np.where(np.isfinite(numbers), numbers, np.nan)

    def spread(self, by_text: NDArray[np.generic], missing: object = np.nan) -> NDArray[np.generic]:
        """One value a distinct text (k,), laid out over the rows (n,)."""
        return np.append(by_text, np.array([missing], dtype=by_text.dtype))[self.codes]


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


def _plain_numbers(texts: list[str]) -> Floats:
    """Each text as a number where it is one without unit or separators (k,), NaN elsewhere."""
    if not _NOT_PLAIN.search("".join(texts)):
        with suppress(ValueError):
            return np.array([float(text) for text in texts])
    return pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(float, copy=True)


def _with_point(text: str) -> str:
    """A number with a decimal comma and nothing else as pandas reads it; anything else as it reads nothing."""
    return text.replace(",", ".") if "." not in text and text.count(",") <= 1 else ""


def _number(text: str, decimal: str) -> float:
    try:
        number = parse_number(text, decimal)
    except ValueRefused:
        return np.nan
    return np.nan if number is None else number
