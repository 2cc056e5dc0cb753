"""Attempts and conversations. One that is told twice is kept once; one may arrive before its lead."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, select, update

from features.lead import Contact
from serving.store import agents
from serving.store.ids import contact_id
from serving.store.row_inserts import insert_new
from serving.store.tables import contacts

NEWEST_FIRST = (
    select(contacts)
    .where(contacts.c.lead_id.in_(bindparam("lead_ids", expanding=True)))
    .order_by(contacts.c.started_at.desc(), contacts.c.received_at.desc())
)
"""The contacts of leads."""


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact, when the agent promised to try again, what they wrote of it, and when the contact was first told."""

    contact_id: str
    contact: Contact
    again_at: datetime | None
    note: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ContactSummary:
    """What was tried with a lead so far; the rest is of the newest contact."""

    attempts: int
    newest_at: datetime
    again_at: datetime | None
    agent: str | None


def add(
    connection: Connection, contact: Contact, again_at: datetime | None, now: datetime, note: str | None = None
) -> tuple[str, bool]:
    """Keep a contact, its agent as their key spells it; its id, and whether it is new."""
    stored_id = _find_id(connection, contact)
    agent = contact.agent and agents.own_spelling(connection, contact.agent)
    kept = asdict(contact) | {"agent": agent}
    row = {"contact_id": stored_id, **kept, "again_at": again_at, "received_at": now, "note": note}
    return stored_id, insert_new(connection, contacts, [row]) == 1


def find_contacts(connection: Connection, lead_id: str) -> list[StoredContact]:
    """A lead's contacts, the newest first."""
    rows = connection.execute(NEWEST_FIRST, {"lead_ids": [lead_id]})
    return [_stored_contact(row) for row in rows]


def find_contact(connection: Connection, contact_id: str) -> StoredContact | None:
    """One contact; None where there is none of this id."""
    row = connection.execute(select(contacts).where(contacts.c.contact_id == contact_id)).one_or_none()
    return None if row is None else _stored_contact(row)


def find_by_agent(connection: Connection, agent: str, since: datetime) -> list[StoredContact]:
    """The contacts that an agent has had since a moment, the newest first."""
    its = and_(contacts.c.agent == agent, contacts.c.started_at >= since)
    rows = connection.execute(select(contacts).where(its).order_by(contacts.c.started_at.desc()))
    return [_stored_contact(row) for row in rows]


def move(connection: Connection, lead_id: str, into: str) -> None:
    """Make a lead's contacts another's, but for those that the other has at the same time."""
    known = [one.contact.started_at for one in find_contacts(connection, into)]
    these = (contacts.c.lead_id == lead_id, contacts.c.started_at.not_in(known))
    connection.execute(update(contacts).where(*these).values(lead_id=into))


def remove(connection: Connection, contact_id: str) -> None:
    """Take back a contact that was told by mistake."""
    connection.execute(delete(contacts).where(contacts.c.contact_id == contact_id))


def note_first_told(connection: Connection, contact_id: str, received_at: datetime) -> None:
    """Say when a contact was first told, where it stands in the place of one that was told before it."""
    told_later = (contacts.c.contact_id == contact_id, contacts.c.received_at > received_at)
    connection.execute(update(contacts).where(*told_later).values(received_at=received_at))


def summarize(connection: Connection, lead_ids: Sequence[str]) -> dict[str, ContactSummary]:
    """What was tried with each of these leads; those that nobody tried are left out."""
    found: dict[str, ContactSummary] = {}
    if not lead_ids:
        return found
    for row in connection.execute(NEWEST_FIRST, {"lead_ids": [*lead_ids]}):
        known = found.get(row.lead_id)
        found[row.lead_id] = (
            ContactSummary(known.attempts + 1, known.newest_at, known.again_at, known.agent)
            if known
            else ContactSummary(1, row.started_at, row.again_at, row.agent)
        )
    return found


def _find_id(connection: Connection, contact: Contact) -> str:
    """The id of a contact, made of what was told of it first.

    One that is stored is known by its agent's name in any spelling. Two spellings told at the same moment are two
    contacts.
    """
    same_time = (contacts.c.lead_id == contact.lead_id, contacts.c.started_at == contact.started_at)
    told = (agents.fold_name(contact.agent or ""), contact.channel, contact.direction)
    for row in connection.execute(select(contacts).where(*same_time)):
        if (agents.fold_name(row.agent or ""), row.channel, row.direction) == told:
            return str(row.contact_id)
    return contact_id(contact)


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
    return StoredContact(row.contact_id, contact, row.again_at, row.note, row.received_at)
