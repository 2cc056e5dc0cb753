"""Leads as the company tells of them: found, written with their scores, and erased."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import Connection, Row, bindparam, delete, select, union_all, update

from features.lead import Lead
from features.schema import LeadSchema
from features.values import is_missing
from serving.queue_rules import QueueEntry
from serving.store import outcomes, queue, tables
from serving.store.ids import hash_erased
from serving.store.lead_search import search_text
from serving.store.outbox import Before
from serving.store.outcomes import OutcomeReport
from serving.store.row_inserts import insert_new, insert_rows
from serving.store.scores import StoredScore, row_of, score_of
from training.model import Score

WITH_SCORES = select(
    *(column for column in tables.leads.c if column.name not in ("score_id", "search_text")),
    *(column for column in tables.scores.c if column.name not in ("lead_id", "saw")),  # the lead as it was scored
).select_from(tables.leads.outerjoin(tables.scores, tables.leads.c.score_id == tables.scores.c.score_id))
"""Leads, each with its newest score where it has one."""
LOCKING = (
    WITH_SCORES.where(tables.leads.c.lead_id.in_(bindparam("lead_ids", expanding=True)))
    .order_by(tables.leads.c.lead_id)
    .with_for_update(of=tables.leads)
)
TOLD_BEFORE = union_all(
    *(
        select(table.c.lead_id).where(table.c.lead_id.in_(bindparam("lead_ids", expanding=True)))
        for table in (tables.outcomes, tables.contacts)
    )
)
NAMING_TABLES = (
    *(tables.contacts, tables.outcomes, tables.queue, tables.claims, tables.outbox, tables.replies),
    *(tables.crm_notices, tables.crm_records),
)
"""Tables whose rows of a lead go with it."""


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What a company says of a lead: roles as read, `fields` as sent, `value` the money if it is won."""

    lead_id: str
    created_at: datetime | None
    source: str | None
    campaign: str | None
    value: float | None
    fields: Mapping[str, Any]

    def row(self) -> tables.Row:
        """The facts by column, and what the lead may be found by; `asdict` would copy the fields."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        return facts | {"search_text": search_text(self.lead_id, self.fields)}

    @property
    def seen(self) -> dict[str, Any]:
        """What a model may have seen, as plain data."""
        created_at = self.created_at and self.created_at.isoformat()
        return {"created_at": created_at, "source": self.source, "campaign": self.campaign, "fields": self.fields}

    def left_out_by(self, later: "LeadFacts") -> tuple[str, ...]:
        """What is known here and not mentioned later, by name: roles, then fields that held something."""
        told = ("created_at", "source", "campaign", "value")
        roles = [name for name in told if getattr(self, name) is not None and getattr(later, name) is None]
        fields = [name for name, raw in self.fields.items() if name not in later.fields and not is_missing(raw)]
        return (*roles, *(f"field {name!r}" for name in fields))

    def read_by(self, schema: LeadSchema) -> Lead:
        """The lead as a model reads it; raises `LeadRefused` where its schema takes other values."""
        return schema.parse(
            self.lead_id, self.fields, created_at=self.created_at, source=self.source, campaign=self.campaign
        )


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead, its newest score, its standing outcome and its place in the queue."""

    facts: LeadFacts
    received_at: datetime
    score: StoredScore | None
    outcome: OutcomeReport | None
    place: QueueEntry | None

    @property
    def arrived(self) -> datetime:
        """When it arrived; when we heard of it, where the company does not say."""
        return self.facts.created_at or self.received_at


class LockedLead:
    """A lead that no other writer changes before the commit. Of its newest score only what is asked for is read."""

    __slots__ = ("_row", "facts")

    def __init__(self, row: Row[Any]) -> None:
        self._row, self.facts = row, facts_of(row)

    @property
    def received_at(self) -> datetime:
        return cast(datetime, self._row.received_at)

    @property
    def arrived(self) -> datetime:
        """When it arrived; when we heard of it, where the company does not say."""
        return self.facts.created_at or self.received_at

    @property
    def score_id(self) -> str | None:
        """Its newest score's id; None where it was imported and not scored yet."""
        return cast("str | None", self._row.score_id)

    @property
    def previous(self) -> Before:
        """What a new score of it replaces."""
        return Before(self._row.probability, self._row.grade)

    def read_score(self) -> Score:
        """Its newest score, with the reasons."""
        return score_of(self._row).score


def facts_of(row: Row[Any]) -> LeadFacts:
    """The facts in a row of `WITH_SCORES`."""
    return LeadFacts(row.lead_id, row.created_at, row.source, row.campaign, row.value, row.fields)


def find(connection: Connection, lead_id: str) -> StoredLead | None:
    """All that stands of one lead; None where there is none of this id."""
    row = connection.execute(WITH_SCORES.where(tables.leads.c.lead_id == lead_id)).one_or_none()
    if row is None:
        return None
    return StoredLead(
        facts=facts_of(row),
        received_at=row.received_at,
        score=None if row.score_id is None else score_of(row),
        outcome=outcomes.find_standing(connection, [lead_id]).get(lead_id),
        place=queue.find_entry(connection, lead_id),
    )


def find_fields(connection: Connection, lead_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The fields of leads as sent, by their ids."""
    question = select(tables.leads.c.lead_id, tables.leads.c.fields).where(tables.leads.c.lead_id.in_(set(lead_ids)))
    return {row.lead_id: row.fields for row in connection.execute(question)}


def find_scores(connection: Connection, lead_ids: Iterable[str]) -> dict[str, Score]:
    """The newest scores of leads by their ids; those without one are left out."""
    question = WITH_SCORES.where(tables.leads.c.lead_id.in_(set(lead_ids)), tables.leads.c.score_id.is_not(None))
    return {row.lead_id: score_of(row).score for row in connection.execute(question)}


def lock(connection: Connection, lead_ids: Iterable[str]) -> dict[str, LockedLead]:
    """Leads by their ids, kept from other writers until the commit; ids that are not there are left out."""
    rows = connection.execute(LOCKING, {"lead_ids": sorted(lead_ids)})
    return {row.lead_id: LockedLead(row) for row in rows}


def find_told_before(connection: Connection, lead_ids: Sequence[str]) -> list[str]:
    """Those of these leads that have an outcome or a contact; a lead that has just come seldom does."""
    return sorted({*connection.scalars(TOLD_BEFORE, {"lead_ids": [*lead_ids]})}) if lead_ids else []


def insert(connection: Connection, received: Sequence[tuple[LeadFacts, datetime]]) -> None:
    """Insert leads that are not there, each with the time when it was received."""
    if received:
        rows = [{**facts.row(), "received_at": at, "updated_at": at} for facts, at in received]
        insert_rows(connection, tables.leads, rows)


def overwrite(connection: Connection, changed: Sequence[tuple[LeadFacts, datetime]]) -> None:
    """Replace the facts of leads that are there, each with the time of the change."""
    if changed:
        rows = [{**facts.row(), "updated_at": at, "its": facts.lead_id} for facts, at in changed]
        connection.execute(update(tables.leads).where(tables.leads.c.lead_id == bindparam("its")), rows)


def insert_scored(connection: Connection, scored: Sequence[tuple[LeadFacts, datetime, StoredScore]]) -> None:
    """Insert leads that are not there, each with the time when it was received, and with its first score."""
    if scored:
        rows = [
            {**facts.row(), "received_at": at, "updated_at": at, "score_id": score.score_id}
            for facts, at, score in scored
        ]
        insert_rows(connection, tables.leads, rows)
        insert_rows(connection, tables.scores, [row_of(score, facts.seen) for facts, _, score in scored])


def insert_scores(connection: Connection, scored: Sequence[tuple[LeadFacts, StoredScore]]) -> None:
    """Insert scores of leads that are there, and make each its lead's newest one."""
    if scored:
        insert_rows(connection, tables.scores, [row_of(score, facts.seen) for facts, score in scored])
        newest = update(tables.leads).where(tables.leads.c.lead_id == bindparam("its"))
        names = [{"its": facts.lead_id, "named": score.score_id} for facts, score in scored]
        connection.execute(newest.values(score_id=bindparam("named")), names)


def erase(connection: Connection, lead_id: str, now: datetime) -> bool:
    """Erase a person: every row that names the lead. Scores stay, without the lead; whether there was anything."""
    insert_new(connection, tables.erased, [{"lead_hash": hash_erased(connection, lead_id), "erased_at": now}])
    found = connection.execute(delete(tables.leads).where(tables.leads.c.lead_id == lead_id)).rowcount
    for table in NAMING_TABLES:
        found += connection.execute(delete(table).where(table.c.lead_id == lead_id)).rowcount
    needle = f'"lead_id":{to_json(lead_id).decode()}'  # a batch's answer tells of many leads
    found += connection.execute(
        delete(tables.replies).where(tables.replies.c.answer.contains(needle, autoescape=True))
    ).rowcount
    told = tables.conversions.c.lead_id == lead_id  # what was spent on it stays, without the lead
    found += connection.execute(update(tables.conversions).where(told).values(lead_id=None)).rowcount
    nameless = {"lead_id": None, "reasons": None, "warnings": None, "saw": None}
    found += connection.execute(
        update(tables.scores).where(tables.scores.c.lead_id == lead_id).values(nameless)
    ).rowcount
    return found > 0
