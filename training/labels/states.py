"""What each lead teaches at an as-of date: histories in, label states, labels and weights out (METHODS.md §1).

Won within the horizon is 1; lost, or older than the horizon without a win, is 0; a win after the horizon is 0. Open is
not lost, and neither is not worked. Leads older than the horizon teach in full; what a younger one teaches, whose
outcome may still come, is told in `training.labels.delayed_feedback`. Leads that were not worked are left out, and so
are those of which it is not on record, **won or not** (`features.contact_log`): a win alone is no proof that may count.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.arrays import Times
from features.contact_log import ContactLog, read_contact_log
from features.errors import Refused
from features.history import NEVER, History
from features.lead_table import LeadTable
from training.checks.thin_sources import SourceWork, notes_on_sources, work_by_source
from training.labels.propensity import stands_for

DAY = np.timedelta64(1, "D")
ENOUGH_LEADS = 100
"""How many leads older than the horizon a training run is advised to wait for."""


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
    """For each of n leads: its state, whether it is won in time, how much it may teach, and whether it is too young.

    `worked` says which leads count as worked; one that is won may not, where its contacts are not on record. `age` is
    in days, at most the horizon; `delay` the days to a win in time, NaN for none and where it is not dated. `log` is
    what the contacts can tell, None where there are none to read.
    """

    state: NDArray[np.object_]
    worked: NDArray[np.bool_]
    won: NDArray[np.float64]
    weight: NDArray[np.float64]
    young: NDArray[np.bool_]
    age: NDArray[np.float64]
    delay: NDArray[np.float64]
    log: ContactLog | None = None

    @property
    def wins_not_logged(self) -> int:
        """How many of the won leads do not count as worked."""
        return int(((self.state == State.WON) & ~self.worked).sum())


@dataclass(frozen=True)
class Dataset:
    """The leads that may teach, in order, with no fact later than the as-of date.

    `won` is 1, 0, or the chance of a win where a lead is `open`; `known` is the share of its outcome that its age lets
    one know; `weight` is for how many arriving leads it stands (`training.labels.propensity`), 1 on average. `young`
    are the newest leads, whose outcome may still come. `as_of` is None where nothing is dated. `counts` are of all
    leads, `wins_not_logged` of them won without a logged contact, which teach nothing. `work` is of the leads older
    than the horizon; `cautions` are those of the `notes` that say what little is known of.
    """

    leads: LeadTable
    won: NDArray[np.float64]
    weight: NDArray[np.float64]
    open: NDArray[np.bool_]
    known: NDArray[np.float64]
    age: NDArray[np.float64]
    delay: NDArray[np.float64]
    young: LeadTable
    counts: dict[State, int]
    as_of: datetime | None
    horizon_days: int
    content_hash: str
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    wins_not_logged: int = 0
    work: tuple[SourceWork, ...] = ()

    def __len__(self) -> int:
        return len(self.won)

    @property
    def seen_won(self) -> NDArray[np.float64]:
        """1 where a win is on record, 0 otherwise."""
        return np.where(self.open, 0.0, self.won)

    @property
    def arrived(self) -> Times:
        """When each lead did (n,)."""
        if self.leads.created_at is None:
            raise ValueError("these leads have no arrival times")
        return self.leads.created_at

    def on_record(self, lead_ids: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What leads (m,) are judged by: won (m,), for as many as a win stands for, and weight (m,).

        A lead counts for those that it stands for, by the share of its outcome that can be known; one that does not
        teach, not at all.
        """
        row_of = {lead_id: row for row, lead_id in enumerate(self.leads.lead_id)}
        rows = np.array([row_of.get(lead_id, -1) for lead_id in lead_ids], dtype=np.intp)
        return self.seen_won[rows] / self.known[rows], np.where(rows >= 0, self.weight[rows] * self.known[rows], 0.0)

    def take(self, rows: NDArray[np.intp]) -> Self:
        each = ("won", "weight", "open", "known", "age", "delay")
        return replace(self, leads=self.leads.take(rows), **{name: getattr(self, name)[rows] for name in each})


def newest_fact(history: History) -> datetime | None:
    """The start of the day after the newest arrival or outcome; None where nothing is dated."""
    dated = [times for times in (history.leads.created_at, history.closed_at) if times is not None]
    newest = [times[~np.isnat(times)].max() for times in dated if not np.isnat(times).all()]
    if not newest:
        return None
    day: datetime = (max(newest).astype("datetime64[D]") + DAY).astype("datetime64[us]").item()
    return day.replace(tzinfo=UTC)


def known_at(history: History, as_of: datetime) -> History:
    """The history as it stood when the as-of date began: later leads, outcomes, contacts and scores are not there."""
    now = _instant(as_of)
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
    """States, labels and weights (n,) of the leads known at the as-of date."""
    won = history.status == "won"
    delay, age = _days_to_close(history), _ages(history, as_of, horizon_days)
    in_time = ~(delay > horizon_days)  # a win without a time counts
    matured = age >= horizon_days
    lost = matured | ((history.status == "lost") & _dated(history))
    state = np.where(won & in_time, State.WON, np.where(lost, State.LOST, State.OPEN))
    log = _contact_log(history, horizon_days)
    worked = _worked(history, log)
    state = np.where(~worked & (state != State.WON), State.NOT_WORKED, state)
    teaches = matured & worked & np.isin(state, [State.WON, State.LOST])
    won_in_time = state == State.WON
    return Labels(
        state=state.astype(object),
        worked=worked,
        won=won_in_time.astype(np.float64),
        weight=teaches.astype(np.float64),
        young=~matured,
        age=age,
        delay=np.where(won_in_time, np.maximum(delay, 0.0), np.nan),
        log=log,
    )


def _dated(history: History) -> NDArray[np.bool_]:
    """Whether each outcome has a time, where times are recorded: without one it may have come later."""
    if history.leads.created_at is None or history.closed_at is None:
        return np.ones(len(history.status), dtype=bool)
    return ~np.isnat(history.closed_at)


def _days_to_close(history: History) -> NDArray[np.float64]:
    if history.leads.created_at is None or history.closed_at is None:
        return np.full(len(history.status), np.nan)
    return np.asarray((history.closed_at - history.leads.created_at) / DAY)


def _ages(history: History, as_of: datetime | None, horizon_days: int) -> NDArray[np.float64]:
    """In days, at most the horizon; where nothing is dated, what is closed is old enough and the rest is not."""
    if history.leads.created_at is None or as_of is None:
        return np.array([horizon_days * (status is not None) for status in history.status], dtype=np.float64)
    return np.asarray(np.minimum((_instant(as_of) - history.leads.created_at) / DAY, float(horizon_days)))


def _contact_log(history: History, horizon_days: int) -> ContactLog | None:
    if history.first_contact_at is None:
        return None
    won = np.asarray(history.status == "won", dtype=bool)
    return read_contact_log(history.leads.created_at, history.first_contact_at, won, horizon_days)


def _worked(history: History, log: ContactLog | None) -> NDArray[np.bool_]:
    said_not = np.asarray(history.status == "not_worked", dtype=bool)
    if log is None or history.first_contact_at is None:
        return ~said_not
    return log.is_contacted(~np.isnat(history.first_contact_at), history.leads.created_at) & ~said_not


def make_dataset(
    history: History, as_of: datetime | None, horizon_days: int, *, by_arrival: bool = True, young_too: bool = False
) -> Dataset:
    """Cut the history at the as-of date (by default after its newest fact) and label it.

    The leads that may teach are sorted by arrival where there are times and `by_arrival` asks for it; otherwise
    they keep the table's order. With `young_too`, leads that were tried and are younger than the horizon are among
    them; those that are open still wait for `training.labels.delayed_feedback` to say what they teach.

    Raises:
        TooFewOutcomes: where the leads that may teach do not hold both winners and others.
    """
    as_of = as_of or newest_fact(history)
    if as_of is not None:
        history = known_at(history, as_of)
    labels = label(history, as_of, horizon_days)
    tried_young = labels.young & labels.worked
    teaching, young = np.flatnonzero((labels.weight > 0) | (young_too & tried_young)), np.flatnonzero(labels.young)
    if by_arrival and history.leads.created_at is not None:
        teaching = teaching[np.argsort(history.leads.created_at[teaching], kind="stable")]
    counts = {state: int((labels.state == state).sum()) for state in State}
    won = labels.won[teaching]
    if not 0 < won.sum() < len(won):
        advice = how_to_mature(history.leads.created_at, as_of, horizon_days) if labels.young.any() else ""
        raise TooFewOutcomes(_one_class(won, counts, labels.wins_not_logged, as_of, horizon_days) + advice)
    weight, notes = stands_for(history.predicted, labels.worked, matured=~labels.young)
    old = np.flatnonzero(~labels.young)
    work = work_by_source(history.leads.take(old), labels.worked[old], labels.won[old] == 1)
    cautions = tuple(filter(None, [labels.log.note if labels.log else None, *notes_on_sources(work)]))
    leads = history.leads.take(teaching)
    return Dataset(
        leads=leads,
        won=won,
        weight=weight[teaching] / weight[teaching].mean(),
        open=labels.state[teaching] == State.OPEN,
        known=np.ones(len(teaching)),
        age=labels.age[teaching],
        delay=labels.delay[teaching],
        young=history.leads.take(young),
        counts=counts,
        as_of=as_of,
        horizon_days=horizon_days,
        content_hash=_hash(leads, won),
        notes=(*cautions, *notes),
        cautions=cautions,
        work=work,
        wins_not_logged=labels.wins_not_logged,
    )


def _one_class(
    won: NDArray[np.float64],
    counts: dict[State, int],
    wins_not_logged: int,
    as_of: datetime | None,
    horizon_days: int,
) -> str:
    held = ", ".join(f"{number} {state}" for state, number in counts.items())
    held += f"; {wins_not_logged} of the won have no logged contact and teach nothing" if wins_not_logged else ""
    when = f" at {as_of:%Y-%m-%d} with a horizon of {horizon_days} days" if as_of else ""
    return (
        f"{len(won)} leads can teach{when}, {int(won.sum())} of them won; both winners and others are needed "
        f"(of all leads: {held})."
    )


def how_to_mature(arrived: Times | None, as_of: datetime | None, horizon_days: int) -> str:
    """A sentence on what makes outcomes known: the horizon that is short enough today, and the day to wait for."""
    if arrived is None or as_of is None or not len(arrived):
        return " Only leads with an outcome can teach: bring more of them."
    enough = min(ENOUGH_LEADS, len(arrived))
    last = np.partition(arrived, enough - 1)[enough - 1]
    days = int((_instant(as_of) - last) / DAY)
    ready = (last + np.timedelta64(horizon_days, "D")).astype("datetime64[D]") + 1
    wait = f"wait until {ready}, when the {enough} oldest leads are older than {horizon_days} days"
    if ready <= _instant(as_of):
        return " More winners, or more others, are needed among the leads that are older than the horizon."
    if days < 1:
        return f" Bring an older history, or {wait}."
    return f" Set horizon_days to {days} or less, for which the {enough} oldest leads are old enough today, or {wait}."


def _instant(time: datetime) -> np.datetime64:
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "us")


def _hash(leads: LeadTable, won: NDArray[np.float64]) -> str:
    return hashlib.sha256(leads.content_hash().encode() + won.tobytes()).hexdigest()
