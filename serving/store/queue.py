"""The sales queue in SQL: who enters and leaves, a page of it, and who is where in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from serving.queue_rules import QueueCursor, QueueEntry, QueueFilter, QueueRules
from serving.store import queue_claims, queue_front, queue_order, tables
from serving.store.contacts import ContactSummary
from serving.store.queue_order import AT, Seconds
from serving.store.row_inserts import upsert
from serving.store.scores import StoredScore, score_of
from serving.store.tables import queue
from training.model import Confidence, Score

MOST_FRESH = 20
SORTED_BY = ("probability", "expected_value", "grade", "source", "model_version", "confidence")


def entry_row(
    score: Score,
    source: str | None,
    value: float | None,
    arrived: datetime,
    rules: QueueRules,
    worked: ContactSummary | None,
) -> tables.Row:
    """A lead's row in the queue, as of what was tried with it so far."""
    promised = rules.due_at(score.grade, arrived) if worked is None else worked.again_at
    return {
        "lead_id": score.lead_id,
        **sort_values(score, source, value),
        "arrived": arrived.timestamp(),
        "promised_by": promised.timestamp() if promised else None,
        "free_from": _free_from(worked, rules),
        "attempts": worked.attempts if worked else 0,
        "agent": worked.agent if worked else None,
        "claim_id": None,
        "claimed_until": 0.0,
    }


def sort_values(score: Score, source: str | None, value: float | None) -> tables.Row:
    """What a lead is sorted and filtered by."""
    return {
        "probability": score.probability,
        "expected_value": None if value is None else score.probability * value,
        "grade": score.grade,
        "source": source,
        "model_version": score.model_version,
        "confidence": score.confidence.value,
    }


def add(connection: Connection, rows: Sequence[tables.Row]) -> None:
    """Put leads into the queue; one that is there keeps its place in time and whoever has it."""
    upsert(connection, queue, rows, SORTED_BY)


def update_scores(connection: Connection, rows: Sequence[tables.Row]) -> None:
    """Give leads that are in the queue their new scores; the promise too, where nobody tried them yet."""
    if not rows:
        return
    c = queue.c
    promise = case((c.attempts == 0, bindparam("new_promised_by", type_=c.promised_by.type)), else_=c.promised_by)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in SORTED_BY} | {"promised_by": promise}
    changes = [{f"new_{name}": row[name] for name in (*SORTED_BY, "promised_by", "lead_id")} for row in rows]
    connection.execute(update(queue).where(c.lead_id == bindparam("new_lead_id")).values(values), changes)


def remove(connection: Connection, lead_id: str, ended_by: str, now: datetime) -> None:
    """Take a lead out of the queue, and end a claim on it."""
    queue_claims.end_claim(connection, lead_id, ended_by, now)
    connection.execute(delete(queue).where(queue.c.lead_id == lead_id))


def record_contact(
    connection: Connection, lead_id: str, worked: ContactSummary, rules: QueueRules, now: datetime
) -> None:
    """After a contact: the promise is met, the claim ends, and the lead returns when its time has come."""
    queue_claims.end_claim(connection, lead_id, "contact", now)
    connection.execute(
        update(queue)
        .where(queue.c.lead_id == lead_id)
        .values(
            attempts=worked.attempts,
            agent=worked.agent,
            promised_by=worked.again_at.timestamp() if worked.again_at else None,
            free_from=_free_from(worked, rules),
            claim_id=None,
            claimed_until=0.0,
        )
    )


def restore_contacts(connection: Connection, lead_id: str, worked: ContactSummary | None, rules: QueueRules) -> None:
    """Have a lead wait as if a contact that was taken back had never been; whoever has it keeps it."""
    place = find_entry(connection, lead_id)
    if place is None:
        return
    due_at = rules.due_at(place.grade, place.arrived) if worked is None else worked.again_at
    values = {
        "attempts": worked.attempts if worked else 0,
        "promised_by": due_at.timestamp() if due_at else None,
        "free_from": _free_from(worked, rules),
    }
    connection.execute(update(queue).where(queue.c.lead_id == lead_id).values(**values))


def page(
    connection: Connection, ask: QueueFilter, rules: QueueRules, now: datetime, most: int, after: QueueCursor | None
) -> tuple[tuple[QueueEntry, ...], QueueCursor | None]:
    """Up to `most` leads that may be called now, or are claimed, in the order asked for; and where the next begin."""
    at = after.at if after else now
    wanted = _wanted(ask, AT)
    rows = queue_front.find_first(connection, wanted, ask.order, rules, at.timestamp(), most + 1, after)
    last = rows[most - 1] if len(rows) > most else None
    following = QueueCursor(at, ask.order, last.tier, last.key, last.lead_id) if last else None
    return tuple(_entry(row) for row in rows[:most]), following


def count(connection: Connection, ask: QueueFilter, now: datetime) -> tuple[int, int]:
    """How many leads the filters let through, and how many of these are overdue."""
    at = now.timestamp()
    broken = func.count().filter(queue.c.promised_by < at)
    row = connection.execute(select(func.count(), broken).select_from(queue).where(_wanted(ask, at))).one()
    return row[0], row[1]


def _wanted(ask: QueueFilter, at: Seconds) -> ColumnElement[bool]:
    return and_(queue_order.may_be_called(at), queue_order.matches(ask, at))


def with_scores(connection: Connection, places: Sequence[QueueEntry]) -> dict[str, StoredScore]:
    """The newest score of each of these leads."""
    newest = tables.leads.join(tables.scores, tables.leads.c.score_id == tables.scores.c.score_id)
    its = tables.leads.c.lead_id.in_([place.lead_id for place in places])
    return {
        row.lead_id: score_of(row) for row in connection.execute(select(tables.scores).select_from(newest).where(its))
    }


def find_entry(connection: Connection, lead_id: str) -> QueueEntry | None:
    """Where a lead stands; None where it is not in the queue."""
    row = connection.execute(select(queue).where(queue.c.lead_id == lead_id)).one_or_none()
    return None if row is None else _entry(row)


def find_claim(connection: Connection, claim_id: str) -> QueueEntry | None:
    """The lead that is held under a claim; None where none is."""
    row = connection.execute(select(queue).where(queue_claims.is_of(claim_id))).one_or_none()
    return None if row is None else _entry(row)


def mark_unscorable(connection: Connection, lead_id: str, model_version: str) -> None:
    """Leave a lead the score that it has: this model does not take it."""
    connection.execute(update(queue).where(queue.c.lead_id == lead_id).values(model_version=model_version))


def find_claimed(connection: Connection, agent: str, now: datetime) -> list[QueueEntry]:
    """The leads that an agent has, the newest claim first."""
    question = select(queue).where(queue.c.agent == agent, queue.c.claimed_until > now.timestamp())
    return [_entry(row) for row in connection.execute(question.order_by(queue.c.claim_id.desc()))]


def find_all_claimed(connection: Connection, now: datetime) -> list[QueueEntry]:
    """The leads that any agent has, by agent, the newest claim first."""
    question = select(queue).where(tables.IS_CLAIMED, queue.c.claimed_until > now.timestamp())
    return [_entry(row) for row in connection.execute(question.order_by(queue.c.agent, queue.c.claim_id.desc()))]


def find_callbacks(connection: Connection, agent: str, until: datetime) -> list[QueueEntry]:
    """The leads that an agent called last and that are to be called again by a moment, the earliest first."""
    its = and_(queue.c.agent == agent, queue.c.attempts > 0, queue.c.promised_by <= until.timestamp())
    return [_entry(row) for row in connection.execute(select(queue).where(its).order_by(queue.c.promised_by))]


def find_fresh(connection: Connection, grade: str, since: datetime, now: datetime) -> list[QueueEntry]:
    """The leads of a grade that nobody tried or has and that came into the queue since a moment, the newest first."""
    c = queue.c
    came = tables.leads.c.received_at > since
    is_new = and_(c.grade == grade, c.attempts == 0, c.claimed_until <= now.timestamp(), came)
    question = select(queue).join(tables.leads, tables.leads.c.lead_id == c.lead_id).where(is_new)
    return [_entry(row) for row in connection.execute(question.order_by(c.arrived.desc()).limit(MOST_FRESH))]


def _free_from(worked: ContactSummary | None, rules: QueueRules) -> float:
    if worked is None:
        return 0.0
    return (worked.again_at or worked.newest_at + rules.retry).timestamp()


def _entry(row: Row[Any]) -> QueueEntry:
    return QueueEntry(
        lead_id=row.lead_id,
        probability=row.probability,
        expected_value=row.expected_value,
        grade=row.grade,
        source=row.source,
        model_version=row.model_version,
        confidence=Confidence(row.confidence or Confidence.OK),
        arrived=_from_unix(row.arrived),
        promised_by=None if row.promised_by is None else _from_unix(row.promised_by),
        free_from=_from_unix(row.free_from),
        attempts=row.attempts,
        agent=row.agent,
        claim_id=row.claim_id,
        claimed_until=_from_unix(row.claimed_until),
    )


def _from_unix(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
