"""The column that says when a lead was won or lost, of the leads or of a table of outcomes."""

from collections.abc import Iterable

import numpy as np

from features.schema_inference import column_names, vocabulary
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import ColumnProfile
from features.schema_inference.outcome import MIN_SIDE, States
from features.schema_inference.roles import DateRole
from features.values import Kind
from stats.types import Mask, Times

_ONE_DAY = np.timedelta64(1, "D")
_OF_CLOSED, _OF_OPEN = 0.9, 0.05
"""The shares of the won and of the open leads that a closing date has, where no name tells it."""
_HALF, _AHEAD, _HARDLY_ANY = 0.5, 0.8, 0.01


def find_closed_at(
    profiles: Iterable[ColumnProfile],
    lexicon: Lexicon,
    states: States,
    arrived: Times | None,
    *,
    may_be_bare: bool = False,
) -> DateRole | None:
    """By its name, where it has dates for most of the won leads; else by being there for closed leads alone.

    Of several names one that the lost leads have as well comes first. `may_be_bare` takes a column called "date" where
    no other name tells, as in a table of outcomes.
    """
    dates = [profile for profile in profiles if profile.kind is Kind.DATETIME]
    named = [
        profile
        for profile in dates
        if (lexicon.place("at", profile.name) is not None or (may_be_bare and _is_bare(profile.name)))
        and not lexicon.is_another_moment(profile.name, "at")
        and _share_filled(profile, states.won) >= _HALF
    ]
    plain = [profile for profile in named if not _is_bare(profile.name)]
    if may_be_bare:
        plain = plain or named

    def rank(profile: ColumnProfile) -> tuple[bool, bool, bool, int]:
        is_of_open = _share_filled(profile, states.open) > _HARDLY_ANY
        expected = _is_expected(profile.name)
        return not _has_lost(profile, states), expected, is_of_open, lexicon.rank("at", profile.name)

    best = min(plain, key=rank, default=None)
    if best and not _is_expected(best.name):
        doubt = "" if _has_lost(best, states) else "though lost leads have none"
        return DateRole(best.name, "when it was won or lost", doubt)
    told = [profile for profile in dates if _is_of_closed(profile, states, arrived)]
    if told:
        name = max(told, key=lambda profile: _share_filled(profile, states.won | states.lost)).name
        why = "what open leads have of it is nothing, or lies ahead"
        return DateRole(name, f"when it was won or lost: {why}", f"as {why}")
    if best is None:
        return None
    is_of_open = _share_filled(best, states.open) >= _HALF
    doubt = "though its name says that it is expected, and open leads have one: does closing a lead set it anew?"
    return DateRole(best.name, "when it was won or lost, of closed leads", doubt if is_of_open else "")


def find_changed_at(profiles: Iterable[ColumnProfile]) -> DateRole | None:
    """The date of the rows of a table that tells each change of a lead: the only one that every row has."""
    dated = [profile.name for profile in profiles if profile.kind is Kind.DATETIME and profile.column.fill == 1.0]
    if len(dated) != 1:
        return None
    return DateRole(dated[0], "when the row was written: of a lead's rows the latest counts")


def _is_bare(name: str) -> bool:
    return vocabulary.normalise_name(name) in vocabulary.BARE_TIMES


def _is_expected(name: str) -> bool:
    return not vocabulary.EXPECTED_WORDS.isdisjoint(vocabulary.normalise_name(name).split())


def _has_lost(profile: ColumnProfile, states: States) -> bool:
    """Whether most of the lost leads are dated as well, where enough are marked as lost."""
    return states.lost.sum() < MIN_SIDE or _share_filled(profile, states.lost) >= _HALF


def _is_of_closed(profile: ColumnProfile, states: States, arrived: Times | None) -> bool:
    """Whether won leads have a date and open ones have none, and none lies before the arrival."""
    if min(states.won.sum(), states.open.sum()) < MIN_SIDE or column_names.is_planned(profile.name):
        return False
    seen = profile.times_by_row
    dated_open = _share_filled(profile, states.open) > _OF_OPEN and not _lies_ahead(seen, states, arrived)
    if _share_filled(profile, states.won) < _OF_CLOSED or not _has_lost(profile, states) or dated_open:
        return False
    if arrived is None:
        return True
    known = ~np.isnat(seen) & ~np.isnat(arrived)
    return bool((seen[known] >= arrived[known] - _ONE_DAY).mean() >= _OF_CLOSED)


def _lies_ahead(seen: Times, states: States, arrived: Times | None) -> bool:
    """Whether the dates of open leads lie beyond the newest arrival, as expected ones do, and others do not."""
    if arrived is None or np.isnat(arrived).all():
        return False
    newest = np.nanmax(arrived)
    closed = states.won | states.lost
    of_open, of_closed = (seen[rows & ~np.isnat(seen)] > newest for rows in (states.open, closed))
    return bool(len(of_open) and len(of_closed) and of_open.mean() >= _AHEAD and of_closed.mean() <= 1 - _AHEAD)


def _share_filled(profile: ColumnProfile, rows: Mask) -> float:
    return float(profile.column.filled[rows].mean()) if rows.any() else 0.0
