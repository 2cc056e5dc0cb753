"""Facts of the past, many at once, beside what the store knows already.

What the company told the service itself comes first: a lead or a contact that is there stays as it is, and an outcome
that was reported later than the table's stands. Between two tables the one imported last is believed. A lead that
comes this way is not scored and not queued; one that waits in the queue leaves it by an imported outcome, and rests
after an imported contact, as if the service had been told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, select, update

from features.lead import Contact, Spend
from features.tables.import_tables import Fact
from serving.store import queue, spend, tables
from serving.store.dialect import among
from serving.store.ids import contact_id, made_id
from serving.store.lead_search import search_text
from serving.store.outcomes import OutcomeReport
from serving.store.row_inserts import insert_new, upsert
from serving.store.tables import Row, outcomes

IMPORTED = "im"
"""Begins the ids of outcomes that were imported, not reported."""

REPORTED = [field.name for field in fields(OutcomeReport)]
TOLD = [field.name for field in fields(Contact)]


def put_leads(connection: Connection, facts: Sequence[Fact], now: datetime) -> int:
    """Keep leads that are not there yet, and their order; how many that were."""
    there = find_present(connection, tables.leads.c.lead_id, [fact["lead_id"] for fact in facts])
    new = {fact["lead_id"]: fact for fact in facts if fact["lead_id"] not in there}
    times = [now + timedelta(microseconds=place) for place in range(len(new))]
    rows = [
        {**fact, "received_at": at, "updated_at": at, "search_text": search_text(lead_id, fact["fields"])}
        for (lead_id, fact), at in zip(new.items(), times, strict=True)
    ]
    insert_new(connection, tables.leads, rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact that the store does not hold, when its lead is tried again, and whether that waits in the queue."""

    contact_id: str
    contact: Contact
    again_at: datetime | None
    is_queued: bool


def find_new_contacts(connection: Connection, facts: Sequence[Fact]) -> list[NewContact]:
    """The contacts that are not there yet."""
    sent = {contact_id(contact): (contact, fact) for contact, fact in zip(map(_contact, facts), facts, strict=True)}
    for known in find_present(connection, tables.contacts.c.contact_id, sent):
        del sent[known]
    queued = find_present(connection, tables.queue.c.lead_id, {contact.lead_id for contact, _ in sent.values()})
    return [
        NewContact(made, contact, fact.get("again_at"), contact.lead_id in queued)
        for made, (contact, fact) in sent.items()
    ]


def insert_contacts(connection: Connection, received: Sequence[NewContact], now: datetime) -> None:
    """Keep contacts of leads that do not wait in the queue."""
    rows = [
        {name: getattr(new.contact, name) for name in TOLD}
        | {"again_at": new.again_at, "contact_id": new.contact_id, "received_at": now}
        for new in received
    ]
    insert_new(connection, tables.contacts, rows)


def put_outcomes(connection: Connection, facts: Sequence[Fact], now: datetime) -> int:
    """Keep outcomes, one of a lead, that do not repeat what stands; how many that were."""
    standing = _lock_standing(connection, [fact["lead_id"] for fact in facts])
    closing: list[Row] = []
    overruled: list[Row] = []
    for fact in facts:
        report, (outcome_id, stood) = _report(fact, now), standing.get(fact["lead_id"], ("", None))
        if stood is None or outcome_id.startswith(IMPORTED):
            stands = True
        else:
            stands = _is_dated(fact) and report.reported_at > stood.reported_at
        if stood is None or not report.says_the_same(stood):
            (closing if stands else overruled).append(_outcome_row(report, now, stands=stands))
    closed = [row["lead_id"] for row in closing]
    connection.execute(
        update(outcomes).where(among(connection, outcomes.c.lead_id, closed), outcomes.c.stands).values(stands=False)
    )
    upsert(connection, outcomes, closing, ("stands", "reported_at", "received_at"))
    insert_new(connection, outcomes, overruled)
    for lead_id in find_present(connection, tables.queue.c.lead_id, closed):
        queue.remove(connection, lead_id, "outcome", now)
    return len(closing) + len(overruled)


def keep_superseded(connection: Connection, facts: Sequence[Fact], now: datetime) -> None:
    """Keep outcomes that never stand, because the same table says otherwise later."""
    insert_new(connection, outcomes, [_outcome_row(_report(fact, now), now, stands=False) for fact in facts])


def put_spend(connection: Connection, facts: Sequence[Fact]) -> int:
    """Keep spend; how many amounts."""
    spent = [Spend(fact["date"].date(), fact["source"], fact.get("campaign"), fact["amount"]) for fact in facts]
    spend.put(connection, spent)
    return len(spent)


def find_present(connection: Connection, column: Column[Any], wanted: Collection[str]) -> set[str]:
    """Which of these a column holds."""
    return set(connection.scalars(select(column).where(among(connection, column, wanted)))) if wanted else set()


def _contact(fact: Fact) -> Contact:
    return Contact(**{name: value for name, value in fact.items() if name != "again_at"})


def _lock_standing(connection: Connection, lead_ids: Sequence[str]) -> dict[str, tuple[str, OutcomeReport]]:
    c = outcomes.c
    question = select(c.outcome_id, c.lead_id, c.status, c.at, c.value, c.reason, c.reported_at)
    question = question.where(among(connection, c.lead_id, lead_ids), c.stands).with_for_update()
    return {row.lead_id: (row.outcome_id, OutcomeReport(*row[1:])) for row in connection.execute(question)}


def _is_dated(fact: Fact) -> bool:
    return bool(fact.get("reported_at") or fact.get("at"))


def _report(fact: Fact, now: datetime) -> OutcomeReport:
    """What a table says, as of when the company knew it at the latest."""
    known_at = fact.get("reported_at") or fact.get("at") or now
    details = (fact["status"], fact.get("at"), fact.get("value"), fact.get("reason"))
    return OutcomeReport(fact["lead_id"], *details, reported_at=min(known_at, now))


def _outcome_row(report: OutcomeReport, now: datetime, *, stands: bool) -> Row:
    at = report.at.isoformat() if report.at else None
    made = made_id(IMPORTED, report.lead_id, report.status, at, report.value, report.reason)
    said = {name: getattr(report, name) for name in REPORTED}
    return {"outcome_id": made, **said, "received_at": now, "stands": stands}
