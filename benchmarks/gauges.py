"""What the metrics ask of a store of a million leads, rows in no order: seconds on either database.

The store is filled first, which takes minutes; `--database` names an empty one on a server, and a full one is asked
again. Without it a SQLite file is made and removed.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, func, select, text

from serving.migrations import prepare
from serving.store import Store, gauges, tables
from serving.store.calibration_cohort import CohortWindow
from serving.store.database import Database

DAYS, HORIZON, AT_ONCE, RUNS = 540, 90, 20_000, 3
SOURCES = ("Search Ads", "Social Ads", "Organic Search", "Cold List", "Partner")
FIELDS = {"industry": "Software", "job_title": "Head of Marketing", "email": "name@example.com", "note": 20 * "a word "}
REASONS = [{"field": f"field {number}", "part": 0.1, "words": "Asked for a demo"} for number in range(12)]


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--leads", type=int, default=1_000_000)
    asked.add_argument("--database", help="a URL, as in LEADS_DATABASE_URL")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(given.database or f"sqlite:///{Path(scratch) / 'leads.db'}")
        prepare(store.database)
        with store.database.reading() as connection:
            is_empty = not connection.scalar(select(func.count()).select_from(tables.leads))
        if is_empty:
            fill(store.database, given.leads)
        for run in range(RUNS):
            whole, longest = ask(store)
            print(f"run {run + 1}: {whole:.1f} s of questions, the longest {longest:.1f} s", flush=True)
        store.database.close()


def fill(database: Database, leads: int) -> None:
    """Leads of 540 days, nine in ten of them called, with scores, contacts and outcomes, in no order of time or id."""
    rng, now = np.random.default_rng(1), datetime.now(UTC).replace(microsecond=0)
    for start in range(0, leads, AT_ONCE):
        made = [rows_of_lead(rng, now) for _ in range(min(AT_ONCE, leads - start))]
        with database.writing() as connection:
            for name in ("leads", "scores", "contacts", "outcomes"):
                rows = [row for one in made for row in one[name]]
                connection.execute(tables.metadata.tables[name].insert(), rows)
    with database.writing() as connection:
        connection.execute(text("ANALYZE"))


def rows_of_lead(rng: np.random.Generator, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The rows of one lead by their table."""
    lead_id, arrived = f"00Q{rng.bytes(8).hex()}", now - timedelta(days=rng.uniform(0, DAYS))
    chance, closed = rng.beta(1.2, 9), arrived + timedelta(days=rng.exponential(30))
    source = SOURCES[rng.integers(len(SOURCES))]
    seen = {"created_at": arrived, "received_at": arrived, "updated_at": arrived, "fields": FIELDS}
    rank = {"grade": "ABCD"[int(4 * (1 - chance))], "percentile": 50.0, "low": 0.0, "high": 1.0, "reasons": REASONS}
    score = {"score_id": f"score_{lead_id}", "scored_at": arrived, "model_version": "1", "horizon_days": HORIZON}
    times = {"at": closed, "reported_at": closed, "received_at": closed}
    outcome = {"outcome_id": f"outcome_{lead_id}", "status": "won" if rng.random() < chance else "lost", "stands": True}
    calls = rng.random() < 0.9 and 1 + rng.poisson(1.2)
    called = (arrived + timedelta(hours=4.0 + 60 * number) for number in range(calls))
    return {
        "leads": [{"lead_id": lead_id, "source": source, **seen}],
        "scores": [{"lead_id": lead_id, "probability": chance, **rank, **score}],
        "contacts": [
            {"contact_id": f"contact_{lead_id}_{number}", "lead_id": lead_id, "started_at": at, "received_at": at}
            for number, at in enumerate(called)
            if at < now
        ],
        "outcomes": [{"lead_id": lead_id, **outcome, **times}] if closed < now else [],
    }


def ask(store: Store) -> tuple[float, float]:
    """Seconds of all that one scrape asks, and of its longest question; PostgreSQL gives up one of five."""
    now, began, took = datetime.now(UTC), [0.0], [0.0]

    @event.listens_for(store.database.readers, "before_cursor_execute")
    def begin(*_: Any) -> None:
        began[0] = time.perf_counter()

    @event.listens_for(store.database.readers, "after_cursor_execute")
    def end(*_: Any) -> None:
        took.append(time.perf_counter() - began[0])

    store.read_now(gauges.counts, "1", now)
    store.read_now(gauges.feedback, CohortWindow.lately(HORIZON, now))
    return sum(took), max(took)


if __name__ == "__main__":
    main()
