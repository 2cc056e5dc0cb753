"""Which columns play a role: readings in, the names of id, arrival time, source, campaign and value out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.schema_inference import names, vocabulary
from features.schema_inference.column import Flags
from features.schema_inference.dates import Times
from features.schema_inference.kinds import Reading
from features.schema_inference.lexicon import Lexicon
from features.values import Kind

_NEARLY_UNIQUE = 0.95
_MOST_SOURCES = 200
_MOSTLY_UNIQUE = 0.5
_ALWAYS_FILLED = 0.99
_NEVER_LATER = 0.98
"""The share of leads whose arrival is not after another date of theirs; clocks and zones differ a little."""
_MOST_YEARS_BEFORE = 2
"""A date that lies further before the others is a birth or a founding, and no arrival."""
_DAY_PATTERN = r"\d{4}-\d\d-\d\d|\d\d-\w{3}-\d{2,4}|\d\d-\d\d-\d{4}"
_DAY = np.timedelta64(1, "D")


def id_candidates(frame: pd.DataFrame, lexicon: Lexicon | None = None) -> list[str]:
    """The columns that name each lead, the likeliest first: what never repeats comes before what does."""
    columns = [str(name) for name in frame.columns]
    lexicon = lexicon or Lexicon.of(columns)
    likely = [name for name in columns if _names_leads(frame[name], name, lexicon)]
    never = [name for name in likely if _never_repeats(frame[name])]
    if not likely:
        coded = [name for place, name in enumerate(columns) if _may_be_id(frame.iloc[:, place], lexicon)]
        return coded[:1]  # a name in another language, or one that says nothing
    return sorted(never, key=lambda name: lexicon.rank("id", name)) + sorted(
        (name for name in likely if name not in never), key=lambda name: lexicon.rank("id", name)
    )


def _names_leads(column: "pd.Series[str] | pd.DataFrame", name: str, lexicon: Lexicon) -> bool:
    """A column called lead id is one even where many rows repeat; training then says which."""
    if isinstance(column, pd.DataFrame):  # two columns of one name
        return False
    if names.is_phone(name) or lexicon.why_later(name):
        return False
    called = lexicon.place("id", name) is not None
    if not (called or lexicon.is_code(name)):
        return False
    return bool(column.nunique() >= (_MOSTLY_UNIQUE if called else _NEARLY_UNIQUE) * len(column))


def _never_repeats(column: "pd.Series[str]") -> bool:
    return bool(column.notna().all() and column.is_unique)


def _may_be_id(column: "pd.Series[str]", lexicon: Lexicon) -> bool:
    """Whether a column holds a code for each lead, all different, and its name says nothing else."""
    name = str(column.name)
    if names.is_phone(name) or any(lexicon.place(role, name) is not None for role in ("created_at", "at", "value")):
        return False
    texts = column.dropna().astype(str)
    if len(texts) != len(column) or not texts.is_unique:
        return False
    looks_coded = texts.head(1_000).str.fullmatch(r"[^\s@.,:+/]*\d[^\s@.,:+/]*").all()
    return bool(looks_coded and not texts.head(1_000).str.fullmatch(_DAY_PATTERN).all())


@dataclass(frozen=True, slots=True)
class Arrival:
    """The column that says when a lead arrived, how that was told, and the other dates that it might have been."""

    name: str
    why: str
    doubt: tuple[str, ...] = ()


def find_created_at(readings: Sequence[Reading], lexicon: Lexicon, times_of: Callable[[str], Times]) -> Arrival | None:
    """A date that all leads have, by its name; where no name tells, the one that is never later than the others."""
    dates = [r for r in readings if r.kind is Kind.DATETIME and r.column.fill >= _ALWAYS_FILLED]
    named = [r.name for r in dates if lexicon.place("created_at", r.name) is not None]
    sure = [name for name in named if names.said(name) not in vocabulary.BARE_TIMES]
    if sure:
        return Arrival(min(sure, key=lambda name: lexicon.rank("created_at", name)), "when the lead arrived")
    if len(dates) > 1 and (first := _never_later(dates, lexicon, times_of)):
        return first
    if named and len(dates) == 1:
        return Arrival(named[0], "when the lead arrived")
    single = len(dates) == 1 and not _is_of_another_moment(dates[0].name, lexicon)
    return Arrival(dates[0].name, "the only date that every lead has") if single else None


def _never_later(dates: list[Reading], lexicon: Lexicon, times_of: Callable[[str], Times]) -> Arrival | None:
    """Of dates that are always filled, the one that is never later than any other."""
    seen = {reading.name: times_of(reading.name) for reading in dates if not names.is_planned(reading.name)}
    for name, times in seen.items():
        others = [(other, moment) for other, moment in seen.items() if other != name]
        if others and all(_is_before(times, moment) for _, moment in others) and not lexicon.end_word(name):
            listed = ", ".join(other for other, _ in others)
            return Arrival(name, f"never later than {listed}", tuple(other for other, _ in others))
    return None


def _is_before(times: Times, others: Times) -> bool:
    """Whether times lie before others, or with them, lead by lead, and not so far that they are of another story."""
    known = ~np.isnat(times) & ~np.isnat(others)
    if not known.any():
        return False
    days = (others[known] - times[known]) / _DAY
    slack = 1.0 if _whole_days(times[known]) or _whole_days(others[known]) else 1 / 1440
    never_later = bool((days >= -slack).mean() >= _NEVER_LATER)
    return never_later and bool(days.mean() > 0) and bool(np.median(days) < 365 * _MOST_YEARS_BEFORE)


def _whole_days(times: Times) -> bool:
    return bool((times.astype("datetime64[D]") == times).all())


def _is_of_another_moment(name: str, lexicon: Lexicon) -> bool:
    return bool(lexicon.end_word(name) or names.is_planned(name) or lexicon.why_later(name))


def find_source(readings: Iterable[Reading], lexicon: Lexicon) -> str | None:
    """The column that says where a lead came from."""
    return _find_group(readings, "source", lexicon, _MOST_SOURCES)


def find_campaign(readings: Iterable[Reading], lexicon: Lexicon) -> str | None:
    """The column that says which campaign brought it."""
    return _find_group(readings, "campaign", lexicon, 10 * _MOST_SOURCES)


def _find_group(readings: Iterable[Reading], role: str, lexicon: Lexicon, most: int) -> str | None:
    """By its name, and by holding text of which there are few: a count of contacts is no campaign."""
    likely = [
        r.name
        for r in readings
        if r.kind is Kind.CATEGORY
        and lexicon.place(role, r.name) is not None
        and 2 <= len(r.column.texts) <= max(2, min(most, len(r.column.codes) / 3))
    ]
    return min(likely, key=lambda name: lexicon.rank(role, name), default=None)


def find_value(readings: Iterable[Reading], won: Flags, lexicon: Lexicon) -> str | None:
    """The money of a won deal: by a name that leaves no doubt, or by being there for won leads alone."""
    money = [reading for reading in readings if reading.kind is Kind.NUMERIC]
    sure = [r.name for r in money if lexicon.place("value", r.name) is not None]
    maybe = [r.name for r in money if names.place_in(vocabulary.VALUE_MAYBE, r.name) is not None and _of_won(r, won)]
    return min(sure, key=lambda name: lexicon.rank("value", name), default=next(iter(maybe), None))


def _of_won(reading: Reading, won: Flags) -> bool:
    money = np.nan_to_num(reading.by_row) > 0
    return bool(money.sum() and won[money].mean() >= 0.95)


def has_time_of_day(times: Times) -> bool:
    """Whether arrival times say more than the day."""
    known = times[~np.isnat(times)]
    return bool((known.astype("datetime64[D]") != known).mean() > 0.5) if len(known) else False
