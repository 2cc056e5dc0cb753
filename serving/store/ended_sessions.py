"""Sign-ins that were ended before they ran out. Of each its hash is kept, until it would have run out anyway."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, select

from serving.store.row_inserts import insert_new
from serving.store.tables import ended_sessions


def end(connection: Connection, session_id: str, until: datetime, now: datetime) -> None:
    """End a sign-in that would last until then; those that ran out by now are forgotten."""
    connection.execute(delete(ended_sessions).where(ended_sessions.c.until < now))
    insert_new(connection, ended_sessions, [{"session_hash": _hash_session(session_id), "until": until}])


def has_ended(connection: Connection, session_id: str) -> bool:
    """Whether somebody ended it."""
    its = ended_sessions.c.session_hash == _hash_session(session_id)
    return connection.scalar(select(ended_sessions.c.session_hash).where(its)) is not None


def _hash_session(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()
