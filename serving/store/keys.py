"""API keys, and the service's own secrets. Of a key only its SHA-256 is kept.

A key is 256 random bits, so unlike a password it cannot be guessed from its hash, and a slow hash would gain nothing.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from language.text import gettext as _
from serving.store.row_inserts import insert_new
from serving.store.tables import key_uses, keys, secrets_

Scope = Literal["score", "sales", "team", "report", "feed", "admin"]
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as a request's is compared with it."""

    key_id: str
    name: str
    scope: Scope
    hash: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as its owner sees it."""

    key_id: str
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""


Keys = Mapping[str, KnownKey]
"""Every key that was ever created, by its id."""

ALL = select(keys.c.key_id, keys.c.name, keys.c.scope, keys.c.hash, keys.c.revoked_at.is_not(None).label("revoked"))


def all_keys(connection: Connection) -> Keys:
    """Every key that was ever created, also if revoked."""
    return keys_from_rows(connection.execute(ALL))


def keys_from_rows(rows: Iterable[Any]) -> Keys:
    """What the statement `ALL` found."""
    return {key_id: KnownKey(key_id, name, scope, kept, bool(ended)) for key_id, name, scope, kept, ended in rows}


def list_keys(connection: Connection) -> list[ListedKey]:
    """Every key, the oldest first."""
    own = (keys.c.key_id, keys.c.name, keys.c.scope, keys.c.created_at, keys.c.revoked_at)
    found = select(*own, key_uses.c.last_used_at).outerjoin(key_uses, key_uses.c.key_id == keys.c.key_id)
    return [ListedKey(*row) for row in connection.execute(found.order_by(keys.c.created_at, keys.c.key_id))]


def check_name(text: str) -> str:
    """A key's name without white space around it; raises `ValueError` saying what is accepted."""
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(_("expected 1 to %(most)s printable characters", most=LONGEST_NAME))
    return name


class NameTaken(ValueError):
    """A live key has this name: what its holder claims would be the other's too."""


def lock(connection: Connection) -> None:
    """Let nobody else make a key until the commit. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE")


def create(connection: Connection, name: str, scope: Scope, now: datetime) -> str:
    """Make a key; returned here, and nowhere to be had again.

    Raises:
        NameTaken: where a live key has the name, in whatever case.
    """
    lock(connection)
    live = connection.scalars(select(keys.c.name).where(keys.c.revoked_at.is_(None)))
    if name.casefold() in {known.casefold() for known in live}:
        raise NameTaken(name)
    key_id = secrets.token_hex(6)
    key = f"leads_{key_id}_{secrets.token_urlsafe(32)}"
    row = {"key_id": key_id, "name": name, "scope": scope, "hash": hash_key(key), "created_at": now}
    connection.execute(insert(keys), row)
    return key


def revoke(connection: Connection, key_id: str, now: datetime) -> bool:
    """End a key for ever; whether there is one of this id. One that was revoked keeps its time."""
    ended = update(keys).where(keys.c.key_id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    connection.execute(ended)
    return connection.scalar(select(keys.c.key_id).where(keys.c.key_id == key_id)) is not None


def id_of(key: str) -> str:
    """The readable part of a key; empty where it has none."""
    parts = key.split("_", 2)
    return parts[1] if len(parts) == 3 else ""


def hash_key(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode()).hexdigest()


def get_or_make_secret(connection: Connection, name: str) -> str:
    """The service's own secret of this name, the same for every process; made by whoever asks first."""
    insert_new(connection, secrets_, [{"name": name, "value": secrets.token_urlsafe(32)}])
    return connection.execute(select(secrets_.c.value).where(secrets_.c.name == name)).scalar_one()
