"""What each lead teaches at an as-of date: histories in, label states, labels and weights out (METHODS.md §1).

Won within the horizon is 1; lost, or older than the horizon without a win, is 0; a win after the horizon is 0.
Open is not lost, and neither is not worked: both are left out. Leads younger than the horizon will teach in part
once a delay model gives them weights; `label` is where it comes in.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.history import NEVER, History
from features.lead_table import LeadTable
from features.refused import Refused

DAY = np.timedelta64(1, "D")


class State(StrEnum):
    """What is known of a lead's outcome at the as-of date."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"
    NOT_WORKED = "not_worked"


class TooFewOutcomes(Refused):
    """Not enough leads have an outcome at the as-of date to learn anything."""


@dataclass(frozen=True)
class Labels:
    """For each of n leads: its state, whether it is won in time, how much it may teach, and whether it is too young."""

    state: NDArray[np.object_]
    won: NDArray[np.float64]
    weight: NDArray[np.float64]
    young: NDArray[np.bool_]


@dataclass(frozen=True)
class Dataset:
    """The leads that may teach, in order, with no fact later than the as-of date.

    `young` are the newest leads, whose outcome is not known yet. `as_of` is None where nothing is dated.
    """

    leads: LeadTable
    won: NDArray[np.float64]
    weight: NDArray[np.float64]
    young: LeadTable
    counts: dict[State, int]
    as_of: datetime | None
    horizon_days: int
    content_hash: str

    def __len__(self) -> int:
        return len(self.won)


def newest_fact(history: History) -> datetime | None:
    """The start of the day after the newest arrival or outcome; None where nothing is dated."""
    dated = [times for times in (history.leads.created_at, history.closed_at) if times is not None]
    newest = [times[~np.isnat(times)].max() for times in dated if not np.isnat(times).all()]
    if not newest:
        return None
    day: datetime = (max(newest).astype("datetime64[D]") + DAY).astype("datetime64[us]").item()
    return day.replace(tzinfo=UTC)


def known_at(history: History, as_of: datetime) -> History:
    """The history as it stood when the as-of date began: later leads, outcomes and contacts are not there."""
    now = _instant(as_of)
    created_at = history.leads.created_at
    if created_at is not None:
        history = history.take(np.flatnonzero(created_at < now))
    status, closed_at, contact = history.status, history.closed_at, history.first_contact_at
    if closed_at is not None:
        later = closed_at >= now
        status, closed_at = status.copy(), closed_at.copy()
        status[later], closed_at[later] = None, NEVER
    if contact is not None:
        contact = np.where(contact >= now, NEVER, contact)
    return History(history.leads, status, closed_at, contact, history.notes)


def label(history: History, as_of: datetime | None, horizon_days: int) -> Labels:
    """States, labels and weights (n,) of the leads known at the as-of date."""
    created_at, closed_at = history.leads.created_at, history.closed_at
    won = history.status == "won"
    if created_at is not None and closed_at is not None:
        in_time = ~((closed_at - created_at) > horizon_days * DAY)  # a win without a time counts
    else:
        in_time = np.ones(len(won), dtype=bool)
    if created_at is not None and as_of is not None:
        matured = created_at + horizon_days * DAY <= _instant(as_of)
    else:
        matured = np.array([status is not None for status in history.status], dtype=bool)
    state = np.where(won & in_time, State.WON, np.where((history.status == "lost") | matured, State.LOST, State.OPEN))
    state = np.where(_untried(history) & (state != State.WON), State.NOT_WORKED, state)
    teaches = matured & np.isin(state, [State.WON, State.LOST])
    won_in_time = (state == State.WON).astype(np.float64)
    return Labels(state.astype(object), won_in_time, teaches.astype(np.float64), ~matured)


def _untried(history: History) -> NDArray[np.bool_]:
    untried = history.status == "not_worked"
    if history.first_contact_at is not None:
        untried = untried | np.isnat(history.first_contact_at)
    return np.asarray(untried, dtype=bool)


def make_dataset(history: History, as_of: datetime | None, horizon_days: int, *, by_arrival: bool = True) -> Dataset:
    """Cut the history at the as-of date (by default after its newest fact) and label it.

    The leads that may teach are sorted by arrival where there are times and `by_arrival` asks for it; otherwise
    they keep the table's order.

    Raises:
        TooFewOutcomes: where the leads that may teach do not hold both winners and others.
    """
    as_of = as_of or newest_fact(history)
    if as_of is not None:
        history = known_at(history, as_of)
    labels = label(history, as_of, horizon_days)
    teaching, young = np.flatnonzero(labels.weight > 0), np.flatnonzero(labels.young)
    if by_arrival and history.leads.created_at is not None:
        teaching = teaching[np.argsort(history.leads.created_at[teaching], kind="stable")]
    counts = {state: int((labels.state == state).sum()) for state in State}
    won = labels.won[teaching]
    _refuse_one_class(won, counts, as_of, horizon_days)
    leads = history.leads.take(teaching)
    return Dataset(
        leads=leads,
        won=won,
        weight=labels.weight[teaching],
        young=history.leads.take(young),
        counts=counts,
        as_of=as_of,
        horizon_days=horizon_days,
        content_hash=_hash(leads, won),
    )


def _refuse_one_class(
    won: NDArray[np.float64], counts: dict[State, int], as_of: datetime | None, horizon_days: int
) -> None:
    if len(won) and 0 < won.sum() < len(won):
        return
    held = ", ".join(f"{number} {state}" for state, number in counts.items())
    when = f" at {as_of:%Y-%m-%d} with a horizon of {horizon_days} days" if as_of else ""
    raise TooFewOutcomes(
        f"{len(won)} leads can teach{when}, {int(won.sum())} of them won; both winners and others are needed "
        f"(of all leads: {held}). A shorter horizon_days or a later --as-of matures more of them."
    )


def _instant(time: datetime) -> np.datetime64:
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "us")


def _hash(leads: LeadTable, won: NDArray[np.float64]) -> str:
    return hashlib.sha256(leads.content_hash().encode() + won.tobytes()).hexdigest()
