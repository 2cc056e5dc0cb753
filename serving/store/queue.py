"""The sales queue in SQL: who enters and leaves, a page of it, and claims that two agents never share."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from serving.queue_rules import Claim, QueueCursor, QueueEntry, QueueFilter, QueuePage, QueueRules
from serving.store import queue_order, tables
from serving.store.contacts import ContactSummary
from serving.store.dialect import lock_name, upsert
from serving.store.scores import StoredScore, score_of
from serving.store.tables import claims, new_id, queue
from training.model import Confidence, Score

MOST_FRESH = 20
AGENT = 5_303
"""The kind of name that an agent's lock has."""
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
    _end_claim(connection, lead_id, ended_by, now)
    connection.execute(delete(queue).where(queue.c.lead_id == lead_id))


def record_contact(
    connection: Connection, lead_id: str, worked: ContactSummary, rules: QueueRules, now: datetime
) -> None:
    """After a contact: the promise is met, the claim ends, and the lead returns when its time has come."""
    _end_claim(connection, lead_id, "contact", now)
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
) -> QueuePage:
    """Up to `most` leads that may be called now, or are claimed, behind the cursor and in the order asked for."""
    at = after.at if after else now
    tier, key = queue_order.tier(ask.order, rules, at), queue_order.key(ask.order, rules, at)
    wanted = and_(queue.c.free_from <= at.timestamp(), queue_order.matches(ask, at))
    question = select(queue, tier.label("tier"), key.label("key")).where(wanted)
    if after:
        question = question.where(
            tuple_(tier, key, queue.c.lead_id) > tuple_(literal(after.tier), literal(after.key), literal(after.lead_id))
        )
    rows = connection.execute(question.order_by(tier, key, queue.c.lead_id).limit(most + 1)).all()
    broken = func.count().filter(queue.c.promised_by < at.timestamp())
    waiting, overdue = connection.execute(select(func.count(), broken).select_from(queue).where(wanted)).one()
    last = rows[most - 1] if len(rows) > most else None
    following = QueueCursor(at, ask.order, last.tier, last.key, last.lead_id) if last else None
    return QueuePage(tuple(_entry(row) for row in rows[:most]), following, waiting, overdue)


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
    row = connection.execute(select(queue).where(queue.c.claim_id == claim_id)).one_or_none()
    return None if row is None else _entry(row)


def mark_unscorable(connection: Connection, lead_id: str, model_version: str) -> None:
    """Leave a lead the score that it has: this model does not take it."""
    connection.execute(update(queue).where(queue.c.lead_id == lead_id).values(model_version=model_version))


def claim_next(
    connection: Connection, agent: str, ask: QueueFilter, rules: QueueRules, now: datetime, at_random: bool
) -> Claim | None:
    """Lease the next free lead to an agent, or a free one by chance; None where none is free."""
    free = and_(queue_order.is_free(now), queue_order.matches(ask, now))
    by_chance, in_turn = queue_order.by_chance(free, rules), queue_order.in_turn(ask.order, free, rules, now)
    for where, order in by_chance if at_random else in_turn:
        question = select(queue.c.lead_id).where(where).order_by(*order).limit(1)
        lead_id = connection.scalar(question.with_for_update(skip_locked=True))
        if lead_id is not None:
            return _lease(connection, lead_id, agent, rules, now, at_random)
    return None


def claim(connection: Connection, lead_id: str, agent: str, rules: QueueRules, now: datetime) -> Claim | None:
    """Lease this lead to an agent, whenever it was to be called again; None where another agent has it."""
    its = queue.c.lead_id == lead_id
    mine = or_(queue.c.claimed_until <= now.timestamp(), queue.c.agent == agent)
    found = connection.scalar(select(queue.c.lead_id).where(its, mine).with_for_update(skip_locked=True))
    return None if found is None else _lease(connection, lead_id, agent, rules, now, at_random=False)


def hand_over(connection: Connection, lead_id: str, agent: str, rules: QueueRules, now: datetime) -> Claim | None:
    """Lease a lead to another agent, whoever has it; None where it is not in the queue."""
    found = connection.scalar(select(queue.c.lead_id).where(queue.c.lead_id == lead_id).with_for_update())
    if found is None:
        return None
    _end_claim(connection, lead_id, "handover", now)
    return _lease(connection, lead_id, agent, rules, now, at_random=False)


def release(connection: Connection, claim_id: str, now: datetime) -> bool:
    """Give a lead back; whether the claim still held."""
    held = and_(queue.c.claim_id == claim_id, queue.c.claimed_until > now.timestamp())
    lead_id = connection.scalar(select(queue.c.lead_id).where(held).with_for_update())
    if lead_id is None:
        return False
    _end_claim(connection, lead_id, "release", now)
    connection.execute(update(queue).where(queue.c.lead_id == lead_id).values(claim_id=None, claimed_until=0.0))
    return True


def lock_agent(connection: Connection, agent: str) -> None:
    """Have what else this agent takes at the same moment, through another process, wait until the commit."""
    lock_name(connection, AGENT, agent)


def find_claimed(connection: Connection, agent: str, now: datetime) -> list[QueueEntry]:
    """The leads that an agent has, the newest claim first."""
    question = select(queue).where(queue.c.agent == agent, queue.c.claimed_until > now.timestamp())
    return [_entry(row) for row in connection.execute(question.order_by(queue.c.claim_id.desc()))]


def find_all_claimed(connection: Connection, now: datetime) -> list[QueueEntry]:
    """The leads that any agent has, by agent, the newest claim first."""
    question = select(queue).where(queue.c.claimed_until > now.timestamp())
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


def _lease(
    connection: Connection, lead_id: str, agent: str, rules: QueueRules, now: datetime, at_random: bool
) -> Claim:
    made = Claim(new_id("cl"), lead_id, agent, now, now + rules.lease, at_random)
    connection.execute(
        claims.insert(),
        {
            "claim_id": made.claim_id,
            "lead_id": lead_id,
            "agent": agent,
            "claimed_at": now,
            "until": made.until,
            "at_random": at_random,
        },
    )
    held: Mapping[str, Any] = {
        "claim_id": made.claim_id,
        "agent": agent,
        "claimed_until": made.until.timestamp(),
    }
    connection.execute(update(queue).where(queue.c.lead_id == lead_id).values(**held))
    return made


def _end_claim(connection: Connection, lead_id: str, ended_by: str, now: datetime) -> None:
    open_ = and_(claims.c.lead_id == lead_id, claims.c.ended_at.is_(None), claims.c.until > now)
    connection.execute(update(claims).where(open_).values(ended_at=now, ended_by=ended_by))


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
