"""Links that sign somebody in with a key that they need not type: a token that works once, for ten minutes.

Only its hash is kept, beside the service's own secrets, with the key that it stands for.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from serving.store import keys
from serving.store.tables import secrets_

WORKS_FOR = timedelta(minutes=10)

_PREFIX = "sign_in_"
_ALL = secrets_.c.name.startswith(_PREFIX, autoescape=True)
_LONGEST_NAME = 40


def offer(connection: Connection, key_id: str, now: datetime) -> str:
    """A token for `redeem`, which stands for this key."""
    connection.execute(delete(secrets_).where(_ALL))
    token = secrets.token_urlsafe(32)
    expires = (now + WORKS_FOR).timestamp()
    connection.execute(insert(secrets_), {"name": _name(token), "value": f"{expires} {key_id}"})
    return token


def redeem(connection: Connection, token: str, now: datetime) -> str | None:
    """The id of the key; None where the token is none of ours, was used, or ran out."""
    its = secrets_.c.name == _name(token)
    kept = connection.scalar(select(secrets_.c.value).where(its))
    if kept is None or connection.execute(delete(secrets_).where(its)).rowcount == 0:
        return None
    expires, _, key_id = kept.partition(" ")
    return key_id if float(expires) >= now.timestamp() else None


def _name(token: str) -> str:
    return (_PREFIX + keys.hash_key(token))[:_LONGEST_NAME]
