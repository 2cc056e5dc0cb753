"""The model page: customers predicted and actual, and what is not known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.pages.model.delivered import Delivered, describe_groups
from serving.pages.model.known import Known
from serving.pages.model.view import model_view
from serving.pages.page_context import PageContext
from serving.pages.views import Link
from serving.settings import Settings
from serving.store.calibration_cohort import CohortWindow, read_cohort
from serving.store.overview import Rescored
from tests.serving.conftest import POLL_SECONDS, wait_until
from tests.serving.crm import NOW, Clock
from tests.serving.pages.floor import UTC_ZONE, Floor
from tests.serving.store.cohorts import perfect_scores
from training.model import ScoringModel
from training.registry import Promotion, Registry
from training.registry.overview import Overview, read_overview
from training.registry.stored_evaluation import CalibrationSummary


def test_the_model_page_says_what_it_does_not_know(floor: Floor) -> None:
    shown = floor.person().page("/model")
    assert "It is not known yet whether this model's predictions come true" in shown
    assert "calls number known later than the lead arrives" in shown
    assert "The queue is empty, so there is nothing to rescore" in shown


def test_matured_leads_are_judged_by_their_first_score_within_the_horizon(either_floor: Floor) -> None:
    floor = either_floor
    for number, day in ((1, 89), (2, 91), (3, None)):
        floor.put(f"L-{number}")
        if day is not None:
            at = (NOW + timedelta(days=day)).isoformat()
            floor.clock.now = NOW + timedelta(days=day)
            headers = {"authorization": f"Bearer {floor._crm}"}
            TestClient(floor.app).put(
                f"/v1/leads/L-{number}/outcome", json={"status": "won", "at": at}, headers=headers
            )
            floor.clock.now = NOW
    floor.put("L-old", created_at=(NOW - timedelta(days=30)).isoformat())
    found = floor.store.read_now(read_cohort, CohortWindow(90, NOW + timedelta(days=92)))
    assert sorted(found.won) == [False, False, True]
    assert len({*found.probability}) == 1
    assert len(floor.store.read_now(read_cohort, CohortWindow(90, NOW + timedelta(days=89)))) == 0


def promises_that(share_won: float, leads: int = 1_000) -> CalibrationSummary:
    """Leads predicted at 20 in 100, of which this share was won."""
    return CalibrationSummary.of([0.2] * leads, [place < share_won * leads for place in range(leads)])


@pytest.mark.parametrize(
    ("inside", "is_off", "said"),
    [
        (10, False, "No clear difference from the prediction in 10 of 10 groups"),
        (9, False, "No clear difference from the prediction in 9 of 10 groups"),
        (8, True, "Clearly off for all leads together, and in 2 of 10 groups also by itself"),
        (10, True, "Clearly off for all leads together, though no group of them is large enough to show it alone"),
    ],
)
def test_what_is_said_of_the_groups_does_not_contradict_what_is_said_of_all(
    inside: int, is_off: bool, said: str
) -> None:
    assert describe_groups(inside, 10, is_off=is_off) == said


def test_who_may_train_and_promote_is_led_there_and_others_are_told_the_commands(model: ScoringModel) -> None:
    known = Known(None, Delivered(promises_that(0.16)), None, None)
    context = PageContext(NOW, UTC_ZONE, "Ann", model)
    (for_all, *_), (for_admins, *_) = (model_view(known, context, may_administer=may).better for may in (False, True))
    assert for_all.says.endswith("with leads train.")
    assert for_all.way is None
    assert "leads train" not in for_admins.says
    assert for_admins.way == Link("Train a model", "/admin/training")


@pytest.mark.parametrize(
    ("share_won", "said"),
    [
        (0.2, "Of 1,000 leads it predicted 200 customers; 200 came: no clear difference"),
        (0.22, "Of 1,000 leads it predicted 200 customers; 220 came: no clear difference"),
        (0.24, "Of 1,000 leads it predicted 200 customers; 240 came: clearly more"),
        (0.16, "Of 1,000 leads it predicted 200 customers; 160 came: clearly fewer"),
    ],
)
def test_the_model_page_answers_with_predicted_and_actual_customers(
    model: ScoringModel, share_won: float, said: str
) -> None:
    known = Known(None, Delivered(promises_that(share_won)), None, None)
    view = model_view(known, PageContext(NOW, UTC_ZONE, "Ann", model))
    assert view.answer == said
    assert view.basis.startswith("By chance alone, 175 to 225 would be normal.")


def test_too_few_matured_leads_do_not_judge_a_model(model: ScoringModel) -> None:
    known = Known(None, Delivered(promises_that(0.0, leads=150)), None, None)
    view = model_view(known, PageContext(NOW, UTC_ZONE, "Ann", model))
    assert view.answer == "It is not known yet whether this model's predictions come true"


def test_promotions_are_told_newest_first_and_mlflow_is_linked(model: ScoringModel) -> None:
    day = timedelta(days=1)
    history = (
        Promotion("1", None, NOW - 3 * day, "dana", "first"),
        Promotion("2", "1", NOW - 2 * day, "dana", "better"),
        Promotion("1", "2", NOW - day, "eli", "worse after all", is_rollback=True),
    )
    overview = Overview(None, None, history, "sqlite:///mlruns/mlflow.db")
    context = PageContext(NOW, UTC_ZONE, "Ann", model)
    view = model_view(Known(overview, Delivered(None), Rescored(3, 10), "https://mlflow.example"), context)
    assert [line.version for line in view.promotions] == ["1 (rolled back)", "2", "1"]
    assert view.mlflow is not None
    assert view.mlflow.url == "https://mlflow.example"
    assert view.rescoring == "3 of 10 open leads have scores of model 1; the rest follow."
    assert view.rescored_share == 0.3
    assert model_view(Known(overview, Delivered(None), None, None), context).mlflow_command == (
        "mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db"
    )


def test_the_fallback_without_groups_has_a_slightly_wider_band() -> None:
    rng = [0.05 + 0.3 * (place / 999) for place in range(1_000)]
    single = CalibrationSummary.of(rng, [False] * 1_000).whole
    totals = CalibrationSummary.of_totals(1_000, single.predicted, 0.0).whole
    assert single.predicted == pytest.approx(0.2)
    assert totals.high - totals.low > single.high - single.low


def test_a_new_champion_is_on_the_page_as_soon_as_it_scores(registry: Registry, tmp_path: Path, clock: Clock) -> None:
    registry.promote("1", by="dana", why="first", at=NOW)
    settings = Settings(database_url=f"sqlite:///{tmp_path}/leads.db", poll_seconds=POLL_SECONDS)
    app = create_app(settings, registry, clock)
    with TestClient(app) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        person = Floor(app, registry, clock).person()
        wait_until(lambda: "Champion, model 1" in person.page("/model"))

        registry.promote("2", by="dana", why="better", at=NOW)
        wait_until(lambda: client.get("/readyz").json()["model_version"] == "2")

        shown = person.page("/model")
        assert "Champion, model 2" in shown
        assert "better" in shown


def test_a_champion_that_the_service_does_not_use_yet_is_told_apart(registry: Registry, model: ScoringModel) -> None:
    registry.promote("2", by="dana", why="better", at=NOW)
    known = Known(read_overview(registry), Delivered(None), None, None)
    view = model_view(known, PageContext(NOW, UTC_ZONE, "Ann", model))
    assert view.versions_note.startswith("Model 2 is champion in the registry; this service still scores with model 1")


def test_what_a_run_noted_before_there_was_a_champion_reads_right_once_there_is_one(
    registry: Registry, model: ScoringModel
) -> None:
    registry.promote("1", by="dana", why="first", at=NOW)
    view = model_view(
        Known(read_overview(registry), Delivered(None), None, None), PageContext(NOW, UTC_ZONE, "Ann", model)
    )
    told = [reason for _, reasons in view.decisions for reason in reasons]
    assert "there is no champion yet" not in told
    assert "It became champion because there was none." in told


def test_a_field_that_the_model_misses_says_what_it_would_add(registry: Registry, model: ScoringModel) -> None:
    registry.promote("1", by="dana", why="first", at=NOW)
    known = Known(read_overview(registry), Delivered(None), None, None)
    (calls,) = model_view(known, PageContext(NOW, UTC_ZONE, "Ann", model)).left_out
    assert calls.note.endswith(
        "a quick model has a log loss of 0.200 with it and 0.310 without. Is it known when a lead arrives? "
        'Then say known = "arrival" in scoring.toml'
    )


def test_the_clock_of_the_company_tells_the_times(model: ScoringModel) -> None:
    context = replace(PageContext(NOW, UTC_ZONE, "Ann", model), zone=ZoneInfo("Asia/Tokyo"))
    assert context.moment(datetime(2026, 3, 3, 16, 30, tzinfo=UTC)) == "tomorrow 01:30"


def test_the_model_page_says_which_leads_judge_and_whether_all_calls_are_logged(
    floor: Floor, model: ScoringModel
) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    perfect_scores(floor.store, midnight, 3_000, logged=0.7, seed=5)
    records = floor.app.state.records
    records.refresh()
    view = model_view(Known(None, records.delivered, None, None), PageContext(NOW, UTC_ZONE, "Ann", model))
    window = CohortWindow.lately(90, NOW)
    found = floor.store.read_now(read_cohort, window)
    assert view.answer.startswith(f"Of {len(found):,} leads it predicted {found.probability.sum():,.0f} customers")
    assert "These are the leads that arrived from 4 Sep 2025 to 2 Dec 2025 and were worked" in view.basis
    assert "so about 7" in view.basis
    assert "Leads without a logged contact are left out, won or not" in view.basis


def test_where_too_few_leads_matured_lately_all_leads_judge(floor: Floor, model: ScoringModel) -> None:
    old = NOW.replace(hour=0, minute=0) - timedelta(days=250)
    perfect_scores(floor.store, old, 1_500, logged=0.0, seed=5, days=200)
    records = floor.app.state.records
    records.refresh()
    view = model_view(Known(None, records.delivered, None, None), PageContext(NOW, UTC_ZONE, "Ann", model))
    assert view.answer.startswith("Of 1,500 leads")
    assert "These are all leads that are at least 90 days old and were worked" in view.basis
