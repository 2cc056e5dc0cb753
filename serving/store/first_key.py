"""The link that makes the first key: a token that works once, for a quarter of an hour, while there is no key.

Only its hash is kept, beside the service's own secrets, so that every process knows it.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from serving.store import keys
from serving.store.tables import secrets_

WORKS_FOR = timedelta(minutes=15)

_PREFIX = "first_key_"
_ALL = secrets_.c.name.startswith(_PREFIX, autoescape=True)
_LONGEST_NAME = 40


def offer(connection: Connection, now: datetime) -> str | None:
    """A token for `redeem`; None where a key was ever created."""
    if keys.all_keys(connection):
        return None
    _forget_expired(connection, now)
    token = secrets.token_urlsafe(32)
    expires = (now + WORKS_FOR).timestamp()
    connection.execute(insert(secrets_), {"name": _name(token), "value": str(expires)})
    return token


def redeem(connection: Connection, token: str, name: str, now: datetime) -> str | None:
    """The first key, for all that there is; None where the token is none of ours, ran out, or came second."""
    keys.lock(connection)
    expires = connection.scalar(select(secrets_.c.value).where(secrets_.c.name == _name(token)))
    if expires is None or float(expires) < now.timestamp() or keys.all_keys(connection):
        return None
    connection.execute(delete(secrets_).where(_ALL))
    return keys.create(connection, name, "admin", now)


def _forget_expired(connection: Connection, now: datetime) -> None:
    offered = connection.execute(select(secrets_.c.name, secrets_.c.value).where(_ALL)).all()
    expired = [name for name, expires in offered if float(expires) < now.timestamp()]
    connection.execute(delete(secrets_).where(secrets_.c.name.in_(expired)))


def _name(token: str) -> str:
    return (_PREFIX + keys.hash_key(token))[:_LONGEST_NAME]
