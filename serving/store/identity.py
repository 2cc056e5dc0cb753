"""Ids made of content: what tells contacts apart, and what is left of a person who was erased."""

import hashlib
import hmac
import json
import secrets
from datetime import UTC

from sqlalchemy import Connection, select

from features.lead import Contact
from serving.store.sql import insert_new
from serving.store.tables import secrets_

SALT = "erasure_salt"


def contact_id(contact: Contact) -> str:
    """The same for a contact that is told twice: made of the lead, the time, the agent, the channel and the direction."""
    started_at = contact.started_at.astimezone(UTC).isoformat()
    return made_id("ct", contact.lead_id, started_at, contact.agent, contact.channel, contact.direction)


def made_id(prefix: str, *content: str | float | None) -> str:
    """An id that the same content always gets."""
    return f"{prefix}_{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]}"


def erased_hash(connection: Connection, lead_id: str) -> str:
    """What table `erased` keeps of a lead: nobody without the database's salt can tell whose it is."""
    return salted(erasure_salt(connection), lead_id)


def salted(salt: bytes, lead_id: str) -> str:
    """`erased_hash`, for many leads under the same salt."""
    return hmac.new(salt, lead_id.encode(), hashlib.sha256).hexdigest()


def erasure_salt(connection: Connection) -> bytes:
    """The database's salt, made when it is first asked for."""
    question = select(secrets_.c.value).where(secrets_.c.name == SALT)
    if (known := connection.scalar(question)) is None:
        insert_new(connection, secrets_, [{"name": SALT, "value": secrets.token_hex(32)}])
        known = connection.scalar(question)
    return bytes.fromhex(str(known))
