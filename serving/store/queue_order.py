"""The order of the queue in SQL: which leads are free and asked for, and what they are sorted by.

First come leads that nobody tried for too long, then those whose promise is broken, then the rest; within each, what
was asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, true

from serving.queue_rules import AGED, OVERDUE, WAITING, Order, QueueFilter, QueueRules
from serving.store.tables import queue


def is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody has it, and it may be called."""
    return and_(queue.c.claimed_until <= now.timestamp(), queue.c.free_from <= now.timestamp())


def matches(ask: QueueFilter, now: datetime) -> ColumnElement[bool]:
    """The filters let it through."""
    c, seconds = queue.c, now.timestamp()
    wanted: list[ColumnElement[bool]] = [true()]
    wanted += [c.source == ask.source] if ask.source is not None else []
    wanted += [c.grade == ask.grade] if ask.grade is not None else []
    wanted += [c.agent == ask.agent] if ask.agent is not None else []
    wanted += [c.arrived <= seconds - ask.older_than.total_seconds()] if ask.older_than is not None else []
    wanted += [c.arrived >= seconds - ask.younger_than.total_seconds()] if ask.younger_than is not None else []
    return and_(*wanted)


def tier(rules: QueueRules, at: datetime) -> ColumnElement[int]:
    """Which of the three comes first."""
    return case((_is_aged(rules, at), AGED), (queue.c.promised_by < at.timestamp(), OVERDUE), else_=WAITING)


def key(order: Order, rules: QueueRules, at: datetime) -> ColumnElement[Any]:
    """What is sorted by within a tier, the smallest first."""
    return case((_is_aged(rules, at), queue.c.arrived), else_=_worth(order, rules, at))


def in_turn(
    order: Order, free: ColumnElement[bool], rules: QueueRules, now: datetime
) -> list[tuple[ColumnElement[bool], Sequence[Any]]]:
    """The tiers one by one, so that each can be read along an index."""
    worth = _worth(order, rules, now)
    by_worth = (queue.c.probability.desc() if order == "score" else worth, queue.c.lead_id)
    return [
        (and_(free, _is_aged(rules, now)), (queue.c.arrived, queue.c.lead_id)),
        (and_(free, queue.c.promised_by < now.timestamp()), by_worth),
        (free, by_worth),
    ]


def by_chance(free: ColumnElement[bool], rules: QueueRules) -> list[tuple[ColumnElement[bool], Sequence[Any]]]:
    """Every free lead is as likely; where the pick is aimed at some sources, first every free lead of those."""
    aimed = [(and_(free, queue.c.source.in_(rules.random_sources)), (func.random(),))] if rules.random_sources else []
    return [*aimed, (free, (func.random(),))]


def _is_aged(rules: QueueRules, at: datetime) -> ColumnElement[bool]:
    return and_(queue.c.attempts == 0, queue.c.arrived < (at - rules.oldest).timestamp())


def _worth(order: Order, rules: QueueRules, at: datetime) -> ColumnElement[Any]:
    c = queue.c
    if order == "value":
        return -func.coalesce(c.expected_value, literal(0.0))
    if order == "wait":
        waited = at.timestamp() - c.arrived
        promised = func.coalesce(c.promised_by - c.arrived, literal(rules.oldest.total_seconds()))
        return -(c.probability * waited / case((promised > 1.0, promised), else_=1.0))
    return -c.probability
