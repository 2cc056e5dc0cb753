"""The order of the queue in SQL: which leads are free and asked for, and what they are sorted by.

By `cost`, all stand on one scale: what an hour of waiting costs. By any other order first come leads that nobody tried
for too long, then those that are overdue, then the rest; within each, what was asked for.

Moments are Unix seconds: a number, or `AT`, with which a question is made once and asked of many moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Double, and_, bindparam, case, func, literal, or_, true

from serving.queue_rules import AGED, OVERDUE, WAITING, Order, QueueFilter, QueueRules
from serving.store.dialect import Unindexed
from serving.store.drawn_rows import Drawn
from serving.store.tables import queue

Seconds = float | ColumnElement[float]

AT: ColumnElement[float] = bindparam("at", type_=Double())
"""The moment that a question is asked of; whoever asks it says which."""


class Tier(NamedTuple):
    """A tier: its number, who is in it, what they are sorted by, and that as an index has it, with ties resolved."""

    number: int
    its: ColumnElement[bool]
    key: ColumnElement[Any]
    by: Sequence[ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Spans:
    """The lengths, in seconds, that a rate is made of: of the targets the shortest and longest, and the rules' own."""

    shortest: float
    longest: float
    retry: float
    oldest: float


def spans(rules: QueueRules) -> Spans:
    """The rules' lengths; without targets, `oldest` stands for them."""
    oldest = rules.oldest.total_seconds()
    targets = [max(span.total_seconds(), 1.0) for span in rules.response_targets.values()] or [oldest]
    return Spans(min(targets), max(targets), max(rules.retry.total_seconds(), 1.0), oldest)


def is_free(at: Seconds) -> ColumnElement[bool]:
    """Nobody has it, and it may be called."""
    return and_(queue.c.claimed_until <= at, may_be_called(at))


def may_be_called(at: Seconds) -> ColumnElement[bool]:
    """It does not rest. Nearly all leads do not, so this is no condition to read along an index by: hence the sum."""
    return queue.c.free_from + 0.0 <= at


def matches(ask: QueueFilter, at: Seconds) -> ColumnElement[bool]:
    """The filters let it through."""
    c = queue.c
    wanted: list[ColumnElement[bool]] = [true()]
    wanted += [Unindexed(c.source) == ask.source] if ask.source is not None else []
    wanted += [c.grade == ask.grade] if ask.grade is not None else []
    wanted += [Unindexed(c.agent) == ask.agent] if ask.agent is not None else []
    wanted += [c.arrived <= at - ask.older_than.total_seconds()] if ask.older_than is not None else []
    wanted += [c.arrived >= at - ask.younger_than.total_seconds()] if ask.younger_than is not None else []
    return and_(*wanted)


def key(order: Order, rules: QueueRules, at: Seconds) -> ColumnElement[Any]:
    """What is sorted by within a tier other than that of the untried, the smallest first."""
    return -_waiting_cost(rules, at) if order == "cost" else _worth(order, rules, at)


def tiers(order: Order, rules: QueueRules, at: Seconds) -> Sequence[Tier]:
    """The tiers of any order but `cost` one by one, so that each can be read along an index."""
    c, worth = queue.c, _worth(order, rules, at)
    by_worth = (c.probability.desc() if order == "score" else worth, c.lead_id)
    is_young = or_(c.attempts > 0, c.arrived >= _oldest_arrival(rules, at))
    is_overdue, is_due_later = (
        c.promised_by < at,
        or_(c.promised_by.is_(None), c.promised_by >= at),
    )
    return (
        Tier(AGED, is_aged(rules, at), c.arrived, (c.arrived, c.lead_id)),
        Tier(OVERDUE, and_(is_young, is_overdue), worth, by_worth),
        Tier(WAITING, and_(is_young, is_due_later), worth, by_worth),
    )


def in_turn(
    order: Order, free: ColumnElement[bool], rules: QueueRules, at: Seconds
) -> list[tuple[ColumnElement[bool], Sequence[Any]]]:
    """The tiers of any order but `cost`, where none is free in those before, each read along an index."""
    worth = _worth(order, rules, at)
    by_worth = (queue.c.probability.desc() if order == "score" else worth, queue.c.lead_id)
    return [
        (and_(free, is_aged(rules, at)), (queue.c.arrived, queue.c.lead_id)),
        (and_(free, queue.c.promised_by < at), by_worth),
        (free, by_worth),
    ]


def by_chance(free: ColumnElement[bool], rules: QueueRules) -> list[tuple[ColumnElement[bool], Sequence[Any]]]:
    """Every free lead is as likely; where the pick is aimed at some sources, first every free lead of those.

    Of many leads one that was drawn will do, so that not all are read.
    """
    aimed = Unindexed(queue.c.source).in_(rules.random_sources)
    pools = [and_(free, aimed), free] if rules.random_sources else [free]
    return [(one, (func.random(),)) for pool in pools for one in (and_(Drawn(queue.c.lead_id), pool), pool)]


def is_aged(rules: QueueRules, at: Seconds) -> ColumnElement[bool]:
    """Nobody tried it for too long."""
    return and_(queue.c.attempts == 0, queue.c.arrived < _oldest_arrival(rules, at))


def is_aged_and_likely(
    least_chance: float | ColumnElement[float], rules: QueueRules, at: Seconds
) -> ColumnElement[bool]:
    """`is_aged`, and its chance is at least so high: to be read along the index of untried leads' chances."""
    c = queue.c
    return and_(c.attempts == 0, c.probability >= least_chance, Unindexed(c.arrived) < _oldest_arrival(rules, at))


def _oldest_arrival(rules: QueueRules, at: Seconds) -> Seconds:
    return at - rules.oldest.total_seconds()


def _worth(order: Order, rules: QueueRules, at: Seconds) -> ColumnElement[Any]:
    c = queue.c
    if order == "value":
        return -func.coalesce(c.expected_value, literal(0.0))
    if order == "wait":
        waited = at - c.arrived
        promised = func.coalesce(c.promised_by - c.arrived, literal(rules.oldest.total_seconds()))
        return -(c.probability * waited / case((promised > 1.0, promised), else_=1.0))
    return -c.probability


def _waiting_cost(rules: QueueRules, at: Seconds) -> ColumnElement[float]:
    """Customers that a second of waiting costs, by docs/decisions/021: it doubles up to the due time, then falls.

    Before a lead is due, its chance over its target's length, and up to twice that as the due time comes near; after
    it, as the target's length over the time since arrival. A lead that nobody tried for too long costs all the time as
    one of the longest target does when it is due.
    """
    c = queue.c
    target, due_at = _target_seconds(rules), _due_seconds(rules)
    longest = max(rules.response_targets.values(), default=rules.oldest).total_seconds()
    late = at - due_at
    elapsed = case((late < -target, 0.0), else_=1.0 + late / target)
    rate = case((late <= 0, (1.0 + elapsed) / target), else_=2.0 / (target + late))
    return c.probability * case((is_aged(rules, at), 2.0 / longest), else_=rate)


def _target_seconds(rules: QueueRules) -> ColumnElement[float]:
    """The length of what a lead waits for: its grade's response target; where none runs, as long as it may at all.

    Who was promised a call at an hour expects it as promptly as the best grade; who was not reached comes back by
    itself, after as long as they rested.
    """
    spans = {grade: max(span.total_seconds(), 1.0) for grade, span in rules.response_targets.items()}
    shortest = min(spans.values(), default=rules.oldest.total_seconds())
    by_grade = [(queue.c.grade == grade, span) for grade, span in spans.items()]
    is_tried = queue.c.attempts > 0
    return case(
        (and_(is_tried, queue.c.promised_by.is_not(None)), shortest),
        (is_tried, max(rules.retry.total_seconds(), 1.0)),
        *by_grade,
        else_=rules.oldest.total_seconds(),
    )


def _due_seconds(rules: QueueRules) -> ColumnElement[float]:
    is_tried = queue.c.attempts > 0
    untold = case((is_tried, queue.c.free_from), else_=queue.c.arrived + rules.oldest.total_seconds())
    return func.coalesce(queue.c.promised_by, untold)
