"""Answers kept under the client's Idempotency-Key, in the commit of what they answer for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, select

from serving.store.tables import replies

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """Who asked what under which key; `body_hash` tells a repetition from another request."""

    key_id: str
    route: str
    idempotency_key: str
    body_hash: str

    @property
    def first(self) -> tuple[str, str, str]:
        """The same for every request under this key."""
        return self.key_id, self.route, self.idempotency_key


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What was answered: a status and JSON; `lead_id` where it tells of a lead, so that erasing finds it."""

    status: int
    answer: str
    lead_id: str | None = None


def find(connection: Connection, asked: IdempotentRequest) -> tuple[str, StoredResponse] | None:
    """The body's hash and the answer of the first request under this key."""
    c = replies.c
    its = and_(c.key_id == asked.key_id, c.route == asked.route, c.idempotency_key == asked.idempotency_key)
    question = select(c.body_hash, c.status, c.answer, c.lead_id).where(its)
    row = connection.execute(question).one_or_none()
    return None if row is None else (row.body_hash, StoredResponse(row.status, row.answer, row.lead_id))


def keep(connection: Connection, asked: IdempotentRequest, reply: StoredResponse, now: datetime) -> None:
    """Keep an answer, and let go of old ones."""
    connection.execute(delete(replies).where(replies.c.created_at < now - KEPT))
    row = {
        "key_id": asked.key_id,
        "route": asked.route,
        "idempotency_key": asked.idempotency_key,
        "body_hash": asked.body_hash,
        "status": reply.status,
        "answer": reply.answer,
        "lead_id": reply.lead_id,
        "created_at": now,
    }
    connection.execute(replies.insert(), row)
