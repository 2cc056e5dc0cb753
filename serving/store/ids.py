"""Ids made of content: what tells contacts apart, and what is left of a person who was erased."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from features.lead import Contact
from serving.store.row_inserts import insert_new
from serving.store.tables import erased, secrets_

SALT = "erasure_salt"
CONTACT = "ct"
"""Begins the ids of contacts."""
YEAR_ONE, MICROSECOND = datetime(1, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
IN_ID = ("lead_id", "started_at", "agent", "channel", "direction")
"""What tells contacts apart, in the order in which it is in their ids."""


def contact_id(contact: Contact) -> str:
    """The same for a contact that is told twice: made of lead, time, agent, channel and direction."""
    started_at = contact.started_at.astimezone(UTC)
    content = (contact.lead_id, started_at.isoformat(), contact.agent, contact.channel, contact.direction)
    return timed_id(CONTACT, (started_at - YEAR_ONE) // MICROSECOND, *content)


def made_id(prefix: str, *content: str | float | None) -> str:
    """An id that the same content always gets."""
    return f"{prefix}_{_hash(content)[:32]}"


def timed_id(prefix: str, microseconds: int, *content: str | float | None) -> str:
    """`made_id` of something of a time, so many microseconds after the year 1 began; later ones sort behind.

    An index of such ids grows at its end; one of hashes is written all over, by an import for most of its time.
    """
    return f"{prefix}_{microseconds:015x}{_hash(content)[:22]}"


def _hash(content: tuple[str | float | None, ...]) -> str:
    return hashlib.sha256(ascii(content).encode()).hexdigest()


def hash_erased(connection: Connection, lead_id: str) -> str:
    """What table `erased` keeps of a lead: nobody without the database's salt can tell whose it is."""
    return _hash_with_salt(_salt(connection), lead_id)


def load_erased(connection: Connection) -> Callable[[str], bool]:
    """Tells of many leads whether they were erased, as of this transaction."""
    hashes = set(connection.scalars(select(erased.c.lead_hash)))
    if not hashes:
        return lambda _: False
    salt = _salt(connection)
    return lambda lead_id: _hash_with_salt(salt, lead_id) in hashes


def find_erased_at(connection: Connection, lead_id: str) -> datetime | None:
    """When a lead was erased; None of one that was not. Only reads, so it makes no salt."""
    salt = connection.scalar(select(secrets_.c.value).where(secrets_.c.name == SALT))
    if salt is None:
        return None
    lead_hash = _hash_with_salt(bytes.fromhex(salt), lead_id)
    return connection.scalar(select(erased.c.erased_at).where(erased.c.lead_hash == lead_hash))


def _hash_with_salt(salt: bytes, lead_id: str) -> str:
    return hmac.new(salt, lead_id.encode(), hashlib.sha256).hexdigest()


def _salt(connection: Connection) -> bytes:
    """The database's salt, made when it is first asked for."""
    question = select(secrets_.c.value).where(secrets_.c.name == SALT)
    if (known := connection.scalar(question)) is None:
        insert_new(connection, secrets_, [{"name": SALT, "value": secrets.token_hex(32)}])
        known = connection.scalar(question)
    return bytes.fromhex(str(known))
