"""Reads the plainly written texts of a column together: no regular expression and no call a value.

Each reader takes the distinct texts (k,) and returns which of them (k,) it has read, with their values (k,). What it
leaves is parsed one by one (`features.values`), which would have given the same values; a test compares both.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
PlainReader = Callable[[pa.Array], tuple[Mask, NDArray[Any]]]

_NUMBER = {".": r"^-?[0-9]+(?:\.[0-9]+)?$", ",": r"^-?[0-9]+(?:,[0-9]+)?$"}
_DAY = r"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?)?"
_TIME = rf"^{_DAY}(?:[T ]{_CLOCK}Z?)?$"
_SPACE = r"\x{09}-\x{0d}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""All white space to Python but the plain space."""
_UNFOLDED = rf"^\\N$|^$|^ | $|  |\.0+$|[{_SPACE}]"
"""Texts that `features.values.text_of` may change, and those that stand for nothing."""


class Instants(Sequence[datetime]):
    """Times in UTC as an array (k,) of datetime64[us], made into datetimes where one is asked for."""

    def __init__(self, array: NDArray[np.datetime64]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        if isinstance(place, slice):
            return Instants(self.array[place])
        return self.array[place].item().replace(tzinfo=UTC)


def plain_numbers(decimal: str, placeholders: Sequence[float]) -> PlainReader:
    """The reader of whole and decimal numbers without unit, sign of plus or separators; `placeholders` are left."""

    def read(texts: pa.Array) -> tuple[Mask, NDArray[Any]]:
        is_plain = _matches(texts, _NUMBER[decimal])
        plain = texts.filter(pa.array(is_plain))
        if decimal == ",":
            plain = pc.replace_substring(plain, ",", ".")
        values = np.full(len(texts), np.nan)
        values[is_plain] = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False) + 0.0  # no -0.0
        return is_plain & np.isfinite(values) & ~np.isin(values, placeholders), values

    return read


def plain_times(placeholders: Sequence[datetime]) -> PlainReader:
    """The reader of ISO 8601 in UTC, a day with or without a time; `placeholders` are left."""
    left = np.array([one.replace(tzinfo=None) for one in placeholders], dtype="datetime64[us]")

    def read(texts: pa.Array) -> tuple[Mask, NDArray[Any]]:
        is_plain = _matches(texts, _TIME)
        plain = pc.utf8_rtrim(texts.filter(pa.array(is_plain)), "Z")
        values = np.full(len(texts), "NaT", dtype="datetime64[us]")
        try:
            values[is_plain] = pc.cast(plain, pa.timestamp("us")).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:  # a day that its month does not have: found one by one
            return np.zeros(len(texts), dtype=bool), values
        return is_plain & ~np.isin(values, left), values

    return read


def plain_texts(texts: pa.Array) -> tuple[Mask, NDArray[Any]]:
    """Read texts that are as `features.values.text_of` would write them."""
    values = texts.to_numpy(zero_copy_only=False)
    return ~_matches(texts, _UNFOLDED) & texts.is_valid().to_numpy(zero_copy_only=False), values


def no_plain_texts(texts: pa.Array) -> tuple[Mask, NDArray[Any]]:
    """Leave all of them to be parsed one by one."""
    return np.zeros(len(texts), dtype=bool), np.empty(len(texts), dtype=object)


def _matches(texts: pa.Array, pattern: str) -> Mask:
    return pc.match_substring_regex(texts, pattern).fill_null(fill_value=False).to_numpy(zero_copy_only=False)
