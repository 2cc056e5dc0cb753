"""The first leads of the queue, found along indexes, are those of all leads sorted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy import delete, select, true, update

from serving.operations.queue_counts import FEW, KEPT_SECONDS, QueueCounts
from serving.queue_rules import ORDERS, QueueCursor, QueueFilter, QueueRules
from serving.settings import Settings
from serving.store import Connection, Store, drawn_rows, queue, queue_claims, queue_front, queue_order, tables
from serving.store.overview import choices
from tests.serving import databases
from tests.serving.crm import NOW

LEADS, PAGE, DAY = 1_500, 20, 86_400.0
EACH = 20
"""Picks by chance for each free lead: that one is never picked, or three times as often, happens once in 10⁷ runs."""
AT = NOW.timestamp()
RULES = Settings().queue_rules
NO_TARGETS = replace(RULES, response_targets={})
SLOW = replace(RULES, response_targets={"A": timedelta(hours=1), "C": timedelta(days=20)}, oldest=timedelta(days=5))

Shares = Mapping[str, float]
MIXED: Shares = {"days": 60, "tried": 0.4, "high": 0.9, "strange": 0.4}
STORES: dict[str, Shares] = {
    "of all kinds": MIXED,
    "nobody tried": {**MIXED, "tried": 0.0},
    "all tried long ago": {**MIXED, "tried": 1.0},
    "none aged": {**MIXED, "days": 20},
    "all of this hour": {**MIXED, "days": 0.05},
    "equal chances": {**MIXED, "high": 0.1001},
}


@pytest.fixture(autouse=True)
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """These leads are many."""
    monkeypatch.setattr(queue_front, "MOST_AGED", 50)


def fill(connection: Connection, made: Shares) -> None:
    rng = np.random.default_rng(3)
    connection.execute(delete(tables.queue))
    connection.execute(tables.queue.insert(), [row(rng, f"L-{number:05}", made) for number in range(LEADS)])


def row(rng: np.random.Generator, lead_id: str, made: Shares) -> dict[str, Any]:
    """A lead as the queue holds it; a share is `strange`, as other rules than the present ones left it."""
    probability = round(float(rng.uniform(0.1, made["high"]) ** 2), 3)  # ties too
    grade = next(grade for grade, least in (("A", 0.4), ("B", 0.2), ("C", 0.05), ("D", 0.0)) if probability >= least)
    arrived = AT - float(rng.uniform(0, made["days"] * DAY))
    tried = rng.random() < made["tried"]
    has_promise = (tried or grade in RULES.response_targets) != (rng.random() < made["strange"])
    promised = arrived + float(rng.uniform(0, 3 * DAY)) if has_promise else None
    return {
        "lead_id": lead_id,
        "probability": probability,
        "expected_value": probability * 100 if rng.random() < 0.5 else None,
        "grade": grade,
        "source": f"source {rng.integers(4)}",
        "model_version": "1",
        "arrived": arrived,
        "promised_by": promised,
        "free_from": (promised or arrived + DAY) if tried else 0.0,
        "attempts": int(tried),
        "agent": f"agent {rng.integers(5)}" if tried else None,
        "claimed_until": AT + 600 if rng.random() < 0.02 else 0.0,
    }


def sorted_ids(connection: Connection, ask: QueueFilter, rules: QueueRules) -> list[str]:
    """The ids of all that wait, by reading and sorting every one."""
    c = tables.queue.c
    wanted = (c.free_from <= AT, queue_order.matches(ask, AT))
    if ask.order == "cost":
        by: list[Any] = [queue_order.key("cost", rules, AT), c.lead_id]
        return list(connection.scalars(select(c.lead_id).where(*wanted).order_by(*by)))
    found: list[str] = []
    for tier in queue_order.tiers(ask.order, rules, AT):
        found += connection.scalars(select(c.lead_id).where(*wanted, tier.its).order_by(tier.key, c.lead_id))
    return found


@pytest.mark.parametrize("made", STORES.values(), ids=STORES.keys())
def test_pages_hold_what_sorting_all_leads_gives(store: Store, made: Shares) -> None:
    store.write_now(fill, made)
    asked = [QueueFilter(order) for order in ORDERS] + [QueueFilter("cost", source="source 1")]
    for ask in asked:
        _compare(store, ask, RULES)
    for rules in (NO_TARGETS, SLOW):
        _compare(store, QueueFilter("cost"), rules)


def _compare(store: Store, ask: QueueFilter, rules: QueueRules) -> None:
    with store.database.reading() as connection:
        expected = sorted_ids(connection, ask, rules)
        found: list[str] = []
        after: QueueCursor | None = None
        for _ in range(4):
            places, after = queue.page(connection, ask, rules, NOW, PAGE, after)
            found += [place.lead_id for place in places]
            if after is None:
                break
        assert found == expected[: len(found)], (ask, rules)
        assert len(found) == min(4 * PAGE, len(expected))
        assert queue.count(connection, ask, NOW)[0] == len(expected)


def test_few_leads_are_looked_at_for_the_first_ones_by_cost(store: Store) -> None:
    store.write_now(fill, {**MIXED, "strange": 0.0})
    with store.database.reading() as connection:
        near = queue_front.CostFront(true(), RULES, 1).near(connection, AT)
        assert near is not None
        looked_at = connection.scalars(select(tables.queue.c.lead_id).where(near)).all()
    assert 1 <= len(looked_at) < LEADS / 4


def test_tried_leads_of_the_highest_chances_do_not_hide_which_aged_ones_come_first(store: Store) -> None:
    """As once agents have called the best: those wait again, for less, and nobody tried the others for long."""
    store.write_now(fill, {**MIXED, "strange": 0.0})
    queued = tables.queue
    with store.database.writing() as connection:
        connection.execute(update(queued).where(queued.c.attempts > 0).values(probability=0.99))
        near = queue_front.CostFront(true(), RULES, 1).near(connection, AT)
        assert near is not None
        looked_at = connection.scalars(select(queued.c.lead_id).where(near)).all()
    assert 1 <= len(looked_at) < LEADS / 10


def test_the_next_claims_are_those_of_all_leads_sorted(store: Store) -> None:
    store.write_now(fill, MIXED)
    ask = QueueFilter("cost")
    with store.database.writing() as connection:
        held = {one.lead_id for one in queue.find_all_claimed(connection, NOW)}
        expected = [lead_id for lead_id in sorted_ids(connection, ask, RULES) if lead_id not in held]
        made = [queue_claims.claim_next(connection, "ann", ask, RULES, NOW, at_random=False) for _ in range(60)]
        assert [claim.lead_id for claim in made if claim] == expected[:60]
        assert made[0] is not None
        found = queue.find_claim(connection, made[0].claim_id)
        assert found is not None
        assert found.lead_id == expected[0]
        assert queue_claims.release(connection, made[0].claim_id, NOW)
        assert queue.find_claim(connection, made[0].claim_id) is None


def test_leads_that_another_process_is_claiming_are_passed_over(postgresql: str) -> None:
    with databases.new_store(databases.new_database(postgresql)) as store:
        _claim_at_once(store)


def _claim_at_once(store: Store) -> None:
    store.write_now(fill, {**MIXED, "days": 0.05})
    ask = QueueFilter("cost")
    other = Store(store.database.url.render_as_string(hide_password=False))

    def claim(connection: Connection, agent: str) -> str:
        made = queue_claims.claim_next(connection, agent, ask, RULES, NOW, at_random=False)
        assert made is not None
        return made.lead_id

    with store.database.writing() as connection:
        first = {claim(connection, "ann") for _ in range(queue_claims.SPARE + 5)}
        second = other.write_now(claim, "bob")
    other.database.close()
    assert second not in first


def test_choices_are_the_values_that_there_are(store: Store) -> None:
    store.write_now(fill, MIXED)
    found = store.read_now(choices)
    assert found.sources == tuple(f"source {number}" for number in range(4))
    assert found.agents == tuple(f"agent {number}" for number in range(5))
    store.write_now(lambda connection: connection.execute(delete(tables.queue)))
    assert store.read_now(choices).sources == ()


def test_many_leads_are_counted_every_few_seconds_and_few_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, at, answers = [], [0.0], [FEW, FEW + 1, FEW + 2, FEW + 3]

    def count(*_: object) -> tuple[int, int]:
        counted.append(at[0])
        return answers[len(counted) - 1], 0

    monkeypatch.setattr(queue, "count", count)
    counts = QueueCounts(lambda: at[0])

    def find() -> int:
        return counts.find(cast(Connection, None), QueueFilter(), NOW)[0]

    assert [find(), find(), find()] == [FEW, FEW + 1, FEW + 1]
    at[0] = KEPT_SECONDS + 1
    assert find() == FEW + 2


def test_every_free_lead_is_as_likely_to_be_picked_by_chance(store: Store) -> None:
    store.write_now(fill, MIXED)
    with store.database.writing() as connection:
        few = sorted(connection.scalars(select(tables.queue.c.lead_id)))[::100]
        connection.execute(delete(tables.queue).where(tables.queue.c.lead_id.not_in(few)))
        free = set(connection.scalars(select(tables.queue.c.lead_id).where(queue_order.is_free(AT))))
        picked = Counter(_picked(connection, RULES) for _ in range(EACH * len(free)))
    assert set(picked) == free
    assert max(picked.values()) < 3 * EACH


def test_of_many_leads_a_pick_by_chance_reads_few(store: Store) -> None:
    store.write_now(fill, MIXED)
    aimed = replace(RULES, random_sources=("source 1", "source 2"))
    with store.database.reading() as connection:
        drawn, *_ = queue_order.by_chance(queue_order.is_free(AT), aimed)
        asked = select(tables.queue.c.source).where(drawn[0])
        found = [connection.scalars(asked).all() for _ in range(20)]
    assert max(map(len, found)) <= drawn_rows.DRAWS
    assert {source for one in found for source in one} == {*aimed.random_sources}, "a few draws may miss one"


def test_the_last_lead_is_found_by_chance(store: Store) -> None:
    store.write_now(fill, MIXED)
    with store.database.writing() as connection:
        connection.execute(delete(tables.queue).where(tables.queue.c.lead_id != "L-01400"))
        connection.execute(update(tables.queue).values(claimed_until=0.0, free_from=0.0))
        assert {_picked(connection, RULES) for _ in range(5)} == {"L-01400"}


def _picked(connection: Connection, rules: QueueRules) -> str | None:
    """A lead that was picked by chance and given back."""
    with connection.begin_nested() as nested:
        claim = queue_claims.claim_next(connection, "ann", QueueFilter("cost"), rules, NOW, at_random=True)
        nested.rollback()
    return claim.lead_id if claim else None


def test_the_next_claim_is_that_of_its_own_rules_whatever_was_asked_before(store: Store) -> None:
    store.write_now(fill, MIXED)
    ask = QueueFilter("cost")
    for rules in (RULES, NO_TARGETS, SLOW, RULES):
        with store.database.writing() as connection:
            claim = queue_claims.claim_next(connection, "ann", ask, rules, NOW, at_random=False)
            queue_claims.release(connection, claim.claim_id, NOW)
            free = connection.scalars(select(tables.queue.c.lead_id).where(queue_order.is_free(AT))).all()
            assert claim.lead_id == next(one for one in sorted_ids(connection, ask, rules) if one in free)
