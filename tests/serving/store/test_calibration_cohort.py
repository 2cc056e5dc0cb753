"""Promised against delivered is one number: report, lists, model page and gauges count the same leads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection

from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.groups import Period
from analytics.ledger import cohort as ledger_cohort
from analytics.ledger import ledger
from features.contact_log import read_contact_log
from serving.store import Store, calibration_cohort, gauges, lead_list
from serving.store.calibration_cohort import CohortWindow, read_cohort
from serving.store.leads import erase
from serving.store.report_tables import read_events, read_leads
from tests.serving.databases import new_store
from tests.serving.store.cohorts import (
    HORIZON,
    contact_row,
    fill,
    lead_row,
    outcome_row,
    perfect_scores,
    score_row,
)

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
RIPE = AS_OF - timedelta(days=HORIZON)
PERIOD = Period(RIPE - 28 * DAY, RIPE)


def facts_of(connection: Connection, since: datetime | None) -> LeadsAsOf:
    """As `serving.operations.build_report` reads them."""
    leads = read_leads(connection, since, AS_OF)
    log = calibration_cohort.read_contact_log(connection, AS_OF, HORIZON)
    events = read_events(connection, leads["lead_id"], since, HORIZON)
    return read_leads_as_of(leads, events.contacts, events.outcomes, events.spend, events.scores, AS_OF, HORIZON, log)


def window_of(period: Period) -> CohortWindow:
    return CohortWindow(HORIZON, AS_OF, period.start, period.end)


def by_ledger(facts: LeadsAsOf, period: Period) -> list[tuple[Any, ...]]:
    here = facts.leads[ledger_cohort(facts, period)]
    columns = (here["lead_id"], here["probability"].round(12), here["won"], here["grade"].astype(object))
    return sorted(zip(*columns, strict=True))


def by_store(connection: Connection, window: CohortWindow) -> list[tuple[Any, ...]]:
    log = calibration_cohort.read_contact_log(connection, window.as_of, window.horizon_days)
    rows = connection.execute(calibration_cohort.cohort(window, log))
    return sorted((row.lead_id, round(row.probability, 12), bool(row.won), row.grade) for row in rows)


def by_list(connection: Connection, window: CohortWindow) -> tuple[list[str], int]:
    """The leads of the list behind the report's numbers, and how many of them it calls won."""
    asked = {"start": window.start, "end": window.end, "as_of": window.as_of, "promised_for": window.horizon_days}
    found = lead_list.page(connection, lead_list.LeadFilter(**asked), 100_000)
    won = lead_list.page(connection, lead_list.LeadFilter(outcome="won", within_days=window.horizon_days, **asked), 1)
    return sorted(lead.lead_id for lead in found.leads), won.count


def nasty(store: Store, seed: int, leads: int = 400) -> None:
    """Leads around every edge: times that differ by a microsecond from what counts, and all that data do wrong."""
    rng = np.random.default_rng(seed)

    def pick(*choices: Any) -> Any:
        return choices[rng.integers(len(choices))]

    edges = (RIPE, PERIOD.start, AS_OF, AS_OF - (HORIZON + 90) * DAY)
    rows: dict[str, list[dict[str, Any]]] = {"leads": [], "scores": [], "contacts": [], "outcomes": []}
    for number in range(leads):
        lead_id = f"L-{number}'{pick('', ',', chr(10), 'ü')}"
        arrived = pick(
            pick(*edges) + pick(-TICK, 0 * TICK, TICK),
            RIPE - float(rng.uniform(0, 40)) * DAY,
            AS_OF - float(rng.uniform(0, 400)) * DAY,
        )
        lead = lead_row(lead_id, arrived, pick("ads", "partner", None, "a'd\ns"))
        rows["leads"].append(lead | {"created_at": pick(arrived, None)})
        late = pick(0 * DAY, -DAY, 2 * DAY, 2 * DAY + TICK, 2 * DAY - TICK, 5 * DAY, -400 * DAY)
        probability = float(rng.uniform(0.01, 0.6))
        if rng.random() < 0.9:
            rows["scores"].append(score_row(lead_id, arrived + late, probability, pick(90, 90, 90, 30)))
            if rng.random() < 0.3:
                rows["scores"].append(score_row(lead_id, arrived + late + DAY, 0.5, before=probability))
        for contact in range(int(pick(0, 0, 1, 1, 2))):
            called = pick(arrived + DAY, AS_OF, AS_OF - TICK, AS_OF + DAY, arrived - 3 * DAY, arrived - 300 * DAY)
            rows["contacts"].append(contact_row(lead_id, called, contact))
        horizon = HORIZON * DAY
        took = pick(DAY, horizon, horizon + TICK, horizon - TICK, 200 * DAY, -DAY, -300 * DAY)
        at = pick(arrived + took, arrived + took, None, AS_OF, AS_OF - TICK)
        if rng.random() < 0.5:
            rows["outcomes"].append(outcome_row(lead_id, arrived + DAY, arrived + DAY, "won", 1, stands=False))
        if rng.random() < 0.6:
            rows["outcomes"].append(outcome_row(lead_id, at, AS_OF, pick("won", "won", "lost", "open")))
    rows["contacts"].append(contact_row("nobody", AS_OF - 900 * DAY))
    fill(store, **rows)
    for number in range(0, leads, 25):
        store.write_now(erase, rows["leads"][number]["lead_id"], AS_OF)


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_of_the_report_counts_the_leads_of_the_store_row_by_row(store: Store, seed: int) -> None:
    nasty(store, seed)
    for since in (None, PERIOD.start, PERIOD.start - 182 * DAY):
        with store.database.reading() as connection:
            facts = facts_of(connection, since)
            window = window_of(PERIOD)
            found = by_store(connection, window)
            assert len(found) > 20
            assert found == by_ledger(facts, PERIOD)
            listed, won = by_list(connection, window)
            assert listed == [lead_id for lead_id, *_ in found]
            assert won == sum(is_won for _, _, is_won, _ in found)


@pytest.mark.parametrize("seed", range(4))
def test_the_store_reads_the_log_of_contacts_as_features_do(store: Store, seed: int) -> None:
    nasty(store, seed)
    with store.database.reading() as connection:
        facts = facts_of(connection, None)
        log = calibration_cohort.read_contact_log(connection, AS_OF, HORIZON)
        later = calibration_cohort.read_contact_log(connection, None, HORIZON)
    won = (facts.leads["state"] == "won").to_numpy()
    arrived, first = facts.leads["arrived_at"].to_numpy(), facts.leads["first_attempt_at"].to_numpy()
    assert log == read_contact_log(arrived, first, won, HORIZON)
    assert log is not None
    assert log.note
    assert later is not None
    assert later.wins > log.wins


def test_many_early_contacts_of_a_few_leads_do_not_hide_when_the_log_began(store: Store) -> None:
    arrived = [AS_OF - (200 - number) * DAY for number in range(150)]
    naive = [at.replace(tzinfo=None) for at in arrived]
    rows = {
        "leads": [lead_row(f"L-{number}", at) for number, at in enumerate(arrived)],
        "contacts": [contact_row(f"L-{number}", at + DAY) for number, at in enumerate(arrived)]
        + [contact_row("L-0", arrived[0] - 600 * DAY, number) for number in range(1, 40)],
    }
    fill(store, **rows)
    with store.database.reading() as connection:
        log = calibration_cohort.read_contact_log(connection, AS_OF, HORIZON)
    first = np.array([naive[0] - 600 * DAY, *(at + DAY for at in naive[1:])], dtype="datetime64[us]")
    assert log == read_contact_log(np.array(naive, dtype="datetime64[us]"), first, np.zeros(150, bool), HORIZON)
    assert log is not None
    assert log.since == first[1]


def log_begun_late(store: Store, seed: int) -> None:
    """Leads of 400 days that are called every day until they close, of which only the last 160 days are logged."""
    rng, began = np.random.default_rng(seed), AS_OF - 160 * DAY
    rows: dict[str, list[dict[str, Any]]] = {"leads": [], "scores": [], "contacts": [], "outcomes": []}
    for number in range(1_000):
        lead_id, arrived = f"L-{number}", AS_OF - float(rng.uniform(0, 400)) * DAY
        closed = arrived + float(rng.exponential(20)) * DAY
        called = max(arrived + timedelta(hours=1), began + float(rng.uniform(0, 1)) * DAY)
        rows["leads"].append(lead_row(lead_id, arrived))
        rows["scores"].append(score_row(lead_id, arrived, 0.3))
        rows["outcomes"].append(outcome_row(lead_id, closed, closed, "won" if rng.random() < 0.3 else "lost"))
        if called < closed:
            rows["contacts"].append(contact_row(lead_id, called))
    fill(store, **rows)


@pytest.mark.parametrize("seed", range(2))
def test_leads_of_one_horizon_before_the_log_began_are_judged_nowhere(store: Store, seed: int) -> None:
    log_begun_late(store, seed)
    whole = Period(AS_OF - 400 * DAY, RIPE)
    with store.database.reading() as connection:
        facts = facts_of(connection, None)
        log = calibration_cohort.read_contact_log(connection, AS_OF, HORIZON)
        periods = [whole, Period(AS_OF - 200 * DAY, RIPE), Period(AS_OF - 155 * DAY, RIPE)]
        counted = [(by_store(connection, window_of(period)), by_ledger(facts, period)) for period in periods]
        arrived = [row.arrived for row in connection.execute(calibration_cohort.cohort(window_of(whole), log))]
    won = (facts.leads["state"] == "won").to_numpy()
    contacted_at = facts.leads["first_attempt_at"].to_numpy()
    assert log == read_contact_log(facts.leads["arrived_at"].to_numpy(), contacted_at, won, HORIZON)
    for here, there in counted:
        assert here == there
        assert here
    before, after = (AS_OF - days * DAY for days in (160 + HORIZON - 2, 160 + 7))
    assert not any(before <= at < after for at in arrived)
    assert min(arrived) < before < max(arrived)


def test_one_store_says_one_number_on_every_surface(store: Store) -> None:
    perfect_scores(store, AS_OF, 4_000, logged=0.8, seed=1)
    lately = CohortWindow.lately(HORIZON, AS_OF + timedelta(hours=13))
    with store.database.reading() as connection:
        report = ledger(facts_of(connection, None), Period(lately.start, RIPE + TICK)).whole
        page = read_cohort(connection, lately)
        feedback = gauges.feedback(connection, lately)
        listed, won = by_list(connection, CohortWindow(HORIZON, AS_OF, lately.start, RIPE + TICK))
    assert report.n == len(page) == sum(one.leads for one in feedback.calibrations) == len(listed) > 500
    assert report.delivered == page.won.sum() == sum(one.won for one in feedback.calibrations) == won
    promised = [report.promised, page.probability.sum(), sum(one.predicted for one in feedback.calibrations)]
    assert promised == pytest.approx([report.promised] * 3)
    assert feedback.log == page.log


def test_where_no_contact_is_recorded_every_lead_counts_as_worked(store: Store) -> None:
    perfect_scores(store, AS_OF, 800, logged=0.0, seed=2)
    with store.database.reading() as connection:
        found = read_cohort(connection, CohortWindow(HORIZON, AS_OF))
        assert by_store(connection, window_of(PERIOD)) == by_ledger(facts_of(connection, PERIOD.start), PERIOD)
    assert found.log is None
    assert len(found) == pytest.approx(800 * (364 - HORIZON) / 364, abs=60)


def test_contacts_that_hardly_any_win_has_do_not_tell_who_was_worked(store: Store) -> None:
    perfect_scores(store, AS_OF, 1_500, logged=0.1, seed=3, untried=0.0)
    with store.database.reading() as connection:
        found = read_cohort(connection, CohortWindow(HORIZON, AS_OF))
        facts = facts_of(connection, None)
    assert found.log is not None
    assert not found.log.decides
    assert len(found) == ledger(facts).whole.n > 900


@pytest.mark.parametrize("logged", [1.0, 0.9, 0.7, 0.5])
def test_a_perfect_score_keeps_its_word_whatever_share_of_the_calls_is_logged(logged: float, tmp_path: Path) -> None:
    with new_store(f"sqlite:///{tmp_path}/leads.db") as store:
        perfect_scores(store, AS_OF, 6_000, logged, seed=11)
        with store.database.reading() as connection:
            found = read_cohort(connection, CohortWindow(HORIZON, AS_OF))
            book = ledger(facts_of(connection, None))
    assert len(found) == book.whole.n
    assert book.whole.ratio.covers(1.0)
    assert book.alarms == ()
    assert found.log is not None
    assert found.log.share_logged == pytest.approx(logged, abs=0.05)
    assert (found.log.note is None) == (logged == 1.0)


def test_moments_are_told_apart_to_the_microsecond(store: Store) -> None:
    arrived = RIPE - 3 * DAY + timedelta(microseconds=999_999)
    ids = ("in time", "too late")
    leads = [lead_row(lead_id, arrived) for lead_id in ids]
    outcomes = [
        outcome_row(lead_id, arrived + HORIZON * DAY + extra, AS_OF)
        for lead_id, extra in zip(ids, (0 * TICK, TICK), strict=True)
    ]
    fill(store, leads=leads, scores=[score_row(lead_id, arrived, 0.2) for lead_id in ids], outcomes=outcomes)
    with store.database.reading() as connection:
        assert [row[2] for row in by_store(connection, window_of(PERIOD))] == [True, False]


def test_the_newest_leads_of_the_window_matured_as_of_the_start_of_today() -> None:
    window = CohortWindow.lately(30, datetime(2026, 11, 2, 23, 30, tzinfo=UTC))
    assert window.as_of == AS_OF
    assert window.start == AS_OF - 120 * DAY
    assert window.matured_by == AS_OF - 30 * DAY
