"""How a column writes its dates: a `Column` in, the strptime format out, day or month first by its values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import numpy as np
from numpy.typing import NDArray

from features.infer.column import Column
from features.values import ValueRefused, parse_datetime

ISO = ""
"""The format of ISO 8601, which needs no saying."""

Times = NDArray[np.datetime64]

_ORDERS = ("%d %m %Y", "%m %d %Y", "%Y %m %d", "%d %m %y", "%m %d %y")
_DAYS = [order.replace(" ", mark) for mark, order in product("./-", _ORDERS)] + [
    "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"
]  # fmt: skip
_TIMES = ["", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %I:%M %p", ", %H:%M:%S"]
_LOOKED_AT, _LOOKED_AT_IF_MIXED = 300, 30
_ENOUGH = 0.95


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A strptime format, or `ISO`; `also` is another one that reads every value as well."""

    text: str
    also: str | None = None


def date_format(column: Column) -> DateFormat | None:
    """The format of a column of dates, None when it holds none."""
    if not column.texts or column.share(_looks_like_a_date) < _ENOUGH:
        return None
    if column.share(lambda text: reads(text, ISO)) >= _ENOUGH:
        return DateFormat(ISO)
    texts = [text for text in column.texts[:_LOOKED_AT] if _looks_like_a_date(text)]
    formats = [day + time for day, time in product(_DAYS, _TIMES) if reads(texts[0], day + time)]
    fits = [form for form in formats if sum(reads(text, form) for text in texts) >= _ENOUGH * len(texts)]
    full = [form for form in fits if all(reads(text, form) for text in texts)] or fits
    if not full:
        return None
    best = min(full, key=lambda form: _span(texts, form))  # the same dates read wrongly are spread over the year
    return DateFormat(best, next((form for form in full if form != best and not _same(texts, form, best)), None))


def mixes_formats(column: Column) -> bool:
    """Whether all of its texts are dates, though no one format reads them."""
    if not column.texts or column.share(_looks_like_a_date) < _ENOUGH or date_format(column) is not None:
        return False
    formats = (ISO, *(day + time for time, day in product(_TIMES, _DAYS)))
    return all(any(reads(text, form) for form in formats) for text in column.texts[:_LOOKED_AT_IF_MIXED])


def reads(text: str, form: str) -> bool:
    """Whether a text is a date in this format, or in ISO 8601."""
    try:
        parse_datetime(text, form or None)
    except ValueRefused:
        return False
    return True


def times(column: Column, form: str) -> Times:
    """The column's times in UTC (n,), datetime64[us], NaT where there is none."""
    read = np.array([_time(text, form) for text in column.texts], dtype="datetime64[us]")
    return np.append(read, np.datetime64("NaT", "us"))[column.codes]


def _time(text: str, form: str) -> datetime | None:
    try:
        return parse_datetime(text, form or None).replace(tzinfo=None)
    except ValueRefused:
        return None


def _looks_like_a_date(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return 4 <= digits <= 20 and 6 <= len(text) <= 40 and any(mark in text for mark in "-/.: ")


def _span(texts: Iterable[str], form: str) -> float:
    read = [time.timestamp() for text in texts if (time := _time(text, form))]
    return max(read) - min(read)


def _same(texts: Iterable[str], one: str, other: str) -> bool:
    return all(_time(text, one) == _time(text, other) for text in texts)
