"""The check for impossible dates, which would become the as-of date and make every open lead an old one."""

from dataclasses import replace
from datetime import date

import numpy as np

from features.history import NEVER, History
from features.parsing.plausible_dates import is_beyond, last_plausible, most_within


def drop_impossible_dates(history: History, today: date | None) -> tuple[History, tuple[str, ...]]:
    """The history without dates after today or far beyond all others, and notes on what was left out.

    A lead that arrived on such a day is left out; one that was closed on such a day keeps its outcome, without a date.
    `today` is None where the clock is not asked.
    """
    arrived, closed_at = history.leads.created_at, history.closed_at
    if arrived is None:
        return history, ()
    facts = arrived if closed_at is None else np.concatenate([arrived, closed_at])
    last = last_plausible(facts, most_within(arrived, today))
    if last is None:
        return history, ()
    notes = []
    if closed_at is not None and (beyond := is_beyond(closed_at, last)).any():
        history = replace(history, closed_at=np.where(beyond, NEVER, closed_at))
        notes.append(_note_left_out(closed_at[beyond], "outcomes", last, "their dates were left out"))
    if (beyond := is_beyond(arrived, last)).any():
        history = history.take(np.flatnonzero(~beyond))
        notes.append(_note_left_out(arrived[beyond], "arrivals", last, "these leads were left out"))
    return history, tuple(notes)


def _note_left_out(
    times: "np.ndarray[tuple[int], np.dtype[np.datetime64]]", what: str, last: np.datetime64, done: str
) -> str:
    first = times.min().astype("datetime64[D]")
    newest = last.astype("datetime64[D]")
    return (
        f"{len(times):,} {what} are dated after today, or far beyond all others (such as {first}, while the newest "
        f"of the others is {newest}): {done}; mend them in the table"
    )
