"""Stores filled with leads, their first scores, contacts and outcomes, row by row as the tables hold them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from serving.store import Store, tables

HORIZON = 90


def fill(store: Store, **rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows by the name of their table."""
    with store.database.writing() as connection:
        for name, some in rows.items():
            if some:
                connection.execute(getattr(tables, name).insert(), list(some))


def lead_row(lead_id: str, arrived: datetime, source: str | None = "ads") -> dict[str, Any]:
    times = {"created_at": arrived, "received_at": arrived, "updated_at": arrived}
    return {"lead_id": lead_id, "source": source, "campaign": None, "value": None, "fields": {}, **times}


def score_row(
    lead_id: str, at: datetime, probability: float, horizon_days: int = HORIZON, before: float | None = None
) -> dict[str, Any]:
    ids = {"score_id": f"sc_{lead_id}_{at:%Y%m%d%H%M%S%f}", "lead_id": lead_id, "scored_at": at, "model_version": "1"}
    rank = {"grade": "ABCD"[int(4 * (1 - probability))], "percentile": 50.0, "low": 0.0, "high": 1.0}
    return {**ids, **rank, "horizon_days": horizon_days, "probability": probability, "before": before}


def contact_row(lead_id: str, at: datetime, number: int = 0) -> dict[str, Any]:
    return {"contact_id": f"ct_{lead_id}_{number}", "lead_id": lead_id, "started_at": at, "received_at": at}


def outcome_row(
    lead_id: str, at: datetime | None, reported_at: datetime, status: str = "won", number: int = 0, stands: bool = True
) -> dict[str, Any]:
    times = {"at": at, "reported_at": reported_at, "received_at": reported_at}
    return {"outcome_id": f"oc_{lead_id}_{number}", "lead_id": lead_id, "status": status, "stands": stands, **times}


def perfect_scores(
    store: Store, as_of: datetime, leads: int, logged: float, seed: int, days: int = 364, untried: float = 0.15
) -> None:
    """A company whose scores are true: a lead that is worked wins with its probability, one that is not never.

    Every worked lead was called within two days of its arrival, and a share `logged` of these calls is on record,
    whatever became of the lead. Leads arrive evenly over `days` days. Where contacts are not recorded at all, `logged`
    is 0 and all leads are worked.
    """
    rng = np.random.default_rng(seed)
    ages = np.sort(rng.uniform(0, days, leads))[::-1]
    chance = rng.beta(1.2, 10, leads)
    worked = rng.random(leads) >= (untried if logged else 0.0)
    on_record = worked & (rng.random(leads) < logged)
    won = worked & (rng.random(leads) < chance)
    took = rng.uniform(1, 80, leads)
    rows: dict[str, list[dict[str, Any]]] = {"leads": [], "scores": [], "contacts": [], "outcomes": []}
    for row in range(leads):
        lead_id, arrived = f"L-{row:06d}", as_of - timedelta(days=float(ages[row]))
        rows["leads"].append(lead_row(lead_id, arrived, f"source {rng.integers(4)}"))
        rows["scores"].append(score_row(lead_id, arrived, float(chance[row])))
        called = arrived + timedelta(days=float(rng.uniform(0, min(2, ages[row]))))
        if on_record[row]:
            rows["contacts"].append(contact_row(lead_id, called))
        closed = arrived + timedelta(days=float(took[row]))
        if closed < as_of and (won[row] or rng.random() < 0.5):
            rows["outcomes"].append(outcome_row(lead_id, closed, closed, "won" if won[row] else "lost"))
    fill(store, **rows)
