"""Leads of the past that still may be won: scored by a model and put into the queue, a chunk a commit."""

from collections.abc import Callable
from datetime import datetime, timedelta

from features.errors import LeadRefused
from serving.operations.leads import LeadOperations
from serving.operations.put_lead import Put, PutLead
from serving.scoring.scorer import REASONS_KEPT
from serving.store import Store, scoring_backlog
from serving.store.leads import LeadFacts
from training.model import ScoringModel

TOGETHER = 1_000


def score_open_leads(
    store: Store,
    operations: LeadOperations,
    model: ScoringModel,
    clock: Callable[[], datetime],
    tell: Callable[[str, float], None],
) -> tuple[int, int]:
    """Score and queue every open lead within its horizon that has no score.

    How many were queued, and how many the model does not take.
    """
    since = clock() - timedelta(days=model.horizon_days)
    total = store.read_now(scoring_backlog.count_unscored, since)
    queued, refused, last = 0, 0, ""
    while chunk := store.read_now(scoring_backlog.find_unscored, since, last, TOGETHER):
        puts = [put for facts in chunk if (put := _score(model, facts, clock()))]
        stored = store.write_now(operations.put, puts)
        queued += sum(isinstance(one, Put) for one in stored)  # the service may have scored one meanwhile
        refused += len(chunk) - len(puts)
        last = chunk[-1].lead_id
        tell("scoring open leads", (queued + refused) / total)
    return queued, refused


def _score(model: ScoringModel, facts: LeadFacts, now: datetime) -> PutLead | None:
    try:
        lead = facts.read_by(model.schema)
    except LeadRefused:
        return None
    return PutLead(facts, lead, model.score(lead, now, REASONS_KEPT), model)
