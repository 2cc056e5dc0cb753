"""Leads with click ids and scores, put straight into a store."""

from datetime import datetime, timedelta

from serving.store import Store, leads
from serving.store.leads import LeadFacts
from serving.store.scores import StoredScore
from serving.store.tables import new_id
from tests.connectors.ads.leads import FIELDS, NOW
from training.model import Score


def add_leads(
    store: Store, number: int, source: str = "Google", arrived: datetime = NOW - timedelta(days=1)
) -> list[str]:
    facts = [
        LeadFacts(
            f"{source}-{i}", arrived + timedelta(minutes=i), source, "brand", None, {**FIELDS, "gclid": f"Cj0KC{i}"}
        )
        for i in range(number)
    ]

    def put(connection) -> None:
        leads.insert(connection, [(one, one.created_at) for one in facts])
        leads.insert_scores(connection, [(one, score_of(one)) for one in facts])

    store.write_now(put)
    return [one.lead_id for one in facts]


def score_of(one: LeadFacts) -> StoredScore:
    given = Score(
        lead_id=one.lead_id, probability=0.2, grade="C", percentile=0.5, interval=(0.1, 0.3), reasons=(),
        horizon_days=30, model_version="1", scored_at=one.created_at, warnings=(),
    )  # fmt: skip
    return StoredScore(new_id("sc"), given, None)
