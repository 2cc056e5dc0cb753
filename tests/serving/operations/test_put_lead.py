"""A put is scored before its transaction and compared inside it: no model holds up those who write."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from serving.operations.leads import LeadOperations
from serving.operations.put_lead import NotCompared, Put, PutLead
from serving.settings import Settings
from serving.store import Store
from serving.store.leads import LeadFacts
from serving.store.outbox import NOBODY
from serving.store.scores import find_scores
from tests.serving.crm import NOW, Crm
from training.model import ScoringModel

OPERATIONS = LeadOperations(Settings().queue_rules, NOBODY)


@pytest.fixture
def store(store: Store) -> Iterator[Store]:
    with store.running():
        yield store


def put(model: ScoringModel, age: int) -> PutLead:
    """Lead L-1 at an age, scored."""
    lead = model.schema.parse("L-1", {"age": age})
    facts = LeadFacts("L-1", None, None, None, None, {"age": age})
    return PutLead(facts, lead, model.score(lead, NOW), model)


def test_no_model_runs_in_the_writers_thread(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    score = ScoringModel.score

    def observed(self: ScoringModel, *given: Any) -> object:
        threads.append(threading.current_thread().name)
        return score(self, *given)

    monkeypatch.setattr(ScoringModel, "score", observed)

    crm.put("L-1", fields={"age": 30})
    crm.put("L-1", fields={"age": 70})
    crm.client.patch("/v1/leads/L-1", json={"fields": {"age": 50}})

    assert len(threads) == 1 + 2 + 2  # a change also scores the lead as it was
    assert "store-writer" not in threads


def test_a_change_is_not_stored_before_it_is_compared_with_what_stands(store: Store, model: ScoringModel) -> None:
    store.write_now(OPERATIONS.put, [put(model, 30)])
    first = put(model, 30).facts

    assert store.write_now(OPERATIONS.put, [put(model, 50)]) == [NotCompared(first)]
    (stored,) = store.write_now(OPERATIONS.put, [put(model, 50).compare(first)])
    (late,) = store.write_now(OPERATIONS.put, [put(model, 70).compare(first)])

    assert isinstance(stored, Put)
    assert late == NotCompared(put(model, 50).facts), "another put came between"


def test_puts_that_come_together_are_compared_one_after_the_other(store: Store, model: ScoringModel) -> None:
    store.write_now(OPERATIONS.put, [put(model, 20)])

    async def all_at_once() -> list[Put]:
        return await asyncio.gather(*(OPERATIONS.put_when_compared(store, put(model, age)) for age in range(30, 60)))

    assert not any(one.created for one in asyncio.run(all_at_once()))

    newest, *older = store.read_now(find_scores, "L-1")
    assert len(older) == 30
    for now, before in zip([newest, *older], older, strict=False):
        assert now.change is not None
        assert now.change.before.probability == before.score.probability
        if now.change.lead_part is not None and now.change.model_part is not None:
            parts = now.change.model_part + now.change.lead_part
            assert parts == pytest.approx(now.score.probability - before.score.probability)


def test_a_put_that_others_forestall_for_ever_is_stored_with_unknown_parts(store: Store, model: ScoringModel) -> None:
    store.write_now(OPERATIONS.put, [put(model, 30)])

    (stored,) = store.write_now(OPERATIONS.put, [replace(put(model, 50), is_last_try=True)])

    assert isinstance(stored, Put)
    change = store.read_now(find_scores, "L-1")[0].change
    assert change is not None
    assert (change.model_part, change.lead_part) == (None, None)
