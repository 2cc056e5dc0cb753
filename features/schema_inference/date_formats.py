"""The date format of a column, with day or month first as its values tell."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from features.parsing.times import NUMBERED, read_in_format, read_number
from features.schema_inference import column_names
from features.schema_inference.columns import Column, parses
from features.values import ValueRefused, parse_datetime, parse_iso_time
from stats.types import Times

ISO = ""
"""The format of ISO 8601, and of all that can be read in one way only, which needs no saying."""
COMPACT = "%Y%m%d"
COMPACT_TIME = "%Y%m%d%H%M%S"

_ORDERS = ("%d %m %Y", "%m %d %Y", "%Y %m %d", "%d %m %y", "%m %d %y", "%y %m %d")
_DAYS = [order.replace(" ", mark) for mark, order in product("./-", _ORDERS)] + [
    "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"
]  # fmt: skip
_TIMES = [" %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p"]
_CLOCK_DIRECTIVE = re.compile(r"[, T]*%[HI]")
_ONE_MARK = re.compile(r"[.,]")
_LOOKED_AT, _LOOKED_AT_FIRST, _FIRST_TEXTS = 120, 20, 5
_MOST_DATES, _NEARLY = 0.95, 0.9
"""The shares that must be dates: of all rows, and of the few that are looked at first."""
_LONG_ENOUGH_FOR_PANDAS = 8
"""It reads 2025 and 2025-01 as well, which are no dates here."""
_ENOUGH_DAYS = 5
_MISTYPED_DATES = 0.01
"""The share of the rows that may be mistyped: so few do not settle which number is the day."""
_FAR_FETCHED = 5
_PLAUSIBLE = (1990, 2049)
"""The years in which a number is taken for a date."""


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A strptime format, one of `NUMBERED`, or `ISO`; `also` is another one that reads every value as well."""

    text: str
    also: str | None = None

    @property
    def day(self) -> str:
        """The format without its time of day."""
        return day_of(self.text)


def day_of(form: str) -> str:
    """A format without its time of day."""
    clock = _CLOCK_DIRECTIVE.search(form)
    return form[: clock.start()] if clock else form


def same_day(one: str, other: str) -> bool:
    """Whether two formats write the day alike, so that either reads what the other does."""
    return day_of(one) == day_of(other)


def detect_date_format(column: Column) -> DateFormat | None:
    """The format of a column of dates, None when it holds none."""
    if numbered := _numbered(column):
        return DateFormat(numbered)
    if not column.begins(_looks_like_a_date, _MOST_DATES / 2):
        return None
    texts = [text for text in column.sample_texts(_LOOKED_AT) if _looks_like_a_date(text)]
    if not column.begins(_looks_like_a_date, _NEARLY):
        return None
    if column.begins(_is_iso, _NEARLY) or column.begins(_begins_with_its_year, _NEARLY):
        return DateFormat(ISO)
    days = [day for day in _days(texts[:_LOOKED_AT_FIRST]) if _read_by(day, texts) >= _NEARLY * len(texts)]
    if not days:
        return DateFormat(ISO) if column.begins(lambda text: reads(text, ISO), _NEARLY) else None
    return _settle_on_all(column, texts, days)


def _settle_on_all(column: Column, texts: Sequence[str], days: Sequence[str]) -> DateFormat:
    """The format by which most texts are dates, of all that the column holds; of several the likeliest."""
    if len(days) == 1:
        return DateFormat(days[0] + _clock(texts, days[0]))
    times = {day: parse_times(column.texts, day) for day in days}
    unread = {day: int(column.counts[np.isnat(read)].sum()) for day, read in times.items()}
    fewest = min(unread.values())
    full = [day for day in days if unread[day] <= fewest + _MISTYPED_DATES * int(column.counts.sum())]
    spans = {day: _span(times[day]) for day in full}
    # The same dates read wrongly are spread over the year: so much longer that mistyped ones cannot outweigh it.
    best = min((day for day in full if unread[day] == fewest), key=lambda day: spans[day])
    shortest = min(full, key=lambda day: spans[day])
    if _FAR_FETCHED * spans[shortest] < spans[best]:
        best = shortest
    clock = _clock(texts, best)
    others = (day for day in full if day != best and not np.array_equal(times[day], times[best], equal_nan=True))
    also = next((day for day in others if not _is_far_fetched(day, best, spans)), None)
    return DateFormat(best + clock, None if also is None else also + clock)


def _is_far_fetched(day: str, best: str, spans: Mapping[str, np.timedelta64]) -> bool:
    """Whether a format has the year elsewhere and spreads the dates over many times as long, as 25/12/31 in 2031."""
    year_first = day.lower().startswith("%y")
    return bool(year_first != best.lower().startswith("%y") and spans[day] > _FAR_FETCHED * spans[best])


def _days(texts: Sequence[str]) -> list[str]:
    """The formats of days that read most of a few texts; what ISO 8601 reads, every format does, so it tells none."""
    texts = [text for text in texts if not _is_iso(text)]
    likely = [day for day in _DAYS if _read_by(day, texts[:_FIRST_TEXTS])]
    return [day for day in likely if 2 * _read_by(day, texts) > len(texts)]


def _read_by(form: str, texts: Iterable[str]) -> int:
    return sum(_reads_in(text, form) for text in texts)


def _clock(texts: Iterable[str], day: str) -> str:
    """The time of day as most of those texts write it that have one."""
    timed = [text for text in texts if not _is_in_format(text, day)][:_FIRST_TEXTS]
    counts = [sum(_is_in_format(text, day + clock) for text in timed) for clock in _TIMES]
    return _TIMES[counts.index(max(counts))] if max(counts) else ""


def _is_in_format(text: str, form: str) -> bool:
    return parses(datetime.strptime, text, form)


def mixes_formats(column: Column) -> bool:
    """Whether all of its texts are dates, though no one format reads them."""
    if not column.texts or not column.mostly(_looks_like_a_date, _MOST_DATES) or detect_date_format(column) is not None:
        return False
    return all(any(reads(text, form) for form in (ISO, *_DAYS)) for text in column.texts[:_LOOKED_AT_FIRST])


def reads(text: str, form: str) -> bool:
    """Whether a text is a date in this format, or in one that needs no saying."""
    return parses(parse_datetime, text, form or None)


def parse_times(texts: Sequence[str], form: str) -> Times:
    """Each text's time in UTC (k,), datetime64[us], NaT where it is none; as `parse_datetime` reads them one by one."""
    if form in NUMBERED or not texts:
        return np.array([_time(text, form) for text in texts], dtype="datetime64[us]")
    asked = pd.Series([text if len(text) >= _LONG_ENOUGH_FOR_PANDAS else None for text in texts], dtype=object)
    by_pandas = pd.to_datetime(asked, format=_likeliest(texts, form), errors="coerce", utc=True)
    times = by_pandas.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    for position in np.flatnonzero(np.isnat(times)).tolist():
        if (time := _time(texts[position], form)) is not None:
            times[position] = time
    return times


def _likeliest(texts: Sequence[str], form: str) -> str:
    """The whole format, by which pandas reads most of the texts at once."""
    if not form:
        return "ISO8601"
    if all(_is_in_format(text, form) for text in texts[:_FIRST_TEXTS]):
        return form
    day = day_of(form)
    return day + _clock(texts[:_LOOKED_AT_FIRST], day)


def _time(text: str, form: str) -> datetime | None:
    try:
        return parse_datetime(text, form or None).replace(tzinfo=None)
    except ValueRefused:
        return None


def _is_iso(text: str) -> bool:
    return parses(parse_iso_time, text)


def _begins_with_its_year(text: str) -> bool:
    return text[:4].isdigit() and reads(text, ISO)


def _looks_like_a_date(text: str) -> bool:
    if not 6 <= len(text) <= 80:
        return False
    digits = sum(map(str.isdigit, text))
    return 4 <= digits <= 30 and (digits < len(text) or len(text) == 14)


def _numbered(column: Column) -> str | None:
    """The format of times that are written as numbers, where the values or the column's name leave no doubt."""
    head = column.texts[:_LOOKED_AT_FIRST]
    if not head or not all(_ONE_MARK.sub("", text, count=1).isdigit() for text in head):
        return None
    if column.mostly(_is_compact, _MOST_DATES) and (
        len(column.texts) >= _ENOUGH_DAYS or column_names.is_time(column.name)
    ):
        return COMPACT
    if not column_names.is_time(column.name):
        return None
    if column.mostly(_is_compact_time, _MOST_DATES):
        return COMPACT_TIME
    return next((form for form in NUMBERED if column.mostly(partial(_is_plausible_number, form), 1.0)), None)


def _is_compact(text: str) -> bool:
    return len(text) == 8 and _PLAUSIBLE[0] <= int(text[:4] if text.isdigit() else 0) <= _PLAUSIBLE[1] and _is_iso(text)


def _is_compact_time(text: str) -> bool:
    return len(text) == 14 and _is_compact(text[:8]) and _is_in_format(text, COMPACT_TIME)


def _is_plausible_number(form: str, text: str) -> bool:
    try:
        return 2000 <= read_number(float(text.replace(",", ".")), form).year <= _PLAUSIBLE[1]
    except ValueError:
        return False


def _span(times: Times) -> np.timedelta64:
    read = times[~np.isnat(times)]
    return read.max() - read.min() if len(read) else np.timedelta64(0, "us")


def _reads_in(text: str, form: str) -> bool:
    """Whether a text is a time in this format or in ISO 8601, and not otherwise."""
    return parses(read_in_format, text, form)


def clock_slack(*columns: Times) -> np.timedelta64:
    """How far apart times may lie that say the same moment: a day where any column has whole days, else a minute."""
    whole_days = any((times.astype("datetime64[D]") == times).all() for times in columns)
    return np.timedelta64(1, "D") if whole_days else np.timedelta64(1, "m")
