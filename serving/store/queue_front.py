"""The first leads of the queue in an order, found along indexes: a queue of a million is not sorted to show fifty.

What a lead's waiting costs is its chance times a rate, which falls the longer ago it was due. So a lead can only be
among the first if its chance is high or it was due lately; how high and how lately follows from the cost of any few.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Double,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
    true,
    tuple_,
    union,
)

from serving.queue_rules import WAITING, Order, QueueCursor, QueueRules
from serving.store import queue_order
from serving.store.dialect import among
from serving.store.queue_order import AT
from serving.store.tables import queue

DEPTH = 5
"""Among so many times the leads wanted, along each index, those are looked for that cost much."""
MOST_FOUND = 20_000
"""Of more leads it takes no longer to sort all."""
MOST_AGED = 200
"""Aged leads that are all looked at; of more, those with a high chance."""
LIMITS: Sequence[BindParameter[float]] = [
    bindparam(name, type_=Double()) for name in ("due_since", "back_since", "chance", "aged_chance")
]
DUE_SINCE, BACK_SINCE, CHANCE, AGED_CHANCE = LIMITS
ROUNDING = 1e-9
"""By so much, as a share, may the database's arithmetic differ from ours."""


def find_first(
    connection: Connection,
    wanted: ColumnElement[bool],
    order: Order,
    rules: QueueRules,
    at: float,
    most: int,
    after: QueueCursor | None,
) -> Sequence[Row[Any]]:
    """Up to `most` rows of the queue with their `tier` and `key`, in order, behind the cursor."""
    if order == "cost":
        return _first_by_cost(connection, wanted, rules, at, most, after)
    rows: list[Row[Any]] = []
    for tier, its, key, by in queue_order.tiers(order, rules, AT):
        if after and tier < after.tier:
            continue
        behind = _behind(key, after) if after and tier == after.tier else true()
        question = _with_place(tier, key).where(wanted, its, behind).order_by(*by).limit(most - len(rows))
        rows += connection.execute(question, {"at": at})
        if len(rows) == most:
            break
    return rows


class CostFront:
    """Finds the first `most` of the `wanted` leads by cost. Its questions are made once, for many moments `AT`."""

    def __init__(self, wanted: ColumnElement[bool], rules: QueueRules, most: int) -> None:
        self.wanted, self.key = wanted, queue_order.key("cost", rules, AT)
        self._spans, self._most = queue_order.spans(rules), most
        self._dear = self._ask_dear(rules)
        few, many = queue_order.is_aged(rules, AT), queue_order.is_aged_and_likely(AGED_CHANCE, rules, AT)
        self._near_few_aged, self._near_many_aged = self._ask_near(rules, few), self._ask_near(rules, many)

    def near(self, connection: Connection, at: float) -> ColumnElement[bool] | None:
        """What each of the first ones meets; None where that is not known."""
        dear = connection.execute(self._dear, {"at": at}).all()
        least_cost = (
            -sorted(row.key for row in dear)[self._most - 1] * (1 - ROUNDING) if len(dear) >= self._most else 0.0
        )
        if least_cost <= 0.0:
            return None
        limits = self._limits(least_cost, max(row.probability for row in dear), at)
        near = self._near_many_aged if dear[0].aged > MOST_AGED else self._near_few_aged
        # the ids by themselves: PostgreSQL takes them for more, and would read all leads
        ids = connection.scalars(near, {"at": at, **limits}).all()
        return among(connection, queue.c.lead_id, ids) if len(ids) <= MOST_FOUND else None

    def _ask_dear(self, rules: QueueRules) -> Select[Any]:
        """Some leads that cost much: of the highest chances, aged ones too, and due the latest; how many are aged."""
        c, few = queue.c, DEPTH * self._most
        along: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
            (true(), c.probability),
            (c.promised_by.is_not(None), c.promised_by),
            (c.free_from.between(1.0, AT), c.free_from),
            (queue_order.is_aged_and_likely(0.0, rules, AT), c.probability),
        ]
        some = (
            select(c.lead_id).where(self.wanted, its).order_by(by.desc()).limit(few).subquery() for its, by in along
        )
        found = union(*(select(one) for one in some)).subquery()
        aged = select(c.lead_id).where(self.wanted, queue_order.is_aged(rules, AT)).limit(MOST_AGED + 1).subquery()
        how_many = select(func.count()).select_from(aged).scalar_subquery().label("aged")
        dear = select(c.probability, self.key.label("key"), how_many)
        return dear.join(found, found.c.lead_id == c.lead_id)

    def _ask_near(self, rules: QueueRules, aged: ColumnElement[bool]) -> CompoundSelect[Any]:
        """The leads that meet a condition that any lead must which is not aged and costs as much as `_limits` says.

        Where a lead was promised a time or comes back, the rate is at most two in its target and the time since it was
        due. Of others it is at most two in `oldest`; or two in their target, where that is younger than they are.
        """
        c = queue.c
        conditions = (
            c.promised_by >= DUE_SINCE,
            c.free_from.between(BACK_SINCE, AT),
            c.probability >= CHANCE,
            and_(c.promised_by.is_(None), c.grade.in_([*rules.response_targets]), c.attempts == 0),
            aged,
        )
        return union(*(select(c.lead_id).where(self.wanted, one) for one in conditions)).limit(MOST_FOUND + 1)

    def _limits(self, least_cost: float, highest: float, at: float) -> Mapping[str, float]:
        """What a lead meets if waiting costs it at least so much, and no chance is above `highest`."""
        spans = self._spans
        late = 2.0 * highest / least_cost - min(spans.shortest, spans.retry, spans.oldest)
        since = at - late * (1 + ROUNDING) - 1.0
        return {
            DUE_SINCE.key: since,
            BACK_SINCE.key: max(since, 1.0),
            CHANCE.key: least_cost * spans.oldest / 2.0,
            AGED_CHANCE.key: least_cost * spans.longest / 2.0,
        }


def _first_by_cost(
    connection: Connection,
    wanted: ColumnElement[bool],
    rules: QueueRules,
    at: float,
    most: int,
    after: QueueCursor | None,
) -> Sequence[Row[Any]]:
    behind = and_(wanted, _behind(queue_order.key("cost", rules, AT), after)) if after else wanted
    front = CostFront(behind, rules, most)
    near = front.near(connection, at)
    question = _with_place(WAITING, front.key).where(behind, true() if near is None else near)
    return connection.execute(question.order_by(front.key, queue.c.lead_id).limit(most), {"at": at}).all()


def _behind(key: ColumnElement[Any], after: QueueCursor) -> ColumnElement[bool]:
    return tuple_(key, queue.c.lead_id) > tuple_(literal(after.key), literal(after.lead_id))


def _with_place(tier: int, key: ColumnElement[Any]) -> Any:
    return select(queue, literal(tier).label("tier"), key.label("key"))
