"""Which columns play a role: readings in, the names of id, arrival time, source, campaign and value out."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.infer import names, vocabulary
from features.infer.column import Flags
from features.infer.dates import Times
from features.infer.kinds import Reading
from features.values import Kind

_NEARLY_UNIQUE = 0.95
_MOST_SOURCES = 200
_MOSTLY_UNIQUE = 0.5


def id_candidates(frame: pd.DataFrame) -> list[str]:
    """The columns that name each lead: by their name, and by hardly ever repeating; the likeliest first."""
    columns = [str(name) for name in frame.columns]
    likely = [name for name in columns if names.is_code(name) and _hardly_repeats(frame[name], name)]
    if not likely and _all_different_codes(frame.iloc[:, 0]):
        return columns[:1]  # a name in another language
    return sorted(likely, key=lambda name: _place(name, vocabulary.LEAD_ID))


def _hardly_repeats(column: "pd.Series[str]", name: str) -> bool:
    """A column called lead id is one even where many rows repeat; training then says which."""
    least = _MOSTLY_UNIQUE if names.place_in(vocabulary.LEAD_ID, name) is not None else _NEARLY_UNIQUE
    return bool(column.nunique() >= least * len(column))


def _all_different_codes(column: "pd.Series[str]") -> bool:
    texts = column.dropna().astype(str)
    looks_coded = texts.head(1_000).str.fullmatch(r"[^\s@.,:]*\d[^\s@.,:]*").all()
    return bool(len(texts) == len(column) and texts.is_unique and looks_coded)


def find_created_at(readings: Iterable[Reading]) -> str | None:
    """A date that all leads have, by its name; another only where it is the only one and speaks of no end."""
    dates = [r for r in readings if r.kind is Kind.DATETIME and r.column.fill >= 0.99]
    named = [r.name for r in dates if names.place_in(vocabulary.CREATED_AT, r.name) is not None]
    if named:
        return min(named, key=lambda name: _place(name, vocabulary.CREATED_AT))
    single = len(dates) == 1 and not names.end_word(dates[0].name) and not names.is_planned(dates[0].name)
    return dates[0].name if single else None


def find_source(readings: Iterable[Reading]) -> str | None:
    """The column that says where a lead came from."""
    return _find_group(readings, vocabulary.SOURCE, _MOST_SOURCES)


def find_campaign(readings: Iterable[Reading]) -> str | None:
    """The column that says which campaign brought it."""
    return _find_group(readings, vocabulary.CAMPAIGN, 10 * _MOST_SOURCES)


def _find_group(readings: Iterable[Reading], accepted: tuple[str, ...], most: int) -> str | None:
    """By its name, and by holding text of which there are few: a count of contacts is no campaign."""
    likely = [
        r.name
        for r in readings
        if r.kind is Kind.CATEGORY
        and names.place_in(accepted, r.name) is not None
        and 2 <= len(r.column.texts) <= max(2, min(most, len(r.column.codes) / 3))
    ]
    return min(likely, key=lambda name: _place(name, accepted), default=None)


def find_value(readings: Iterable[Reading], won: Flags) -> str | None:
    """The money of a won deal: by a name that leaves no doubt, or by being there for won leads alone."""
    money = [reading for reading in readings if reading.kind is Kind.NUMERIC]
    sure = [r.name for r in money if names.place_in(vocabulary.VALUE, r.name) is not None]
    maybe = [r.name for r in money if names.place_in(vocabulary.VALUE_MAYBE, r.name) is not None and _of_won(r, won)]
    return min(sure, key=lambda name: _place(name, vocabulary.VALUE), default=next(iter(maybe), None))


def _of_won(reading: Reading, won: Flags) -> bool:
    money = np.nan_to_num(reading.by_row) > 0
    return bool(money.sum() and won[money].mean() >= 0.95)


def _place(name: str, accepted: tuple[str, ...]) -> int:
    place = names.place_in(accepted, name)
    return len(accepted) if place is None else place


def has_time_of_day(times: Times) -> bool:
    """Whether arrival times say more than the day."""
    known = times[~np.isnat(times)]
    return bool((known.astype("datetime64[D]") != known).mean() > 0.5) if len(known) else False
