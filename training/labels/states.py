"""The label of each lead at an as-of date: won or not within the horizon (docs/methods.md).

Won within the horizon is 1; lost, older than the horizon without a win, or won after it is 0. An open lead is not lost,
and neither is one that was not worked: only contacted leads are training examples, **won or not**
(`features.contact_log`), because a rule that let in wins alone would select on the outcome. What an open lead younger
than the horizon is an example of, `training.labels.delayed_feedback` says.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.contact_log import ContactLog, read_contact_log
from features.history import NEVER, History
from stats.instants import to_datetime, to_instant
from stats.types import Mask, Vector

DAY = np.timedelta64(1, "D")


class State(StrEnum):
    """What is known of a lead's outcome at the as-of date."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"
    NOT_WORKED = "not_worked"


@dataclass(frozen=True)
class Labels:
    """The labels of n leads at one as-of date; all arrays are (n,).

    Attributes:
        state: a `State` each.
        contacted: which leads count as contacted; a won lead may not, where no contact with it is logged.
        won: 1 for a win within the horizon, else 0.
        complete: which leads are training examples whose outcome is complete: contacted and matured, won or lost.
        young: which leads are younger than the horizon.
        age: in days, at most the horizon.
        delay: days from arrival to a win in time; NaN for none, and for one without a date.
        log: what the contacts can prove; None where there are none to read.
    """

    state: NDArray[np.object_]
    contacted: Mask
    won: Vector
    complete: Mask
    young: Mask
    age: Vector
    delay: Vector
    log: ContactLog | None = None

    @property
    def wins_not_logged(self) -> int:
        """How many of the won leads do not count as contacted."""
        return int(((self.state == State.WON) & ~self.contacted).sum())


def infer_as_of(history: History) -> datetime | None:
    """The start of the day after the newest arrival or outcome, in UTC; None where nothing is dated."""
    dated = [times for times in (history.leads.created_at, history.closed_at) if times is not None]
    newest = [times[~np.isnat(times)].max() for times in dated if not np.isnat(times).all()]
    if not newest:
        return None
    return to_datetime(max(newest).astype("datetime64[D]") + DAY)


def cut_history(history: History, as_of: datetime) -> History:
    """The history as it stood when the as-of date began: no lead, outcome, contact or logged score from then on."""
    now = to_instant(as_of)
    created_at = history.leads.created_at
    if created_at is not None:
        history = history.take(np.flatnonzero(created_at < now))
    status, closed_at, contact = history.status, history.closed_at, history.first_contact_at
    promised = history.predicted
    if closed_at is not None:
        later = closed_at >= now
        status, closed_at = status.copy(), closed_at.copy()
        status[later], closed_at[later] = None, NEVER
    if contact is not None:
        contact = np.where(contact >= now, NEVER, contact)
    if promised is not None and history.scored_at is not None:
        promised = np.where(history.scored_at >= now, np.nan, promised)
    return replace(
        history, status=status, closed_at=closed_at, first_contact_at=contact, predicted=promised, arrivals=None
    )


def label(history: History, as_of: datetime | None, horizon_days: int) -> Labels:
    """Label the n leads of a history that was cut at the as-of date."""
    won = history.status == "won"
    delay = _days_to_close(history)
    age = _ages(history, as_of, horizon_days)
    in_time = ~(delay > horizon_days)  # a win without a time counts
    matured = age >= horizon_days
    lost = matured | ((history.status == "lost") & _has_close_date(history))
    state = np.where(won & in_time, State.WON, np.where(lost, State.LOST, State.OPEN))
    log = _read_log(history, horizon_days)
    contacted = _find_contacted(history, log)
    state = np.where(~contacted & (state != State.WON), State.NOT_WORKED, state)
    won_in_time = state == State.WON
    return Labels(
        state=state.astype(object),
        contacted=contacted,
        won=won_in_time.astype(np.float64),
        complete=matured & contacted & np.isin(state, [State.WON, State.LOST]),
        young=~matured,
        age=age,
        delay=np.where(won_in_time, np.maximum(delay, 0.0), np.nan),
        log=log,
    )


def _has_close_date(history: History) -> Mask:
    """Whether each outcome has a time, where times are recorded: without one it may have come later."""
    if history.leads.created_at is None or history.closed_at is None:
        return np.ones(len(history.status), dtype=bool)
    return ~np.isnat(history.closed_at)


def _days_to_close(history: History) -> Vector:
    if history.leads.created_at is None or history.closed_at is None:
        return np.full(len(history.status), np.nan)
    return np.asarray((history.closed_at - history.leads.created_at) / DAY)


def _ages(history: History, as_of: datetime | None, horizon_days: int) -> Vector:
    """In days, at most the horizon; where nothing is dated, what is closed is old enough and the rest is not."""
    if history.leads.created_at is None or as_of is None:
        return np.array([horizon_days * (status is not None) for status in history.status], dtype=np.float64)
    return np.asarray(np.minimum((to_instant(as_of) - history.leads.created_at) / DAY, float(horizon_days)))


def _read_log(history: History, horizon_days: int) -> ContactLog | None:
    if history.first_contact_at is None:
        return None
    won = np.asarray(history.status == "won", dtype=bool)
    return read_contact_log(history.leads.created_at, history.first_contact_at, won, horizon_days)


def _find_contacted(history: History, log: ContactLog | None) -> Mask:
    said_not = np.asarray(history.status == "not_worked", dtype=bool)
    if log is None or history.first_contact_at is None:
        return ~said_not
    return log.is_contacted(~np.isnat(history.first_contact_at), history.leads.created_at) & ~said_not
