"""Imported leads that still may be won can be brought into the queue."""

from datetime import UTC, datetime, timedelta

from features.tables.fact_batches import batch_of
from serving.migrations import prepare
from serving.operations.leads import LeadOperations
from serving.operations.score_imported import score_open_leads
from serving.queue_rules import QueueFilter
from serving.settings import Settings
from serving.store import Store, queue
from serving.store.history.imported_rows import put_leads
from serving.store.outbox import NOBODY
from serving.store.outcomes import OutcomeReport
from training.model import ScoringModel

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_open_leads_are_scored_and_queued_and_closed_ones_are_not(database_url: str, model: ScoringModel) -> None:
    store, rules = Store(database_url), Settings().queue_rules
    prepare(store.database)
    lead_operations = LeadOperations(rules, NOBODY)
    old = _fact("too old") | {"created_at": NOW - timedelta(days=91)}
    facts = [old, _fact("open"), _fact("withdrawn"), _fact("lost"), _fact("strange", age="not a number")]
    store.write_now(put_leads, batch_of(facts, range(5)), NOW)
    for lead_id, statuses in {"lost": ["lost"], "withdrawn": ["won", "open"]}.items():
        for status in statuses:
            store.write_now(lead_operations.report_outcome, OutcomeReport(lead_id, status, NOW, None, None, NOW), NOW)  # type: ignore[arg-type]

    assert score_open_leads(store, lead_operations, model, lambda: NOW, untold) == (2, 1)
    assert score_open_leads(store, lead_operations, model, lambda: NOW, untold) == (0, 1)

    places, _ = store.read_now(queue.page, QueueFilter(), rules, NOW, 10, None)
    assert {place.lead_id for place in places} == {"open", "withdrawn"}
    store.database.close()


def untold(what: str, share: float) -> None:
    """No bar."""


def _fact(lead_id: str, **fields: object) -> dict:
    return {
        "lead_id": lead_id,
        "created_at": NOW,
        "source": "search",
        "campaign": None,
        "value": None,
        "fields": fields,
    }
