"""Leads behind a number of the report: what is asked for in, a page of leads out, the newest first.

They are counted as the report counts them: by arrival, by the first score, by the agent of the first contact that
names one, as of the same moment.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, literal, or_, select, true, tuple_

from analytics.ledger import PROMPT
from serving import cursors
from serving.store.sql import Days
from serving.store.tables import Moment, contacts, leads, outcomes, scores

Outcome = Literal["won", "lost", "open"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Column = Literal["source", "campaign", "grade", "agent"]
COLUMNS: tuple[Column, ...] = get_args(Column)

ARRIVED = func.coalesce(leads.c.created_at, leads.c.received_at, type_=Moment())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Leads that arrived from `start` on and before `end`, as known at `as_of` (None: now).

    `named` gives the value wanted of some columns, None for leads that have none. A win counts within `within_days`
    of arrival, where that is given. `promised` leads are those of the ledger: scored in time, for that horizon, and
    tried.
    """

    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    named: dict[Column, str | None] = field(default_factory=dict)
    outcome: Outcome | None = None
    within_days: int | None = None
    untried: bool = False
    promised: bool = False


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
class Cursor:
    """The last lead of a page."""

    arrived: datetime
    lead_id: str

    def __str__(self) -> str:
        return cursors.written(self.arrived.isoformat(), self.lead_id)

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """A cursor as `str` wrote it; raises `CursorBroken`."""
        arrived, lead_id = cursors.read(text, 2)
        return cls(cursors.as_moment(arrived), cursors.as_lead_id(lead_id))


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of leads; `count` is of all that are wanted."""

    leads: tuple[ListedLead, ...]
    following: Cursor | None
    count: int


def page(connection: Connection, wanted: Wanted, most: int, after: Cursor | None = None) -> Listed:
    """Up to `most` leads behind the cursor, and how many there are in all."""
    first, closed, agent = _first_score(wanted), _closed(wanted), _agent(wanted)
    joined = leads.outerjoin(scores, first).outerjoin(outcomes, closed)
    where = _where(wanted, agent)
    shown = (leads.c.lead_id, ARRIVED.label("arrived"), leads.c.source, leads.c.campaign, scores.c.probability)
    question: Select[Any] = select(*shown, scores.c.grade, agent.label("agent"), outcomes.c.status, outcomes.c.at)
    question = question.select_from(joined).where(where)
    if after:
        last = tuple_(literal(after.arrived, Moment()), literal(after.lead_id))
        question = question.where(tuple_(ARRIVED, leads.c.lead_id) < last)
    rows = connection.execute(question.order_by(ARRIVED.desc(), leads.c.lead_id.desc()).limit(most + 1)).all()
    found = tuple(_lead(row) for row in rows[:most])
    following = Cursor(found[-1].arrived, found[-1].lead_id) if len(rows) > most else None
    count = connection.scalar(select(func.count()).select_from(joined).where(where))
    return Listed(found, following, count or 0)


def _lead(row: Row[Any]) -> ListedLead:
    status = None if row.status == "open" else row.status
    names = ("lead_id", "arrived", "source", "campaign", "probability", "grade", "agent")
    return ListedLead(
        **{name: getattr(row, name) for name in names}, status=status, closed_at=row.at if status else None
    )


def _first_score(wanted: Wanted) -> ColumnElement[bool]:
    known = true() if wanted.as_of is None else scores.c.scored_at < wanted.as_of
    return and_(scores.c.lead_id == leads.c.lead_id, scores.c.before.is_(None), known)


def _closed(wanted: Wanted) -> ColumnElement[bool]:
    """The outcome that stood when the report was made."""
    known = true() if wanted.as_of is None else or_(outcomes.c.at.is_(None), outcomes.c.at < wanted.as_of)
    return and_(outcomes.c.lead_id == leads.c.lead_id, outcomes.c.stands, known)


def _agent(wanted: Wanted) -> ColumnElement[str | None]:
    its = and_(contacts.c.lead_id == leads.c.lead_id, contacts.c.agent.is_not(None), _begun(wanted))
    question = select(contacts.c.agent).where(its).order_by(contacts.c.started_at).limit(1)
    return question.scalar_subquery()


def _begun(wanted: Wanted) -> ColumnElement[bool]:
    return true() if wanted.as_of is None else contacts.c.started_at < wanted.as_of


def _where(wanted: Wanted, agent: ColumnElement[str | None]) -> ColumnElement[bool]:
    columns = {"source": leads.c.source, "campaign": leads.c.campaign, "grade": scores.c.grade, "agent": agent}
    asked = [true(), *(_is(columns[column], value) for column, value in wanted.named.items())]
    if wanted.start:
        asked.append(wanted.start <= ARRIVED)
    if wanted.end:
        asked.append(wanted.end > ARRIVED)
    if wanted.outcome:
        asked.append(_outcome(wanted.outcome, wanted.within_days))
    tried = exists().where(contacts.c.lead_id == leads.c.lead_id, _begun(wanted))
    if wanted.untried:
        asked.append(~tried)
    if wanted.promised:
        asked += [_in_time(wanted.within_days), or_(tried, outcomes.c.status == "won")]
    return and_(*asked)


def _is(column: ColumnElement[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _in_time(horizon_days: int | None) -> ColumnElement[bool]:
    """Whether the first score came soon enough to be a promise."""
    prompt = Days(scores.c.scored_at) - Days(ARRIVED) <= PROMPT.days
    return prompt if horizon_days is None else and_(prompt, scores.c.horizon_days == horizon_days)


def _outcome(outcome: Outcome, within_days: int | None) -> ColumnElement[bool]:
    if outcome == "open":
        return or_(outcomes.c.status.is_(None), outcomes.c.status == "open")
    if outcome == "lost" or within_days is None:
        return outcomes.c.status == outcome
    in_time = or_(outcomes.c.at.is_(None), Days(outcomes.c.at) - Days(ARRIVED) <= within_days)
    return and_(outcomes.c.status == "won", in_time)
