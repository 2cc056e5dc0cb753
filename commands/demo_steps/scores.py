"""The scores that past leads would have had, given the moment that each arrived."""

from datetime import UTC, date, datetime, time, timedelta

from features.errors import LeadRefused
from serving.operations.leads import LeadOperations
from serving.operations.put_lead import PutLead
from serving.scoring.scorer import REASONS_KEPT
from serving.store import Connection, Store, leads, scoring_backlog
from serving.store.leads import LeadFacts
from serving.store.scores import StoredScore
from serving.store.tables import new_id
from training.model import ScoringModel

TOGETHER = 1_000
WAITING = timedelta(days=4)
"""Leads that arrived since then and are open wait in the queue; older ones were worked or given up."""


def replay_scores(store: Store, operations: LeadOperations, model: ScoringModel, since: date, now: datetime) -> int:
    """Score every lead that arrived since a day, and queue the newest; how many were scored."""
    scored, last = 0, ""
    start = datetime.combine(since, time(), UTC)
    while chunk := store.read_now(scoring_backlog.find_without_score, start, last, TOGETHER):
        puts = [put for facts in chunk if (put := _put(model, facts, now))]
        store.write_now(_keep, operations, puts, now - WAITING)
        scored, last = scored + len(puts), chunk[-1].lead_id
    return scored


def _put(model: ScoringModel, facts: LeadFacts, now: datetime) -> PutLead | None:
    try:
        lead = facts.read_by(model.schema)
    except LeadRefused:
        return None
    return PutLead(facts, lead, model.score(lead, facts.created_at or now, REASONS_KEPT), model)


def _keep(connection: Connection, operations: LeadOperations, puts: list[PutLead], waiting_since: datetime) -> None:
    old = [put for put in puts if put.score.scored_at < waiting_since]
    leads.insert_scores(connection, [(put.facts, StoredScore(new_id("sc"), put.score, None)) for put in old])
    operations.put(connection, [put for put in puts if put.score.scored_at >= waiting_since])
