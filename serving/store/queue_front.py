"""The first leads of the queue in an order, found along indexes: a queue of a million is not sorted to show fifty.

What a lead's waiting costs is its chance times a rate, which falls the longer ago it was due. So a lead can only be
among the first if its chance is high or it was due lately; how high and how lately follows from the cost of any few.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal, select, true, tuple_, union

from serving.queue_rules import WAITING, Order, QueueCursor, QueueRules
from serving.store import queue_order
from serving.store.dialect import among
from serving.store.tables import queue

DEPTH = 5
"""Among so many times the leads wanted, along each index, those are looked for that cost much."""
MOST_FOUND = 20_000
"""Of more leads it takes no longer to sort all."""
MOST_AGED = 200
"""Aged leads that are all looked at; of more, those with a high chance."""
ROUNDING = 1e-9
"""By so much, as a share, may the database's arithmetic differ from ours."""


def find_first(
    connection: Connection,
    wanted: ColumnElement[bool],
    order: Order,
    rules: QueueRules,
    at: datetime,
    most: int,
    after: QueueCursor | None,
) -> Sequence[Row[Any]]:
    """Up to `most` rows of the queue with their `tier` and `key`, in order, behind the cursor."""
    if order == "cost":
        return _first_by_cost(connection, wanted, rules, at, most, after)
    rows: list[Row[Any]] = []
    for tier, its, key, by in queue_order.tiers(order, rules, at):
        if after and tier < after.tier:
            continue
        behind = _behind(key, after) if after and tier == after.tier else true()
        question = _with_place(tier, key).where(wanted, its, behind).order_by(*by).limit(most - len(rows))
        rows += connection.execute(question)
        if len(rows) == most:
            break
    return rows


def near_front(
    connection: Connection,
    wanted: ColumnElement[bool],
    key: ColumnElement[Any],
    rules: QueueRules,
    at: datetime,
    most: int,
) -> ColumnElement[bool] | None:
    """What each of the first `most` wanted leads by cost, the `key`, meets; None where that is not known."""
    c = queue.c
    along: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
        (true(), c.probability),
        (c.promised_by.is_not(None), c.promised_by),
        (c.free_from.between(1.0, at.timestamp()), c.free_from),
    ]
    if has_many_aged := _has_many_aged(connection, wanted, rules, at):
        along.append((queue_order.is_aged_and_likely(0.0, rules, at), c.probability))
    some = [
        select(c.lead_id, c.probability, key.label("key"))
        .where(wanted, its)
        .order_by(column.desc())
        .limit(DEPTH * most)
        .subquery()
        for its, column in along
    ]
    dear = connection.execute(union(*(select(one) for one in some))).all()
    least_cost = -sorted(row.key for row in dear)[most - 1] * (1 - ROUNDING) if len(dear) >= most else 0.0
    if least_cost <= 0.0:
        return None
    highest = max(row.probability for row in dear)
    aged = queue_order.is_aged(rules, at)
    if has_many_aged:  # then those whose waiting costs so much
        aged = queue_order.is_aged_and_likely(least_cost * queue_order.spans(rules).longest / 2.0, rules, at)
    conditions = [*_conditions(least_cost, highest, rules, at), aged]
    found = union(*(select(c.lead_id).where(wanted, one) for one in conditions)).limit(MOST_FOUND + 1)
    ids = connection.scalars(found).all()  # by themselves: PostgreSQL takes them for more, and would read all leads
    return among(connection, c.lead_id, ids) if len(ids) <= MOST_FOUND else None


def _conditions(least_cost: float, highest: float, rules: QueueRules, at: datetime) -> Sequence[ColumnElement[bool]]:
    """Of which a lead meets one, unless it is aged, if waiting costs it so much and no chance is above `highest`.

    Where a lead was promised a time or comes back, the rate is at most two in its target and the time since it was due.
    Of others it is at most two in `oldest`; or two in their target, where that is younger than they are.
    """
    c, spans = queue.c, queue_order.spans(rules)
    late = 2.0 * highest / least_cost - min(spans.shortest, spans.retry, spans.oldest)
    since = at.timestamp() - late * (1 + ROUNDING) - 1.0
    return (
        c.promised_by >= since,
        c.free_from.between(max(since, 1.0), at.timestamp()),
        c.probability >= least_cost * spans.oldest / 2.0,
        and_(c.promised_by.is_(None), c.grade.in_([*rules.response_targets]), c.attempts == 0),
    )


def _has_many_aged(connection: Connection, wanted: ColumnElement[bool], rules: QueueRules, at: datetime) -> bool:
    """Whether so many leads were tried by nobody for too long that not all are looked at."""
    some = select(queue.c.lead_id).where(wanted, queue_order.is_aged(rules, at)).limit(MOST_AGED + 1).subquery()
    return connection.scalars(select(func.count()).select_from(some)).one() > MOST_AGED


def _first_by_cost(
    connection: Connection,
    wanted: ColumnElement[bool],
    rules: QueueRules,
    at: datetime,
    most: int,
    after: QueueCursor | None,
) -> Sequence[Row[Any]]:
    key = queue_order.key("cost", rules, at)
    behind = and_(wanted, _behind(key, after)) if after else wanted
    near = near_front(connection, behind, key, rules, at, most)
    question = _with_place(WAITING, key).where(behind, true() if near is None else near)
    return connection.execute(question.order_by(key, queue.c.lead_id).limit(most)).all()


def _behind(key: ColumnElement[Any], after: QueueCursor) -> ColumnElement[bool]:
    return tuple_(key, queue.c.lead_id) > tuple_(literal(after.key), literal(after.lead_id))


def _with_place(tier: int, key: ColumnElement[Any]) -> Any:
    return select(queue, literal(tier).label("tier"), key.label("key"))
