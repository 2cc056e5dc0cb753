"""What Prometheus reads: true sums, gauges of the moment, and no person in any label."""

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import httpx2
import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Table

from serving.health import StoreHealth
from serving.metrics.counters import Counters, shared_by
from serving.metrics.gauges import Gauges, by_source, metrics_page
from serving.metrics.shared import Shared
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from serving.store import Store, StoreUnavailable, crm_notices, gauges, keys, tables
from serving.store.calibration_cohort import CohortWindow
from serving.store.connection_errors import DISK_FULL
from serving.store.crm_notices import StoredNotice
from serving.store.gauges import Calibration
from serving.store.outbox import LeadClaimed, Outbox
from tests.serving.conftest import wait_until
from tests.serving.live import Live, live
from tests.serving.metrics.counting import count_and_die, show
from tests.serving.models import LEAD, Models
from training.model import ScoringModel

ROOT = Path(__file__).parents[3]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
WINDOW = CohortWindow.lately(30, NOW)
PROMTOOL = shutil.which("promtool")

Samples = dict[str, float]


@pytest.fixture
def ready(start: Callable[[Models], TestClient], model: ScoringModel) -> TestClient:
    client = start(Models(model))
    wait_until(lambda: client.get("/readyz").status_code == 200)
    return client


def samples(text: str) -> Samples:
    """Every sample by its name and labels, as they are written."""
    families = text_string_to_metric_families(text)
    return {_name(sample.name, sample.labels): sample.value for family in families for sample in family.samples}


def _name(name: str, labels: dict[str, str]) -> str:
    return name + ("{" + ",".join(f"{key}={value}" for key, value in sorted(labels.items())) + "}" if labels else "")


def metrics(client: TestClient) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples(answer.text)


def scored(
    store: Store,
    lead_id: str,
    probability: float,
    days_ago: float,
    source: str | None = "ads",
    won_after: float | None = None,
    status: str = "won",
    horizon_days: int = 30,
) -> None:
    """Store a lead, its first score and perhaps its outcome, as of `NOW`."""
    arrived = NOW - timedelta(days=days_ago)
    lead = {"lead_id": lead_id, "created_at": arrived, "received_at": NOW, "updated_at": NOW, "source": source}
    score = {"score_id": f"sc_{lead_id}", "lead_id": lead_id, "scored_at": arrived, "model_version": "1"}
    rank = {
        "horizon_days": horizon_days,
        "probability": probability,
        "grade": "B",
        "percentile": 50,
        "low": 0.1,
        "high": 0.3,
    }
    rows = [(tables.leads, lead | {"fields": {}}), (tables.scores, score | rank | {"reasons": [], "warnings": []})]
    if won_after is not None:
        at = arrived + timedelta(days=won_after)
        said = {"outcome_id": f"o_{lead_id}", "lead_id": lead_id, "status": status, "at": at, "stands": True}
        rows.append((tables.outcomes, said | {"reported_at": at, "received_at": NOW}))
    insert(store, rows)


def insert(store: Store, rows: list[tuple[Table, dict]]) -> None:
    with store.database.writing() as connection:
        for table, row in rows:
            connection.execute(table.insert(), row)


# What is counted


def test_requests_are_counted_by_template_method_and_code(ready: TestClient) -> None:
    ready.post("/v1/score", json=LEAD)
    ready.post("/v1/score", json=LEAD)
    ready.post("/v1/score", content=b"{")
    ready.put("/v1/leads/ann@example.com", json={"fields": {}})
    counted = metrics(ready)
    assert counted["leads_requests_total{code=200,method=POST,route=/v1/score}"] == 2
    assert counted["leads_requests_total{code=415,method=POST,route=/v1/score}"] == 1
    assert counted["leads_requests_total{code=201,method=PUT,route=/v1/leads/{lead_id}}"] == 1
    assert counted["leads_request_duration_seconds_count{route=/v1/score}"] == 3
    assert counted["leads_request_duration_seconds_bucket{le=+Inf,route=/v1/score}"] == 3


def test_paths_and_methods_that_clients_make_up_are_counted_together(ready: TestClient) -> None:
    for name in ("ann@example.com", "bob@example.com"):
        ready.get(f"/{name}")
        ready.request(name.split("@")[0].upper(), "/healthz")
    counted = metrics(ready)
    assert counted["leads_requests_total{code=404,method=GET,route=none}"] == 2
    assert counted["leads_requests_total{code=405,method=other,route=/healthz}"] == 2


def test_a_fault_of_ours_is_counted_as_a_500(ready: TestClient) -> None:
    ready.app.state.service.scorer._clock = _fail  # type: ignore[attr-defined]
    assert ready.post("/v1/score", json=LEAD).status_code == 500
    assert metrics(ready)["leads_requests_total{code=500,method=POST,route=/v1/score}"] == 1


def _fail() -> None:
    raise ValueError


def test_the_scores_given_are_counted_by_their_probability(ready: TestClient) -> None:
    batch = [LEAD, {**LEAD, "lead_id": "L-2"}, {"lead_id": ""}]
    answers = [
        ready.post("/v1/score", json=LEAD).json(),
        *ready.post("/v1/score/batch", json={"leads": batch}).json()["results"][:2],
        ready.put("/v1/leads/L-1", json=LEAD).json(),
    ]
    counted = metrics(ready)
    assert counted["leads_score_probability_count"] == 4
    assert counted["leads_score_probability_sum"] == pytest.approx(sum(answer["probability"] for answer in answers))


def test_commits_and_their_operations_are_counted(ready: TestClient) -> None:
    before = metrics(ready)
    for number in range(3):
        ready.put(f"/v1/leads/L-{number}", json={"fields": {}})
    after = metrics(ready)
    for name in ("leads_store_operations_total", "leads_store_commits_total"):
        assert after[name] - before[name] == 3


# What is looked up


def test_the_model_that_scores_is_named(ready: TestClient) -> None:
    shown = metrics(ready)
    assert shown["leads_model_info{candidate=trees,version=1}"] == 1
    assert shown["leads_registry_reachable"] == 1


def test_a_registry_out_of_reach_is_shown(start: Callable[[Models], TestClient], model: ScoringModel) -> None:
    models = Models(model)
    client = start(models)
    wait_until(lambda: metrics(client)["leads_registry_reachable"] == 1)
    models.trouble = OSError("gone")
    wait_until(lambda: metrics(client)["leads_registry_reachable"] == 0)
    models.trouble = None
    wait_until(lambda: metrics(client)["leads_registry_reachable"] == 1)


def test_before_there_is_a_model_none_is_named(start: Callable[[Models], TestClient]) -> None:
    shown = metrics(start(Models()))
    assert not [name for name in shown if name.startswith("leads_model_info")]
    assert "leads_rescore_remaining" not in shown


def test_the_queue_and_the_outbox_are_counted(store: Store) -> None:
    for number, (version, promised) in enumerate([("1", -60), ("1", 60), ("2", None)]):
        place = {"lead_id": f"L-{number}", "probability": 0.2, "grade": "B", "model_version": version, "attempts": 0}
        times = {"arrived": 0, "free_from": 0, "claimed_until": 0}
        due = None if promised is None else NOW.timestamp() + promised
        insert(store, [(tables.queue, place | times | {"promised_by": due})])
    store.write_now(Outbox(on=True).add, [LeadClaimed("L-1", "Ann", NOW, "cl_1")] * 2, NOW)
    counts = store.read_now(gauges.counts, "2", NOW)
    assert (counts.waiting, counts.overdue, counts.rescore_remaining) == (3, 1, 2)
    assert counts.events == {"waiting": 2}
    assert store.read_now(gauges.counts, None, NOW).rescore_remaining is None


def test_what_was_promised_at_first_sight_is_held_against_what_was_delivered_in_time(store: Store) -> None:
    scored(store, "won", 0.5, days_ago=40, won_after=10)
    scored(store, "won too late", 0.25, days_ago=40, won_after=31)
    scored(store, "won, nobody knows when", 0.25, days_ago=40, won_after=10)
    with store.database.writing() as connection:
        nobody_knows = tables.outcomes.c.lead_id == "won, nobody knows when"
        connection.execute(tables.outcomes.update().where(nobody_knows).values(at=None))
    scored(store, "lost", 0.25, days_ago=40, won_after=10, status="lost")
    scored(store, "silent", 0.25, days_ago=119)
    scored(store, "too young", 1.0, days_ago=29, won_after=1)
    scored(store, "long ago", 1.0, days_ago=121, won_after=1)
    scored(store, "without a source", 0.125, days_ago=40, source=None)
    found = store.read_now(gauges.feedback, WINDOW)
    assert found.calibrations == (Calibration("ads", 5, 1.5, 2), Calibration(None, 1, 0.125, 0))


def test_only_the_first_score_was_a_promise(store: Store) -> None:
    scored(store, "L-1", 0.5, days_ago=40)
    again = {"score_id": "sc_later", "lead_id": "L-1", "scored_at": NOW, "model_version": "2", "horizon_days": 30}
    rank = {"probability": 0.9, "grade": "A", "percentile": 50, "low": 0.1, "high": 0.3, "before": 0.5}
    insert(store, [(tables.scores, again | rank | {"reasons": [], "warnings": []})])
    assert store.read_now(gauges.feedback, WINDOW).calibrations == (Calibration("ads", 1, 0.5, 0),)


def test_where_contacts_are_known_a_lead_that_nobody_tried_breaks_no_promise(store: Store) -> None:
    for lead_id in ("tried", "not tried"):
        scored(store, lead_id, 0.5, days_ago=40)
    scored(store, "won without a word", 0.5, days_ago=40, won_after=2)
    called = NOW - timedelta(days=39)
    contact = {"contact_id": "ct_1", "lead_id": "tried", "started_at": called, "received_at": NOW}
    insert(store, [(tables.contacts, contact)])
    found = store.read_now(gauges.feedback, WINDOW)
    assert found.calibrations == (Calibration("ads", 1, 0.5, 0),)
    assert found.log is not None


def test_the_share_of_the_calls_that_is_logged_is_a_gauge(store: Store, model: ScoringModel) -> None:
    for number in range(10):
        scored(store, f"L-{number}", 0.2, days_ago=40, won_after=5)
        contact = {"contact_id": f"ct_{number}", "lead_id": f"L-{number}", "started_at": NOW - timedelta(days=40)}
        insert(store, [(tables.contacts, contact | {"received_at": NOW})] if number < 7 else [])
    shown = samples(metrics_page(Counters(), gauges_of(model, store))().decode())
    assert shown["leads_contacts_logged_ratio"] == 0.7


def test_the_newest_outcome_is_the_one_reported_last(store: Store) -> None:
    assert store.read_now(gauges.feedback, WINDOW).newest_outcome is None
    scored(store, "L-1", 0.5, days_ago=40, won_after=10)
    scored(store, "L-2", 0.5, days_ago=40, won_after=12.5)
    assert store.read_now(gauges.feedback, WINDOW).newest_outcome == NOW - timedelta(days=27.5)


def test_sources_that_are_small_many_or_a_persons_are_shown_together() -> None:
    many = [Calibration(f"source {number}", 100 - number, 10.0, 5) for number in range(22)]
    one_person, small, unknown = (
        Calibration(*row) for row in [("ann@x.example", 90, 9.0, 9), ("s", 19, 1.0, 1), (None, 99, 2.0, 1)]
    )
    shown = by_source([unknown, one_person, *many, small])
    assert [one.source for one in shown] == ["(none)", *(f"source {number}" for number in range(19)), "(rest)"]
    assert shown[-1] == Calibration("(rest)", 90 + 81 + 80 + 79 + 19, 9.0 + 30.0 + 1.0, 9 + 15 + 1)
    assert by_source([small]) == []


def test_what_came_back_is_looked_up_once_a_minute(store: Store, model: ScoringModel) -> None:
    at = [NOW]
    page = metrics_page(Counters(), gauges_of(model, store, lambda: at[0], seconds=lambda: at[0].timestamp()))
    assert "leads_newest_outcome_age_seconds" not in samples(page().decode())
    scored(store, "L-1", 0.5, days_ago=40, won_after=10)
    at[0] += timedelta(seconds=59)
    assert "leads_newest_outcome_age_seconds" not in samples(page().decode())
    at[0] += timedelta(minutes=5)
    assert samples(page().decode())["leads_newest_outcome_age_seconds"] == 30 * 86_400 + 359


class Away(Store):
    """A store whose database is gone."""

    def __init__(self) -> None: ...

    def read_now(self, *_: object) -> NoReturn:  # type: ignore[override]
        raise StoreUnavailable


def test_while_the_database_is_down_the_rest_is_shown(model: ScoringModel) -> None:
    shown = samples(metrics_page(Counters(), gauges_of(model, Away()))().decode())
    assert shown["leads_store_up"] == 0
    assert shown["leads_model_info{candidate=trees,version=1}"] == 1
    assert shown["leads_store_commits_total"] == 0
    assert not [name for name in shown if name.startswith(("leads_queue", "leads_webhooks", "leads_calibration"))]


def gauges_of(
    model: ScoringModel,
    store: Store,
    clock: Callable[[], datetime] = lambda: NOW,
    running: Callable[[], int | None] = lambda: None,
    trouble: str | None = None,
    seconds: Callable[[], float] = time.monotonic,
) -> Gauges:
    return Gauges(scorer_of(model), store, clock, StoreHealth(lambda: trouble), running, seconds)


def scorer_of(model: ScoringModel) -> Scorer:
    scorer = Scorer(Models(model), Settings(), lambda: NOW)
    scorer.refresh()
    return scorer


# The page


@pytest.fixture
def full(store: Store, model: ScoringModel) -> str:
    """The page with every metric on it."""
    for number in range(20):
        scored(store, f"L-{number}", 0.2, days_ago=100, won_after=number, horizon_days=model.horizon_days)
    contact = {"contact_id": "ct_1", "lead_id": "L-1", "started_at": NOW - timedelta(days=9), "received_at": NOW}
    insert(store, [(tables.contacts, contact)])
    scored(store, "later", 0.2, days_ago=8, won_after=1)
    store.write_now(crm_notices.add, [StoredNotice("hubspot", "L-1", "1", "changed", None, None, None, NOW)])
    counters = Counters()
    counters.answered("/v1/score", "POST", 200, 0.001)
    return metrics_page(counters, gauges_of(model, store, running=lambda: 2, trouble=DISK_FULL))().decode()


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: apt-get install prometheus)")
def test_promtool_finds_nothing_to_complain_of(full: str) -> None:
    checked = subprocess.run([str(PROMTOOL), "check", "metrics"], input=full, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_every_metric_is_documented_with_its_type_and_labels(full: str) -> None:
    documented = re.findall(r"^\| `(leads_\w+)` \| (\w+) \| ([\w, ]*) \|", OPERATIONS, re.MULTILINE)
    shown = set()
    for family in text_string_to_metric_families(full):
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        name = family.name + ("_total" if family.type == "counter" else "")
        shown.add((name, family.type, ", ".join(sorted(labels))))
    assert {(name, kind, ", ".join(sorted(labels.split(", ")))) for name, kind, labels in documented} == shown


def test_every_setting_of_the_webhook_is_documented() -> None:
    settings = {f"LEADS_{name.upper()}" for name in Settings.model_fields if name.startswith("webhook")}
    assert settings
    assert settings <= set(re.findall(r"^\| `(LEADS_\w+)` \|", OPERATIONS, re.MULTILINE))


def test_with_a_key_in_use_metrics_want_one(ready: TestClient) -> None:
    store: Store = ready.app.state.service.store  # type: ignore[attr-defined]
    key = store.write_now(keys.create, "prometheus", "report", NOW)
    answers = [ready.get("/metrics", headers=headers) for headers in ({}, {"authorization": f"Bearer {key}"})]
    assert [answer.status_code for answer in answers] == [401, 200]


# Many workers

SPAWN = multiprocessing.get_context("spawn")


def shown_by_another(shared: Shared) -> Samples:
    """What a process that counted nothing itself shows."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=show, args=(shared, there))
    process.start()
    assert here.poll(60)
    text = here.recv()
    process.join()
    return samples(text)


def test_what_workers_counted_is_added_up_also_of_those_that_were_killed() -> None:
    with shared_by(2) as shared:
        assert shared is not None
        workers = [SPAWN.Process(target=count_and_die, args=(shared,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [-signal.SIGKILL] * 2
        counted = shown_by_another(shared)
    assert counted["leads_requests_total{code=200,method=POST,route=/v1/score}"] == 40
    assert counted["leads_request_duration_seconds_sum{route=/v1/score}"] == 10
    assert counted["leads_request_duration_seconds_bucket{le=0.25,route=/v1/score}"] == 40
    assert counted["leads_score_probability_count"] == 40
    assert counted["leads_store_commits_total"] == 40
    assert counted["leads_store_operations_total"] == 120


def test_a_worker_counts_on_where_one_that_died_stopped_and_says_who_runs() -> None:
    shared = Shared.make()
    first = SPAWN.Process(target=count_and_die, args=(shared,))
    first.start()
    first.join()
    assert shared.running() == 0
    Counters(shared).committed(1)
    assert shared.running() == 1
    assert shown_by_another(shared)["leads_store_commits_total"] == 21


def test_names_for_which_there_is_no_room_are_not_counted_and_spoil_nothing() -> None:
    counters = Counters()
    for number in range(5_000):
        counters.answered(f"/{'x' * 60}/{number}", "GET", 200, 0.1)
    counters.committed(1)
    registry = CollectorRegistry()
    registry.register(counters)
    counted = samples(generate_latest(registry).decode())
    assert counted[f"leads_requests_total{{code=200,method=GET,route=/{'x' * 60}/0}}"] == 1
    assert f"leads_requests_total{{code=200,method=GET,route=/{'x' * 60}/4999}}" not in counted


@pytest.mark.slow
def test_two_workers_are_shown_as_one_also_after_one_died(tmp_path: Path) -> None:
    with live(f"sqlite:///{tmp_path}/leads.db", tmp_path / "log", workers=2) as service:
        wait_long_until(lambda: len(service.workers()) == 2 and all_up(service))
        for _ in range(40):
            httpx2.get(f"{service.url}/v1/schema")
        assert [counted_at(service) for _ in range(10)] == [40] * 10
        killed = service.workers().pop()
        os.kill(killed, signal.SIGKILL)
        wait_long_until(lambda: len(service.workers() - {killed}) == 2 and all_up(service))
        for _ in range(10):
            httpx2.get(f"{service.url}/v1/schema")
        assert [counted_at(service) for _ in range(10)] == [50] * 10


def wait_long_until(holds: Callable[[], bool]) -> None:
    """Starting three workers takes a while on a busy machine."""
    end = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def counted_at(service: Live) -> float:
    answer = httpx2.get(f"{service.url}/metrics")
    return samples(answer.text)["leads_requests_total{code=200,method=GET,route=/v1/schema}"]


def all_up(service: Live) -> bool:
    """Whether each of many requests, which any worker may answer, finds a model."""
    try:
        return all(httpx2.get(f"{service.url}/readyz").status_code == 200 for _ in range(20))
    except httpx2.HTTPError:
        return False
