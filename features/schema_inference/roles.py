"""The columns that are the id, the arrival, the source, the campaign and the value."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.schema_inference import column_names, vocabulary
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column, ColumnProfile
from features.schema_inference.date_formats import clock_slack
from features.values import Kind
from stats.types import Mask, Times

_NEARLY_UNIQUE = 0.95
_MOST_SOURCES = 200
_MOSTLY_UNIQUE = 0.5
_ALWAYS_FILLED, _MOSTLY_FILLED = 0.99, 0.9
_NEVER_LATER = 0.98
"""The share of leads whose arrival is not after another date of theirs; clocks and zones differ a little."""
_MOST_YEARS_BEFORE = 2
"""A date that lies further before the others is a birth or a founding, and no arrival."""
_DAY_PATTERN = re.compile(r"\d{4}-\d\d-\d\d|\d\d-\w{3}-\d{2,4}|\d\d-\d\d-\d{4}")
_CODE = re.compile(r"[^\s@.,:+/]*\d[^\s@.,:+/]*")
_ONE_DAY = np.timedelta64(1, "D")
_HALF = 0.5


def find_id(frame: pd.DataFrame, lexicon: Lexicon) -> str | None:
    """The column that names each lead."""
    return next(iter(id_candidates(frame, lexicon)), None)


def id_candidates(frame: pd.DataFrame, lexicon: Lexicon | None = None) -> list[str]:
    """The columns that name each lead, the likeliest first.

    What is called the lead's id comes first, though a few rows repeat it: training then says which. Of others, what
    never repeats comes before what does.
    """
    columns = [str(name) for name in frame.columns]
    lexicon = lexicon or Lexicon.of(columns)
    likely = [name for name in columns if _names_leads(frame[name], name, lexicon)]
    if not likely:
        by_place = (Column.of(frame.iloc[:, place], name) for place, name in enumerate(columns))
        coded = next((column.name for column in by_place if may_be_id(column, lexicon)), None)
        return [] if coded is None else [coded]  # a name in another language, or one that says nothing
    repeats = {name: not _never_repeats(frame[name]) for name in likely}

    def rank(name: str) -> tuple[bool, bool, int]:
        is_leads_own = is_called_lead_id(name, lexicon) and frame[name].nunique() >= _NEARLY_UNIQUE * len(frame)
        return not is_leads_own, repeats[name], lexicon.rank("id", name)

    return sorted(likely, key=rank)


def is_called_lead_id(name: str, lexicon: Lexicon) -> bool:
    """Whether a name calls the lead's own id, and not that of a contact or a customer."""
    if lexicon.export is not None and lexicon.export.place("id", name) is not None:
        return True
    words = vocabulary.normalise_name(name)
    if lexicon.place("id", name) is None:
        return False
    return words in vocabulary.BARE_IDS or not vocabulary.OBJECT_WORDS.isdisjoint(words.split())


def _names_leads(column: "pd.Series[str] | pd.DataFrame", name: str, lexicon: Lexicon) -> bool:
    """A column called lead id is one even where many rows repeat; training then says which."""
    if isinstance(column, pd.DataFrame):  # two columns of one name
        return False
    if lexicon.is_phone(name) or lexicon.why_later(name) or lexicon.is_known_otherwise(name, "id"):
        return False
    called = lexicon.place("id", name) is not None
    if not (called or lexicon.is_code(name)):
        return False
    if called and _calls_key_of_lead(name) and column.notna().mean() >= _ALWAYS_FILLED:
        return bool(column.nunique() > 1)
    return bool(column.nunique() >= (_MOSTLY_UNIQUE if called else _NEARLY_UNIQUE) * len(column))


def _calls_key_of_lead(name: str) -> bool:
    """Whether a name is that of a lead's own key, such as "Deal ID", and no bare "id"."""
    words = vocabulary.normalise_name(name).split()
    return not vocabulary.OBJECT_WORDS.isdisjoint(words) and column_names.is_code(name)


def _never_repeats(column: "pd.Series[str]") -> bool:
    return bool(column.notna().all() and column.is_unique)


def may_be_id(column: Column, lexicon: Lexicon) -> bool:
    """Whether a column holds a code for each lead, all different, and its name says nothing else."""
    if len(column.texts) < len(column.codes) or lexicon.is_phone(column.name):
        return False
    if any(lexicon.place(role, column.name) is not None for role in ("created_at", "at", "value")):
        return False
    texts = column.texts[:1_000]
    return all(map(_CODE.fullmatch, texts)) and not all(map(_DAY_PATTERN.fullmatch, texts))


@dataclass(frozen=True, slots=True)
class DateRole:
    """The column that says when leads arrived, or were closed; how that was told, and what to ask about it."""

    name: str
    why: str
    doubt: str = ""


def find_created_at(profiles: Sequence[ColumnProfile], lexicon: Lexicon) -> DateRole | None:
    """A date that all leads have, by its name; where no name tells, the one that is never later than the others.

    No other date is taken where one has the right name and only most leads have it.
    """
    dates = [profile for profile in profiles if profile.kind is Kind.DATETIME]
    filled = [profile for profile in dates if profile.column.fill >= _ALWAYS_FILLED]
    called = [profile for profile in dates if _is_called_arrival(profile.name, lexicon)]
    if sure := [profile for profile in called if profile.column.fill >= _MOSTLY_FILLED]:
        always = [profile for profile in sure if profile in filled]
        best = min(always or sure, key=lambda profile: lexicon.rank("created_at", profile.name))
        return DateRole(best.name, "when the lead arrived", _why_doubted(best, filled, lexicon))
    if any(profile.column.fill >= _HALF for profile in called):
        return None
    if len(filled) > 1 and (first := _never_later(filled, lexicon)):
        return first
    if len(filled) != 1:
        return None
    name = filled[0].name
    if lexicon.place("created_at", name) is not None:
        return DateRole(name, "when the lead arrived")
    return None if _is_of_another_moment(name, lexicon) else DateRole(name, "the only date that every lead has")


def _is_called_arrival(name: str, lexicon: Lexicon) -> bool:
    """Whether a name says that it is the arrival; "date" alone does not."""
    if vocabulary.normalise_name(name) in vocabulary.BARE_TIMES or lexicon.is_another_moment(name, "created_at"):
        return False
    return lexicon.place("created_at", name) is not None


def _why_doubted(best: ColumnProfile, filled: Iterable[ColumnProfile], lexicon: Lexicon) -> str:
    """What to ask of a date that is called the arrival: leads that lack it, and a date that is never later."""
    if best.column.fill < _ALWAYS_FILLED:
        lacking = int((~best.column.filled).sum())
        return f"though {lacking:,} leads have none, which training refuses"
    earlier = [
        profile.name
        for profile in filled
        if profile.name != best.name
        and lexicon.place("created_at", profile.name) is None
        and not _is_of_another_moment(profile.name, lexicon)
        and _is_before(profile.times_by_row, best.times_by_row)
    ]
    return f"though {earlier[0]} is never later: which one is it?" if earlier else ""


def _never_later(dates: list[ColumnProfile], lexicon: Lexicon) -> DateRole | None:
    """Of dates that are always filled, the one that is never later than any other."""
    seen = {profile.name: profile.times_by_row for profile in dates if not column_names.is_planned(profile.name)}
    for name, times in seen.items():
        others = [(other, moment) for other, moment in seen.items() if other != name]
        if others and all(_is_before(times, moment) for _, moment in others) and not lexicon.end_word(name):
            listed = ", ".join(other for other, _ in others)
            return DateRole(name, f"never later than {listed}", f"as it is never later than {listed}")
    return None


def _is_before(times: Times, others: Times) -> bool:
    """Whether times lie before others, or with them, lead by lead, and not so far that they are of another story."""
    known = ~np.isnat(times) & ~np.isnat(others)
    if not known.any():
        return False
    waits = others[known] - times[known]
    never_later = bool((waits >= -clock_slack(times[known], others[known])).mean() >= _NEVER_LATER)
    days = waits / _ONE_DAY
    return never_later and bool(days.mean() > 0) and bool(np.median(days) < 365 * _MOST_YEARS_BEFORE)


def _is_of_another_moment(name: str, lexicon: Lexicon) -> bool:
    return bool(lexicon.end_word(name) or column_names.is_planned(name) or lexicon.why_later(name))


def find_source(profiles: Iterable[ColumnProfile], lexicon: Lexicon) -> str | None:
    """The column that says where a lead came from."""
    return _find_group(profiles, "source", lexicon, _MOST_SOURCES)


def find_campaign(profiles: Iterable[ColumnProfile], lexicon: Lexicon) -> str | None:
    """The column that says which campaign brought it."""
    return _find_group(profiles, "campaign", lexicon, 10 * _MOST_SOURCES)


def _find_group(profiles: Iterable[ColumnProfile], role: str, lexicon: Lexicon, most: int) -> str | None:
    """By its name, and by holding text of which there are few: a count of contacts is no campaign."""
    likely = [
        profile.name
        for profile in profiles
        if profile.kind is Kind.CATEGORY
        and lexicon.place(role, profile.name) is not None
        and 2 <= len(profile.column.texts) <= max(2, min(most, len(profile.column.codes) / 3))
    ]
    return min(likely, key=lambda name: lexicon.rank(role, name), default=None)


def find_value(profiles: Iterable[ColumnProfile], won: Mask, lexicon: Lexicon) -> str | None:
    """The money of a won deal: by a name that leaves no doubt, or by being there for won leads alone.

    Of several such names one that most won leads have, and hardly another lead, comes first.
    """
    money = [profile for profile in profiles if profile.kind is Kind.NUMERIC]
    sure = [r for r in money if lexicon.place("value", r.name) is not None]
    maybe = [r.name for r in money if lexicon.place("value_if_won_alone", r.name) is not None and _of_won(r, won)]

    def rank(profile: ColumnProfile) -> tuple[bool, int]:
        return not (_of_won(profile, won) and _of_most(profile, won)), lexicon.rank("value", profile.name)

    return min(sure, key=rank).name if sure else next(iter(maybe), None)


def _of_won(profile: ColumnProfile, won: Mask) -> bool:
    money = _is_paid(profile)
    return bool(money.sum() and won[money].mean() >= 0.95)


def _of_most(profile: ColumnProfile, won: Mask) -> bool:
    return bool(_is_paid(profile)[won].mean() >= _HALF)


def _is_paid(profile: ColumnProfile) -> Mask:
    return np.asarray(np.nan_to_num(profile.by_row) > 0)


def has_time_of_day(times: Times) -> bool:
    """Whether arrival times say more than the day."""
    known = times[~np.isnat(times)]
    return bool((known.astype("datetime64[D]") != known).mean() > 0.5) if len(known) else False
