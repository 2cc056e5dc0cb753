"""An import costs a few times what `executemany` of the same rows costs; decision 33 says how many."""

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.million import insert
from features.tables.import_tables import open_tables
from serving.operations.import_history import import_tables
from serving.operations.leads import LeadOperations
from serving.settings import Settings
from serving.store.outbox import NOBODY
from tests.serving.databases import new_file_store, new_store

MOST = 10
"""Row by row it was thirteen times."""
LEADS, ROUNDS = 5_000, 3


def company(folder: Path) -> Path:
    """Tables of about as many columns and contacts as those of the benchmark."""
    folder.mkdir()
    leads = range(LEADS)
    header = "lead_id,created_at,source,campaign," + ",".join(f"field_{place}" for place in range(12)) + ",phone"
    fields = ",".join(["Consulting", "64", "6936000", "Germany", "Team Lead", "a.b@c.example"] * 2)
    rows = [f"L-{n:07},2026-01-01T{n % 24:02}:{n % 60:02}:00Z,Ads {n % 9},c{n % 30},{fields},+49 30 {n}" for n in leads]
    (folder / "leads.csv").write_text("\n".join([header, *rows]) + "\n")
    tried = [
        f"L-{n:07},2026-02-{day:02}T{n % 24:02}:{n % 60:02}:{n % 59:02}Z,Ann {n % 20},phone,outbound,True,{n % 700}"
        for n in leads
        for day in (1, 2, 3)
    ]
    header = "lead_id,started_at,agent,channel,direction,connected,duration_s"
    (folder / "contacts.csv").write_text("\n".join([header, *tried]) + "\n")
    closed = [f"L-{n:07},2026-03-01T{n % 24:02}:00:00Z,{'won' if n % 4 else 'lost'},{n}.5," for n in leads]
    (folder / "outcomes.csv").write_text("\n".join(["lead_id,at,status,value,reason", *closed]) + "\n")
    return folder


def processor_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.fixture
def _no_garbage() -> object:
    """The collector would look through all that other tests have loaded."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_garbage")
def test_an_import_costs_at_most_some_times_what_executemany_does(tmp_path: Path) -> None:
    tables, operations = company(tmp_path / "company"), LeadOperations(Settings().queue_rules, NOBODY)

    def bring(folder: Path) -> float:
        folder.mkdir()
        with new_store(new_file_store(folder)) as store:
            found = open_tables(tables, None)
            now = datetime(2026, 11, 29, tzinfo=UTC)
            return processor_seconds(lambda: [*import_tables(store, found, operations, lambda: now, lambda *_: None)])

    rounds = [(processor_seconds(lambda: insert(tables)), bring(tmp_path / str(one))) for one in range(ROUNDS)]
    limit, ours = (min(times) for times in zip(*rounds, strict=True))
    assert ours <= MOST * limit, f"{ours / limit:.1f} times"
