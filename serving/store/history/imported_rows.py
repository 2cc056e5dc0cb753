"""Facts of the past, many at once, beside what the store knows already.

What the company told the service itself comes first: a lead or a contact that is there stays as it is, and an outcome
that was reported later than the table's stands. Between two tables the one imported last is believed. A lead that
comes this way is not scored and not queued; one that waits in the queue leaves it by an imported outcome, and rests
after an imported contact, as if the service had been told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Column, Connection, exists, select, update

from features.lead import Contact, Spend
from features.tables.fact_batches import Fact, FactBatch, known_at
from serving.store import queue, spend, tables
from serving.store.dialect import among
from serving.store.ids import CONTACT, IN_ID, YEAR_ONE, contact_id, made_id, timed_id
from serving.store.lead_search import search_text
from serving.store.moment_texts import iso_texts
from serving.store.outcomes import OutcomeReport
from serving.store.row_inserts import Columns, insert_new, insert_new_columns, upsert, upsert_columns
from serving.store.tables import Row, outcomes

IMPORTED = "im"
"""Begins the ids of outcomes that were imported, not reported."""

REPORTED = [field.name for field in fields(OutcomeReport)]
TOLD = [field.name for field in fields(Contact)]

_CHANGING = ("stands", "reported_at", "received_at")


def put_leads(connection: Connection, batch: FactBatch, now: datetime) -> int:
    """Keep leads that are not there yet, and their order; how many that were."""
    lead_ids = batch.column("lead_id")
    there = find_present(connection, tables.leads.c.lead_id, lead_ids)
    new = batch.at([*{one: place for place, one in enumerate(lead_ids) if one not in there}.values()])
    received = _instant(now) + np.arange(len(new))
    texts = [*map(search_text, new.column("lead_id"), new.column("fields"))]
    rows = {**new.columns, "received_at": received, "updated_at": received, "search_text": texts}
    insert_new_columns(connection, tables.leads, rows)
    return len(new)


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact that the store does not hold, and when its lead is tried again."""

    contact: Contact
    again_at: datetime | None


def find_new_contacts(connection: Connection, batch: FactBatch) -> list[NewContact]:
    """The contacts that are not there yet."""
    facts = [*batch.facts()]
    sent = {contact_id(contact): (contact, fact) for contact, fact in zip(map(_contact, facts), facts, strict=True)}
    for known in find_present(connection, tables.contacts.c.contact_id, sent):
        del sent[known]
    return [NewContact(contact, fact.get("again_at")) for contact, fact in sent.values()]


def find_queued(connection: Connection, lead_ids: Collection[str]) -> set[str]:
    """Which of these leads wait in the queue."""
    if not connection.scalar(select(exists(select(tables.queue.c.lead_id)))):
        return set()
    return find_present(connection, tables.queue.c.lead_id, {*lead_ids})


def insert_contacts(connection: Connection, batch: FactBatch, now: datetime) -> int:
    """Keep contacts that are not there yet, of leads that do not wait in the queue; how many that were."""
    started_at = np.asarray(batch.column("started_at"))
    told = [iso_texts(started_at) if name == "started_at" else batch.column(name) for name in IN_ID]
    microseconds = (started_at - _instant(YEAR_ONE)).astype(np.int64).tolist()
    made = [timed_id(CONTACT, *one) for one in zip(microseconds, *told, strict=True)]
    places = {one: place for place, one in enumerate(made)}
    new = batch.at([*places.values()])
    rows = {name: new.column(name) for name in (*TOLD, "again_at")}
    received = np.full(len(new), _instant(now))
    return insert_new_columns(connection, tables.contacts, {**rows, "contact_id": [*places], "received_at": received})


def put_outcomes(connection: Connection, batch: FactBatch, now: datetime) -> int:
    """Keep outcomes, one of a lead, that do not repeat what stands; how many that were."""
    standing = _lock_standing(connection, batch.column("lead_id"))
    has_one = [lead_id in standing for lead_id in batch.column("lead_id")]
    first = batch.where(not one for one in has_one)
    closed, overruled = _put_beside(connection, [*batch.where(has_one).facts()], standing, now)
    upsert_columns(connection, outcomes, _outcome_columns(first, now, stands=True), _CHANGING)
    for lead_id in find_queued(connection, [*first.column("lead_id"), *closed]):
        queue.remove(connection, lead_id, "outcome", now)
    return len(first) + len(closed) + overruled


def _put_beside(
    connection: Connection, facts: Sequence[Fact], standing: Mapping[str, tuple[str, OutcomeReport]], now: datetime
) -> tuple[list[str], int]:
    """Keep outcomes of leads of which one stands; the leads whose new one stands now, and how many others were kept."""
    closing: list[Row] = []
    overruled: list[Row] = []
    for fact in facts:
        report, (outcome_id, stood) = _report(fact, now), standing[fact["lead_id"]]
        stands = outcome_id.startswith(IMPORTED) or (_is_dated(fact) and report.reported_at > stood.reported_at)
        if not report.says_the_same(stood):
            (closing if stands else overruled).append(_outcome_row(report, now, stands=stands))
    closed = [row["lead_id"] for row in closing]
    if closed:
        its = among(connection, outcomes.c.lead_id, closed)
        connection.execute(update(outcomes).where(its, outcomes.c.stands).values(stands=False))
    upsert(connection, outcomes, closing, _CHANGING)
    insert_new(connection, outcomes, overruled)
    return closed, len(overruled)


def keep_superseded(connection: Connection, batch: FactBatch, now: datetime) -> None:
    """Keep outcomes that never stand, because the same table says otherwise later."""
    insert_new_columns(connection, outcomes, _outcome_columns(batch, now, stands=False))


def put_spend(connection: Connection, batch: FactBatch) -> int:
    """Keep spend; how many amounts."""
    facts = batch.facts()
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


def _instant(now: datetime) -> np.datetime64:
    return np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")


def _outcome_columns(batch: FactBatch, now: datetime, *, stands: bool) -> Columns:
    """What a table says (n,), as of when the company knew it at the latest."""
    instant = _instant(now)
    known = known_at(batch)
    said = {name: batch.column(name) for name in ("lead_id", "status", "at", "value", "reason")}
    content = zip(*(iso_texts(held) if name == "at" else held for name, held in said.items()), strict=True)
    return {
        "outcome_id": [made_id(IMPORTED, *one) for one in content],
        **said,
        "reported_at": np.minimum(np.where(np.isnat(known), instant, known), instant),
        "received_at": np.full(len(batch), instant),
        "stands": [stands] * len(batch),
    }


def _outcome_row(report: OutcomeReport, now: datetime, *, stands: bool) -> Row:
    at = report.at.isoformat() if report.at else None
    made = made_id(IMPORTED, report.lead_id, report.status, at, report.value, report.reason)
    said = {name: getattr(report, name) for name in REPORTED}
    return {"outcome_id": made, **said, "received_at": now, "stands": stands}
