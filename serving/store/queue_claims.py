"""Claims in SQL: leads of the queue that one agent has for a while, and no other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from serving.queue_rules import Claim, QueueFilter, QueueRules
from serving.store import queue_order
from serving.store.dialect import lock_name
from serving.store.queue_front import CostFront
from serving.store.queue_order import AT
from serving.store.tables import claims, new_id, queue

SPARE = 20
"""Leads that are looked at for one to claim: others may take the first ones at the same moment."""
AGENT = 5_303
"""The kind of name that an agent's lock has."""


def claim_next(
    connection: Connection, agent: str, ask: QueueFilter, rules: QueueRules, now: datetime, at_random: bool
) -> Claim | None:
    """Lease the next free lead to an agent, or a free one by chance; None where none is free."""
    for where, order in _by_chance_or_in_turn(connection, ask, rules, now, at_random):
        question = select(queue.c.lead_id).where(where).order_by(*order).limit(1)
        lead_id = connection.scalar(question.with_for_update(skip_locked=True), {"at": now.timestamp()})
        if lead_id is not None:
            return _lease(connection, lead_id, agent, rules, now, at_random)
    return None


def _by_chance_or_in_turn(
    connection: Connection, ask: QueueFilter, rules: QueueRules, now: datetime, at_random: bool
) -> Sequence[tuple[ColumnElement[bool], Sequence[Any]]]:
    """Where to look for a free lead, one after the other, and in which order."""
    if at_random:
        return queue_order.by_chance(_is_free_and_asked_for(ask), rules)
    if ask.order != "cost":
        return queue_order.in_turn(ask.order, _is_free_and_asked_for(ask), rules, AT)
    front = _front(ask, rules)
    near = front.near(connection, now.timestamp())
    by = (front.key, queue.c.lead_id)
    return [(front.wanted, by)] if near is None else [(and_(front.wanted, near), by), (front.wanted, by)]


@lru_cache
def _front(ask: QueueFilter, rules: QueueRules) -> CostFront:
    """The free leads that are asked for; made once, as SQLAlchemy takes longer over the questions than the database."""
    return CostFront(_is_free_and_asked_for(ask), rules, SPARE)


def _is_free_and_asked_for(ask: QueueFilter) -> ColumnElement[bool]:
    return and_(queue_order.is_free(AT), queue_order.matches(ask, AT))


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
    end_claim(connection, lead_id, "handover", now)
    return _lease(connection, lead_id, agent, rules, now, at_random=False)


def release(connection: Connection, claim_id: str, now: datetime) -> bool:
    """Give a lead back; whether the claim still held."""
    held = and_(is_of(claim_id), queue.c.claimed_until > now.timestamp())
    lead_id = connection.scalar(select(queue.c.lead_id).where(held).with_for_update())
    if lead_id is None:
        return False
    end_claim(connection, lead_id, "release", now)
    connection.execute(update(queue).where(queue.c.lead_id == lead_id).values(claim_id=None, claimed_until=0.0))
    return True


def lock_agent(connection: Connection, agent: str) -> None:
    """Have what else this agent takes at the same moment, through another process, wait until the commit."""
    lock_name(connection, AGENT, agent)


def is_of(claim_id: str) -> ColumnElement[bool]:
    """A lead is held under this claim."""
    its = select(claims.c.lead_id).where(claims.c.claim_id == claim_id).scalar_subquery()
    return and_(queue.c.lead_id == its, queue.c.claim_id == claim_id)


def end_claim(connection: Connection, lead_id: str, ended_by: str, now: datetime) -> None:
    """Note that a claim that still holds on a lead ended."""
    open_ = and_(claims.c.lead_id == lead_id, claims.c.ended_at.is_(None), claims.c.until > now)
    connection.execute(update(claims).where(open_).values(ended_at=now, ended_by=ended_by))


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
