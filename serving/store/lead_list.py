"""Leads behind a number of the report: what is asked for in, a page of leads out, the newest first.

They are counted as the report counts them: by arrival, by the first score, by the agent of the first contact that
names one, as of the same moment.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, or_, select, true, tuple_

from features.contact_log import ContactLog
from serving import cursors
from serving.store import calibration_cohort
from serving.store.calibration_cohort import ARRIVED, CohortWindow, is_contacted, join_scores_and_outcomes, won_in_time
from serving.store.tables import Moment, contacts, leads, outcomes, scores

Outcome = Literal["won", "lost", "open"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Column = Literal["source", "campaign", "grade", "agent"]
COLUMNS: tuple[Column, ...] = get_args(Column)


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Leads that arrived from `start` on and before `end`, as known at `as_of` (None: now).

    `named` gives the value wanted of some columns, None for leads that have none. A win counts within `within_days`
    of arrival, where that is given. Leads that are `promised_for` a horizon of so many days are those of
    `calibration_cohort`.
    """

    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    named: dict[Column, str | None] = field(default_factory=dict)
    outcome: Outcome | None = None
    within_days: int | None = None
    untried: bool = False
    promised_for: int | None = None


@dataclass(frozen=True, slots=True)
class ListedLead:
    """One lead of a list, with its promise on arrival and what became of it."""

    lead_id: str
    arrived: datetime
    source: str | None
    campaign: str | None
    probability: float | None
    grade: str | None
    agent: str | None
    status: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeadCursor:
    """The last lead of a page."""

    arrived: datetime
    lead_id: str

    def __str__(self) -> str:
        return cursors.encode(self.arrived.isoformat(), self.lead_id)

    @classmethod
    def read(cls, text: str) -> "LeadCursor":
        """A cursor as `str` wrote it; raises `CursorBroken`."""
        arrived, lead_id = cursors.decode(text, 2)
        return cls(cursors.as_moment(arrived), cursors.as_lead_id(lead_id))


@dataclass(frozen=True, slots=True)
class LeadPage:
    """A page of leads; `count` is of all that are wanted."""

    leads: tuple[ListedLead, ...]
    following: LeadCursor | None
    count: int


def page(connection: Connection, wanted: LeadFilter, most: int, after: LeadCursor | None = None) -> LeadPage:
    """Up to `most` leads behind the cursor, and how many there are in all."""
    agent, found_in = _first_agent(wanted), join_scores_and_outcomes(wanted.as_of)
    where = _where(wanted, agent, _log(connection, wanted))
    shown = (leads.c.lead_id, ARRIVED.label("arrived"), leads.c.source, leads.c.campaign, scores.c.probability)
    question: Select[Any] = select(*shown, scores.c.grade, agent.label("agent"), outcomes.c.status, outcomes.c.at)
    question = question.select_from(found_in).where(where)
    if after:
        last = tuple_(literal(after.arrived, Moment()), literal(after.lead_id))
        question = question.where(tuple_(ARRIVED, leads.c.lead_id) < last)
    rows = connection.execute(question.order_by(ARRIVED.desc(), leads.c.lead_id.desc()).limit(most + 1)).all()
    found = tuple(_lead(row) for row in rows[:most])
    following = LeadCursor(found[-1].arrived, found[-1].lead_id) if len(rows) > most else None
    count = connection.scalar(select(func.count()).select_from(found_in).where(where))
    return LeadPage(found, following, count or 0)


def _lead(row: Row[Any]) -> ListedLead:
    status = None if row.status == "open" else row.status
    names = ("lead_id", "arrived", "source", "campaign", "probability", "grade", "agent")
    return ListedLead(
        **{name: getattr(row, name) for name in names}, status=status, closed_at=row.at if status else None
    )


def _log(connection: Connection, wanted: LeadFilter) -> ContactLog | None:
    """What tells which leads were worked, where that is asked for."""
    if wanted.promised_for is None:
        return None
    return calibration_cohort.read_contact_log(connection, wanted.as_of, wanted.promised_for)


def _first_agent(wanted: LeadFilter) -> ColumnElement[str | None]:
    its = and_(contacts.c.lead_id == leads.c.lead_id, contacts.c.agent.is_not(None), _has_begun(wanted))
    question = select(contacts.c.agent).where(its).order_by(contacts.c.started_at).limit(1)
    return question.scalar_subquery()


def _has_begun(wanted: LeadFilter) -> ColumnElement[bool]:
    return true() if wanted.as_of is None else contacts.c.started_at < wanted.as_of


def _where(wanted: LeadFilter, agent: ColumnElement[str | None], log: ContactLog | None) -> ColumnElement[bool]:
    columns = {"source": leads.c.source, "campaign": leads.c.campaign, "grade": scores.c.grade, "agent": agent}
    asked = [true(), *(_equals(columns[column], value) for column, value in wanted.named.items())]
    if wanted.start:
        asked.append(wanted.start <= ARRIVED)
    if wanted.end:
        asked.append(wanted.end > ARRIVED)
    if wanted.outcome:
        asked.append(_has_outcome(wanted.outcome, wanted.within_days))
    if wanted.untried:
        asked.append(~is_contacted(wanted.as_of))
    if wanted.promised_for is not None:
        asked.append(_is_predicted(wanted, wanted.promised_for, log))
    return and_(*asked)


def _is_predicted(wanted: LeadFilter, horizon_days: int, log: ContactLog | None) -> ColumnElement[bool]:
    """Whether a lead is of the ledger's, which are matured where it is said by when."""
    scored_in_time = calibration_cohort.has_prompt_score(horizon_days)
    is_worked = calibration_cohort.counts_as_worked(log, wanted.as_of, wanted.start)
    if wanted.as_of is None:
        return and_(scored_in_time, is_worked)
    window = CohortWindow(horizon_days, wanted.as_of, wanted.start, wanted.end)
    return and_(scored_in_time, is_worked, calibration_cohort.is_matured(window))


def _equals(column: ColumnElement[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _has_outcome(outcome: Outcome, within_days: int | None) -> ColumnElement[bool]:
    if outcome == "open":
        return or_(outcomes.c.status.is_(None), outcomes.c.status == "open")
    if outcome == "lost" or within_days is None:
        return outcomes.c.status == outcome
    return won_in_time(within_days)
