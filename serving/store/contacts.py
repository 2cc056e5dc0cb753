"""Attempts and conversations. One that is told twice is kept once; one may arrive before its lead."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from features.lead import Contact
from serving.store.dialect import insert_new
from serving.store.ids import contact_id
from serving.store.tables import contacts


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact, and when the agent promised to try again."""

    contact_id: str
    contact: Contact
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactSummary:
    """What was tried with a lead so far; the rest is of the newest contact."""

    attempts: int
    newest_at: datetime
    again_at: datetime | None
    agent: str | None


def add(connection: Connection, contact: Contact, again_at: datetime | None, now: datetime) -> tuple[str, bool]:
    """Keep a contact; its id, and whether it is new."""
    made = contact_id(contact)
    row = {"contact_id": made, **asdict(contact), "again_at": again_at, "received_at": now}
    return made, insert_new(connection, contacts, [row]) == 1


def find_contacts(connection: Connection, lead_id: str) -> list[StoredContact]:
    """A lead's contacts, the newest first."""
    rows = connection.execute(_select_contacts([lead_id]))
    return [_stored_contact(row) for row in rows]


def summarize(connection: Connection, lead_ids: Sequence[str]) -> dict[str, ContactSummary]:
    """What was tried with each of these leads; those that nobody tried are left out."""
    found: dict[str, ContactSummary] = {}
    for row in connection.execute(_select_contacts(lead_ids)):
        known = found.get(row.lead_id)
        found[row.lead_id] = (
            ContactSummary(known.attempts + 1, known.newest_at, known.again_at, known.agent)
            if known
            else ContactSummary(1, row.started_at, row.again_at, row.agent)
        )
    return found


def _select_contacts(lead_ids: Sequence[str]) -> Any:
    newest_first = (contacts.c.started_at.desc(), contacts.c.received_at.desc())
    return select(contacts).where(contacts.c.lead_id.in_(lead_ids)).order_by(*newest_first)


def _stored_contact(row: Row[Any]) -> StoredContact:
    contact = Contact(
        lead_id=row.lead_id,
        started_at=row.started_at,
        agent=row.agent,
        channel=row.channel,
        direction=row.direction,
        connected=row.connected,
        duration_s=row.duration_s,
    )
    return StoredContact(row.contact_id, contact, row.again_at)
