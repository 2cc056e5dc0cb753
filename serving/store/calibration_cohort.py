"""Promised against delivered: the one select of matured leads with the score each got on arrival and what became of it.

The weekly report, its lists of leads, the model page, the gauges and retraining all count these leads: those that
arrived in a window, are as old as the horizon, were scored for it within `PROMPT` of arrival, and were worked as
`features.contact_log` defines it. `analytics.ledger` counts the same leads of a table of facts.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from analytics.ledger import PROMPT
from features.contact_log import SOON_DAYS, STRAY, ContactLog, complete_since
from serving.store.dialect import DAY_US, Microseconds
from serving.store.tables import Moment, contacts, leads, outcomes, scores

ARRIVED = func.coalesce(leads.c.created_at, leads.c.received_at, type_=Moment())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONTACTS_OF_A_LEAD = 5
"""At most, as the log begins; more are looked for where it takes more."""
LATELY = timedelta(days=90)
"""How long ago the leads matured by which the model page and the gauges judge the scores."""


@dataclass(frozen=True, slots=True)
class CohortWindow:
    """Leads that arrived from `start` on and before `end` (None: no limit), as all was known at `as_of`.

    Of them those count that were at least `horizon_days` old.
    """

    horizon_days: int
    as_of: datetime
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def lately(cls, horizon_days: int, now: datetime) -> "CohortWindow":
        """The leads that matured in the last 90 days, as of the start of today (UTC), as the report is."""
        as_of = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(horizon_days, as_of, as_of - timedelta(days=horizon_days) - LATELY)

    @property
    def matured_by(self) -> datetime:
        """The last moment of arrival of a lead as old as the horizon."""
        return self.as_of - timedelta(days=self.horizon_days)

    @property
    def everything(self) -> "CohortWindow":
        """All matured leads, whenever they arrived."""
        return replace(self, start=None, end=None)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The n leads of a window: the probability that each was promised (n,), and whether it was won in time (n,)."""

    window: CohortWindow
    log: ContactLog | None
    probability: NDArray[np.float64]
    won: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.won)


def read_cohort(connection: Connection, window: CohortWindow) -> Cohort:
    """The leads of a window, with the log of contacts that tells which of them were worked."""
    log = read_contact_log(connection, window.as_of, window.horizon_days)
    rows = connection.execute(cohort(window, log)).all()
    return Cohort(
        window,
        log,
        np.array([row.probability for row in rows], dtype=np.float64),
        np.array([row.won for row in rows], dtype=bool),
    )


def cohort(window: CohortWindow, log: ContactLog | None) -> Select[Any]:
    """One row a lead: `lead_id`, `arrived`, `source`, `grade`, `model_version`, `probability`, and `won` as 1 or 0.

    `log` is that of `read_contact_log`, as of the same moment.
    """
    columns = (leads.c.lead_id, ARRIVED.label("arrived"), leads.c.source, scores.c.grade, scores.c.model_version)
    won = case((won_in_time(window.horizon_days), 1), else_=0).label("won")
    return (
        select(*columns, scores.c.probability, won)
        .select_from(join_scores_and_outcomes(window.as_of))
        .where(
            is_matured(window), has_prompt_score(window.horizon_days), counts_as_worked(log, window.as_of, window.start)
        )
    )


def join_scores_and_outcomes(as_of: datetime | None) -> FromClause:
    """Leads with their first score and their standing outcome, as known before `as_of` (None: now)."""
    first = and_(scores.c.lead_id == leads.c.lead_id, scores.c.before.is_(None), _was_known(scores.c.scored_at, as_of))
    standing = and_(outcomes.c.lead_id == leads.c.lead_id, outcomes.c.stands, _was_known(outcomes.c.at, as_of))
    return leads.outerjoin(scores, first).outerjoin(outcomes, standing)


def is_matured(window: CohortWindow) -> ColumnElement[bool]:
    """Whether a lead arrived in the window and is as old as the horizon."""
    within = [window.matured_by >= ARRIVED]
    if window.start is not None:
        within.append(window.start <= ARRIVED)
    if window.end is not None:
        within.append(window.end > ARRIVED)
    return and_(*within)


def has_prompt_score(horizon_days: int) -> ColumnElement[bool]:
    """Whether a lead was scored for this horizon soon enough for that to be a promise."""
    prompt = Microseconds(scores.c.scored_at) - Microseconds(ARRIVED) <= PROMPT // timedelta(microseconds=1)
    return and_(prompt, scores.c.horizon_days == horizon_days)


def won_in_time(within_days: int) -> ColumnElement[bool]:
    """Whether a lead was won within so many days; a win that nobody dated was."""
    took = Microseconds(outcomes.c.at) - Microseconds(ARRIVED)
    return and_(outcomes.c.status == "won", or_(outcomes.c.at.is_(None), took <= within_days * DAY_US))


def counts_as_worked(
    log: ContactLog | None, as_of: datetime | None, start: datetime | None = None
) -> ColumnElement[bool]:
    """Whether a lead counts as worked, as `ContactLog.worked` tells; without a log (None) all do.

    Where all leads arrived from `start` on, and the log covers these, no `or` is asked: PostgreSQL joins contacts,
    and would look up lead by lead what stands behind one.
    """
    if log is None or not log.decides:
        return true()
    if log.covers_from is None or log.complete_from is None:
        return is_contacted(as_of)
    covers_from, complete_from = _aware_time(log.covers_from), _aware_time(log.complete_from)
    if start is not None and complete_from <= start:
        return is_contacted(as_of)
    logged = and_(literal(complete_from, Moment()) <= ARRIVED, is_contacted(as_of))
    if start is not None and covers_from <= start:
        return logged
    return or_(literal(covers_from, Moment()) > ARRIVED, logged)


def is_contacted(as_of: datetime | None) -> ColumnElement[bool]:
    """Whether a contact with a lead had begun before `as_of` (None: ever)."""
    return exists().where(contacts.c.lead_id == leads.c.lead_id, _was_known(contacts.c.started_at, as_of))


@dataclass(frozen=True, slots=True)
class LoggedContacts:
    """What the contacts of the whole store tell for any horizon: when they began, and how many wins have one.

    `earliest` is the arrival of the first lead that shows that all its contacts are logged.
    """

    begun: np.datetime64 | None
    earliest: np.datetime64 | None
    wins: int
    wins_logged: int

    def log(self, horizon_days: int) -> ContactLog:
        """The log that they are, as `features.contact_log` reads it."""
        if self.begun is None:
            return ContactLog(None, None, None, self.wins, self.wins_logged)
        covers_from = self.begun - np.timedelta64(horizon_days, "D")
        return ContactLog(
            self.begun, covers_from, complete_since(covers_from, self.earliest), self.wins, self.wins_logged
        )


def read_contact_log(connection: Connection, as_of: datetime | None, horizon_days: int) -> ContactLog | None:
    """What the contacts of the whole store tell, as `features.contact_log` reads them; None where none is recorded."""
    logged = read_logged_contacts(connection, as_of)
    return None if logged is None else logged.log(horizon_days)


def read_logged_contacts(connection: Connection, as_of: datetime | None) -> LoggedContacts | None:
    """The same for any horizon."""
    if connection.execute(select(contacts.c.contact_id).limit(1)).first() is None:
        return None
    since = _find_log_start(connection, as_of)
    counts = connection.execute(_count_witnesses(since, as_of)).one()
    earliest = None if since is None else _find_earliest_logged(connection, since, as_of)
    begun, first = (None if at is None else _naive_time(at) for at in (since, earliest))
    return LoggedContacts(begun, first, *counts)


def _count_witnesses(since: datetime | None, as_of: datetime | None) -> Select[Any]:
    """One row: the wins of leads that arrived from `since` on and before `as_of`, and those of them with a contact.

    When a lead arrived is asked of each win, in the sums: databases take a range of arrivals for a few leads only, and
    would look up all that arrived in it one by one.
    """
    limits = ([] if since is None else [since <= ARRIVED]) + ([] if as_of is None else [as_of > ARRIVED])
    won, logged = (
        func.coalesce(func.sum(case((and_(true(), *limits, *contacted), 1), else_=0)), 0)
        for contacted in ((), (is_contacted(as_of),))
    )
    standing = outcomes.join(leads, outcomes.c.lead_id == leads.c.lead_id)
    known = _was_known(outcomes.c.at, as_of)
    return select(won, logged).select_from(standing).where(outcomes.c.stands, outcomes.c.status == "won", known)


def _find_log_start(connection: Connection, as_of: datetime | None) -> datetime | None:
    """When the log began: the first contacts of leads but for the earliest few, which may be mistyped.

    The earliest contacts of all hold it, so the others are neither grouped nor sorted; all are asked only where these
    few are of too few leads.
    """
    known = _was_known(ARRIVED, as_of)
    contacted = connection.execute(
        select(func.count()).select_from(leads).where(known, is_contacted(as_of))
    ).scalar_one()
    strays = contacted // round(1 / STRAY)
    early = select(contacts.c.lead_id, contacts.c.started_at).where(_was_known(contacts.c.started_at, as_of))
    early = early.order_by(contacts.c.started_at)
    for most in (CONTACTS_OF_A_LEAD * (strays + 1), None) if contacted else ():
        found = early.limit(most).subquery()
        begun = func.min(found.c.started_at, type_=Moment()).label("begun")
        firsts = select(begun).select_from(found.join(leads, leads.c.lead_id == found.c.lead_id)).where(known)
        since: datetime | None = connection.scalar(
            firsts.group_by(found.c.lead_id).order_by(begun).offset(strays).limit(1)
        )
        if since is not None:
            return since
    return None


def _find_earliest_logged(connection: Connection, since: datetime, as_of: datetime | None) -> datetime | None:
    """The first arrival within a fortnight before `since` of a lead contacted within a week; None without one."""
    soon = timedelta(days=SOON_DAYS)
    waited = Microseconds(contacts.c.started_at) - Microseconds(ARRIVED)
    at_once = and_(contacts.c.lead_id == leads.c.lead_id, waited <= SOON_DAYS * DAY_US)
    shows = exists().where(at_once, _was_known(contacts.c.started_at, as_of))
    earliest = func.min(ARRIVED, type_=Moment())
    return connection.scalar(select(earliest).where(since - 2 * soon <= ARRIVED, since >= ARRIVED, shows))


def _was_known(at: ColumnElement[Any], as_of: datetime | None) -> ColumnElement[bool]:
    """Whether something dated so was known before `as_of` (None: now); what is not dated was."""
    return true() if as_of is None else or_(at.is_(None), at < as_of)


def _aware_time(at: np.datetime64) -> datetime:
    """A time of the log, aware."""
    naive: datetime = at.astype("datetime64[us]").item()
    return naive.replace(tzinfo=UTC)


def _naive_time(at: datetime) -> np.datetime64:
    """A time of the store, as the log has it."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
