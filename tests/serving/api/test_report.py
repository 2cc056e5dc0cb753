"""The report of a store: the same from either database, honest where little is known, made beside the requests."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import numpy as np
import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from analytics.metrics import CONTRACT
from analytics.periods import NEWEST, Ask, choose_periods
from analytics.reference.choose import KnownModel
from analytics.reference.predictions import ReferenceKind
from analytics.report import Report
from features.lead_table import parse_leads
from features.tables.import_tables import open_tables
from serving.app import create_app
from serving.migrations import prepare
from serving.operations.build_report import Models as Known
from serving.operations.build_report import find_reference, json_of, make_report
from serving.operations.import_history import import_tables
from serving.operations.leads import LeadOperations
from serving.operations.report_cache import ReportCache
from serving.settings import Settings
from serving.store import Connection, Store, StoreUnavailable
from serving.store.outbox import NOBODY
from serving.store.report_tables import arrivals, read_drawn_leads, read_events, read_fields, read_leads, read_outcomes
from simulation.company import simulate
from tests.serving import databases
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.crm import Crm
from tests.serving.models import SCHEMA, Models, history
from training.model import ScoringModel
from training.models.grades import GradeScale

UNTIL = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 15, 30, tzinfo=UTC)
LEADS = 1_500
HARD = 'it\'s, "quoted"\nand\tbroken; \x1f NULL'


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a company's tables."""
    folder = tmp_path_factory.mktemp("company")
    simulate(LEADS, seed=5, scenario="both", until=UNTIL).write(folder)
    return folder


def store_of(url: str) -> Store:
    store = Store(url)
    prepare(store.database)
    return store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = store_of(database_url)
    yield store
    store.database.close()


def bring(store: Store, folder: Path) -> None:
    lead_operations = LeadOperations(Settings().queue_rules, NOBODY)
    list(import_tables(store, open_tables(folder, None), lead_operations, lambda: NOW, lambda *_: None))


def report_of(store: Store, *models: ScoringModel, ask: Ask = NEWEST) -> Report:
    return make_report(store, Models(*models), Settings(), NOW, ask)


def test_an_empty_store_has_a_report_that_knows_nothing_and_says_why(store: Store) -> None:
    report = report_of(store)

    assert report.windows.after.leads == 0
    assert report.reference.kind is ReferenceKind.NONE
    assert report.answer.sentences == (
        "The change of conversion is not known: no lead of the earlier period is older than the horizon.",
    )
    assert report.discuss == ()
    assert {unknown.metric for unknown in report.unknown} >= {"conversion", "change", "cac", "promise_kept", "drift"}
    assert all(unknown.why for unknown in report.unknown)


def test_a_handful_of_leads_has_a_report_too(store: Store, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,created_at\nL-1,2026-06-03\nL-2,2026-05-03\nL-3,2026-09-30\n")
    (tmp_path / "outcomes.csv").write_text("lead_id,at,status\nL-1,2026-06-09,won\nL-2,2026-06-09,lost\n")
    bring(store, tmp_path)

    report = report_of(store)

    assert report.windows.both.leads == 2
    assert report.conversion.whole.rate.value == 1.0
    assert report.conversion.whole.rate.low < 0.05
    assert not report.change.mix.known


def test_both_databases_tell_the_same(
    company: Path, tmp_path: Path, model: ScoringModel, request: pytest.FixtureRequest
) -> None:
    urls = (f"sqlite:///{tmp_path}/leads.db", databases.new_database(request.getfixturevalue("postgresql")))
    reports = []
    for url in urls:
        store = store_of(url)
        bring(store, company)
        reports.append(json.loads(json_of(report_of(store))))
        store.database.close()

    assert reports[0]["windows"]["both"]["leads"] > 100
    assert _rounded(reports[0]) == _rounded(reports[1])


def _rounded(part: object) -> object:
    if isinstance(part, dict):
        return {name: _rounded(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_rounded(value) for value in part]
    return round(part, 9) if isinstance(part, float) else part


def test_whatever_a_name_holds_it_is_read_as_it_was_sent(crm: Crm) -> None:
    store: Store = crm.service.store
    crm.put("L-1", source=HARD, campaign="NULL")
    crm.put("L-2", source="", campaign=None)
    crm.contact("L-1", agent=HARD, duration_s=12.5, connected=True)
    crm.contact("L-1", started_at="2026-03-03T09:00:00.250Z")

    leads = store.read_now(read_leads, None, NOW)
    events = store.read_now(read_events, leads["lead_id"], None, 90)

    leads = leads.set_index("lead_id")
    assert leads.loc["L-1", "source"] == " ".join(HARD.split())
    assert leads.loc["L-1", "campaign"] == "NULL"
    assert leads["campaign"].isna().tolist() == [False, True]
    contacts = events.contacts.sort_values("started_at")
    assert contacts["started_at"].iloc[0].microsecond == 250_000
    assert contacts["agent"].isna().tolist() == [True, False]
    assert contacts["agent"].iloc[1] == HARD
    assert contacts["connected"].tolist()[1] is True
    assert contacts["duration_s"].tolist()[1] == 12.5


def test_only_what_belongs_to_the_leads_asked_for_is_read(store: Store, company: Path) -> None:
    bring(store, company)
    since = datetime(2026, 7, 1, tzinfo=UTC)

    leads = store.read_now(read_leads, since, NOW)
    events = store.read_now(read_events, leads["lead_id"], since, 90)

    everybody = store.read_now(read_leads, None, NOW)
    assert leads["lead_id"].tolist() == everybody["lead_id"][everybody["created_at"] >= "2026-07-01"].tolist()
    assert 0 < len(leads) < LEADS / 2
    assert set(events.contacts["lead_id"]) <= set(leads["lead_id"])
    assert set(events.outcomes["lead_id"]) <= set(leads["lead_id"])


def test_drawn_leads_are_read_whatever_their_ids_hold_with_what_became_of_them(crm: Crm) -> None:
    store: Store = crm.service.store
    strange = ["100%", "100%%", "it's", "back\\slash", "{a,b}", ":name"]
    for number, lead_id in enumerate([*strange, "L-1"]):
        crm.put(quote(lead_id), created_at=f"2026-02-{number + 1:02}T09:00:00Z")
        crm.outcome(quote(lead_id), "won" if number % 2 else "lost")
    since, until = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)

    leads = store.read_now(read_drawn_leads, since, until, lambda rows: rows[:-1])
    outcomes = store.read_now(read_outcomes, leads["lead_id"].tolist())

    assert leads["lead_id"].tolist() == strange
    assert dict(zip(outcomes["lead_id"], outcomes["status"], strict=True)) == {
        lead_id: "won" if number % 2 else "lost" for number, lead_id in enumerate(strange)
    }
    assert len(store.read_now(read_outcomes, [])) == 0


def test_a_table_that_takes_too_long_makes_the_store_unavailable(postgresql: str) -> None:
    url = databases.new_server_store(postgresql)
    with databases.new_store(url) as store, psycopg.connect(url) as other:
        other.execute("lock table leads in access exclusive mode")
        with pytest.raises(StoreUnavailable, match="a question took too long"):
            _read_in_a_hurry(store)


def _read_in_a_hurry(store: Store) -> None:
    with store.asking_beside() as beside:
        beside.ask(Connection.execute, text("set local statement_timeout = 50")).result()
        beside.ask(read_leads, None, NOW).result()


def test_days_of_arrival_are_counted_in_utc(crm: Crm) -> None:
    store: Store = crm.service.store
    crm.put("L-1", created_at="2026-03-02T00:30:00+02:00")
    crm.put("L-2", created_at="2026-03-02T23:30:00Z")

    assert store.read_now(arrivals, NOW) == {date(2026, 3, 1): 1, date(2026, 3, 2): 1}


def test_fields_are_read_as_they_were_sent(crm: Crm) -> None:
    store: Store = crm.service.store
    crm.put("L-1", fields={"age": 41, "job title": "Clärk", "newsletter": True})

    found = dict(store.read_now(lambda connection: list(read_fields(connection, ["L-1", "L-9"]))))

    assert found == {"L-1": {"age": 41, "job title": "Clärk", "newsletter": True}}


def test_the_promise_is_the_score_at_arrival(crm: Crm) -> None:
    store: Store = crm.service.store
    start = crm.clock.now
    promised = []
    for number in range(12):
        crm.clock.now = start + timedelta(days=number)
        score = crm.put(f"L-{number}", created_at=crm.clock.now.isoformat())
        promised.append(score["probability"])
        crm.contact(f"L-{number}", agent="Ann")
    crm.put("L-0", created_at=start.isoformat(), fields={"job title": "clerk"})
    crm.clock.now = start + timedelta(days=30)
    crm.outcome("L-0", "won", at=(start + timedelta(days=20)).isoformat())

    now = start + timedelta(days=150)
    ask = Ask(start.date(), (start + timedelta(days=20)).date())
    model = crm.service.scorer.champion.model
    report = make_report(store, Models(model), Settings(), now, ask)

    assert report.ledger.whole.n == 12
    assert report.ledger.whole.promised == pytest.approx(sum(promised))
    assert report.ledger.whole.delivered == 1
    assert report.conversion.whole.won == 1


def test_leads_that_are_judged_side_by_side_get_the_very_same_probability(model: ScoringModel) -> None:
    leads = parse_leads(history(), SCHEMA)

    one_by_one = model.calibration.probability(model.raw_score(model.encoder.encode(leads)))
    assert model.probability(leads).tolist() == one_by_one.tolist()


def test_a_version_that_tells_no_lead_from_another_is_passed_over(model: ScoringModel) -> None:
    blind = replace(model, version="2", grade_scale=GradeScale.fit(np.full(400, 0.1)))
    source, periods = Models(model, blind), choose_periods({}, NOW, 90, NEWEST)
    first = KnownModel("1", 90, datetime(2026, 1, 1, tzinfo=UTC))
    second = KnownModel("2", 90, datetime(2026, 2, 1, tzinfo=UTC))

    choice, judge = find_reference(Known(model, {}, (first, second)), source, periods)
    nobody, none = find_reference(Known(model, {}, (second,)), source, periods)

    assert (choice.version, judge) == ("1", model)
    assert (nobody.version, none) == (None, None)


def test_the_api_gives_the_report_once_it_is_made(crm: Crm) -> None:
    crm.put("L-1")
    soon = crm.client.get("/v1/report")
    assert (soon.status_code, soon.json()) == (202, {"status": "being made"})
    assert soon.headers["retry-after"] == "2"

    wait_until(lambda: crm.client.get("/v1/report").status_code == 200)

    service = crm.service
    model = crm.service.scorer.champion.model
    made = make_report(service.store, Models(model), service.settings, crm.clock.now)
    assert crm.client.get("/v1/report").json() == json.loads(json_of(made))


def test_spend_that_was_told_is_in_the_report(crm: Crm) -> None:
    spent = {"date": "2026-03-02", "source": "search", "campaign": "brand", "amount": 120.5}
    assert crm.client.post("/v1/spend", json={"spend": [spent]}).status_code == 200
    crm.put("L-1", created_at="2026-03-02T09:00:00Z")
    service = crm.service

    report = make_report(service.store, Models(), service.settings, NOW)

    assert report.cost.whole.spend == 120.5
    assert report.cost.tables[1].rows[0].name == ("search", "brand")


def test_periods_that_cannot_be_compared_are_refused_by_name(client: TestClient) -> None:
    asked = {"from": "2026-04-02", "to": "2026-04-01"}
    wait_until(lambda: client.get("/v1/report", params=asked).status_code != 202)

    answer = client.get("/v1/report", params=asked)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"detail": "the later period ends before it begins", "parameter": "from"},
    ]
    assert client.get("/v1/report", params={"from": "spring"}).status_code == 422
    assert client.get("/v1/report", params={"to": "0"}).status_code == 422


def test_the_contract_says_what_each_number_means(client: TestClient) -> None:
    told = client.get("/v1/metrics-contract").json()

    assert [metric["key"] for metric in told] == [metric.key for metric in CONTRACT]
    assert told[0]["version"] == 1


def test_only_a_key_for_reports_may_read_them(settings: Settings, model: ScoringModel) -> None:
    app = create_app(settings, Models(model))
    with TestClient(app, base_url=LOCAL) as client:
        from serving.store import keys

        made = {
            scope: app.state.service.store.write_now(keys.create, scope, scope, NOW) for scope in ("sales", "report")
        }
        statuses = {
            scope: client.get("/v1/metrics-contract", headers={"Authorization": f"Bearer {key}"}).status_code
            for scope, key in made.items()
        }

    assert statuses == {"sales": 403, "report": 200}


class Maker:
    """Makes reports when it is let."""

    def __init__(self, *results: Report | Exception) -> None:
        self.results = list(results)
        self.asked: list[Ask] = []
        self.may = threading.Event()

    def __call__(self, ask: Ask) -> Report:
        self.may.wait(10)
        self.asked.append(ask)
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


@pytest.fixture(scope="module")
def some_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    store = store_of(f"sqlite:///{tmp_path_factory.mktemp('some')}/leads.db")
    report = report_of(store)
    store.database.close()
    return report


def test_nobody_waits_for_a_report_and_it_is_made_once(some_report: Report) -> None:
    maker = Maker(some_report)
    reports = ReportCache(maker)

    assert [reports.find() for _ in range(3)] == [None, None, None]
    maker.may.set()
    wait_until(lambda: reports.find() is not None)
    reports.close()

    assert reports.find().report is some_report
    assert maker.asked == [Ask()]


def test_a_report_that_failed_is_shown_as_it_was_before(some_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.operations.report_cache.KEPT_SECONDS", 0.0)
    maker = Maker(some_report, RuntimeError("no"))
    maker.may.set()
    reports = ReportCache(maker)

    wait_until(lambda: reports.find() is not None)
    wait_until(lambda: len(maker.asked) == 2)
    reports.close()

    assert reports.find().report is some_report


def test_reports_of_many_periods_do_not_pile_up(some_report: Report) -> None:
    asks = [Ask(date(2026, 1, day)) for day in range(1, 11)]
    maker = Maker(*[some_report] * len(asks))
    maker.may.set()
    reports = ReportCache(maker)
    for ask in asks:
        wait_until(lambda ask=ask: reports.find(ask) is not None)
    reports.close()

    assert len(reports._kept) == 6
