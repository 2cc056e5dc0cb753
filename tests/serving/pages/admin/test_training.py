"""The page that trains: its form, and what it says of a training that runs, ended, or was broken off."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from serving.store import trainings
from serving.store.trainings import State
from tests.serving.conftest import POLL_SECONDS, wait_until
from tests.serving.crm import Clock
from tests.serving.pages.floor import Floor, Person
from tests.serving.pages.leftovers import english_left
from training.registry import Registry

PAGE = "/admin/training"
SCORING = """
[leads]
table = "leads.csv"
id = "lead_id"
[outcome]
column = "won"
won = ["1"]
horizon_days = 90
[fields.age]
kind = "numeric"
known = "arrival"
[training]
budget_s = 45
"""
Told = Callable[..., str]


@pytest.fixture(scope="module")
def floor(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A service on version 1, whose tests end each training that they note."""
    clock, folder = Clock(), tmp_path_factory.mktemp("training")
    registry.promote("1", by="dana", why="the first", at=clock())
    (folder / "scoring.toml").write_text(SCORING, "utf-8")
    settings = Settings(
        database_url=f"sqlite:///{folder}/leads.db", poll_seconds=POLL_SECONDS, scoring_file=f"{folder}/scoring.toml"
    )
    app = create_app(settings, registry, clock)
    with TestClient(app) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield Floor(app, registry, clock)


@pytest.fixture
def olga(floor: Floor) -> Person:
    return floor.person("Olga", "admin")


@pytest.fixture
def told(floor: Floor, olga: Person) -> Told:
    """Notes a training that ended so; what the page then says."""

    def tell(state: State, report: dict[str, Any] | None = None, message: str = "") -> str:
        floor.clock.now += timedelta(minutes=1)
        begun = floor.store.write_now(trainings.begin, "Olga", {"budget_s": 45.0}, floor.clock())
        assert begun is not None
        floor.store.write_now(trainings.end, begun.training_id, state, report, message, floor.clock())
        return olga.page(PAGE)

    return tell


def test_the_form_begins_with_what_scoring_toml_and_the_store_say(olga: Person) -> None:
    html = olga.get(PAGE).text
    assert 'value="45"' in html
    assert "0 leads with an outcome" in html
    assert re.search(r'value="tables" checked', html)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"budget": "soon"}, "give 10 to 14,400 seconds"),
        ({"budget": "1e9"}, "give 10 to 14,400 seconds"),
        ({"budget": "60", "as_of": "2099-01-01"}, "give a day up to today, or leave it empty"),
        ({"budget": "60", "as_of": "yesterday"}, "give a day up to today, or leave it empty"),
    ],
)
def test_what_cannot_be_asked_for_is_marked_and_nothing_starts(olga: Person, form: dict[str, str], says: str) -> None:
    answer = olga.send(PAGE, **form)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "A model is being trained" not in olga.page(PAGE)


def test_a_running_training_shows_how_far_it_is_and_nobody_starts_another(floor: Floor, olga: Person) -> None:
    floor.clock.now += timedelta(minutes=1)
    begun = floor.store.write_now(trainings.begin, "Olga", {"budget_s": 45.0}, floor.clock())
    assert begun is not None
    starting = olga.page(PAGE)
    assert "Starting" in starting
    assert "% of its time" not in starting
    assert '<progress max="1" aria-labelledby' in olga.get(PAGE).text
    step = "7 shapes tried, best: deep, log loss 0.3333"
    floor.store.write_now(trainings.renew, begun.training_id, step, 0.29, floor.clock())
    shown = olga.page(PAGE)
    assert "A model is being trained Trying models: 7 so far, the best has a log loss of 0.3333" in shown
    assert "29 % of its time is gone" in shown
    assert "Start the training" not in shown
    assert "Another training is at work." in olga.act(PAGE, budget="60")

    assert "It is being stopped" in olga.act(f"{PAGE}/stop", training_id=begun.training_id)
    assert "It had ended already." in olga.act(f"{PAGE}/stop", training_id=begun.training_id)
    floor.clock.now += timedelta(minutes=2)
    assert "The last training broke off The process of the service that ran it is gone" in olga.page(PAGE)


def test_a_model_that_the_gate_lets_through_is_promoted_from_there(
    told: Told, olga: Person, registry: Registry
) -> None:
    done = {"ended": "ready", "version": "2", "leads": 1_200, "won": 140.0, "notes": ["one note"]}
    shown = told("done", done)
    assert "Model 2 is trained, and the gate lets it through It learned from 1,200 leads, 140 of them won." in shown
    assert "What the gate found when model 2 was trained" in shown
    assert re.search(r"Metric Champion, model 1 Model 2 Meaning log loss 0\.\d{3}", shown)
    assert "It is champion now." in olga.act("/admin/versions/promote", version="2")
    assert "Model 2 is trained, and champion" in olga.page(PAGE)
    registry.promote("1", by="dana", why="back", at=registry.history()[-1].at + timedelta(seconds=1))
    olga.client.app.state.records.refresh_registry()  # type: ignore[attr-defined] # as the next look would


def test_a_model_that_the_gate_holds_may_be_promoted_all_the_same(told: Told) -> None:
    shown = told("done", {"ended": "held", "version": "2", "leads": 10, "won": 1.0, "notes": []})
    assert "Model 2 is trained; by the gate the champion stays" in shown
    assert "The gate did not let it through, so the champion had better stay." in shown


def test_changes_of_the_data_are_refused_by_name_and_can_be_let_pass(told: Told, olga: Person) -> None:
    report = {"ended": "refused", "version": None, "refusal": "DataCheckFailed", "changes": ["source:Fair", "rows"]}
    shown = told("refused", report, "the leads are not what champion version 1 learned from:\n  rows: half are gone")
    assert "The last training was refused The leads are not what the champion learned from." in shown
    assert "rows: half are gone" in shown
    assert re.findall(r'name="accept-\d" value="([^"]+)"', olga.get(PAGE).text) == ["source:Fair", "rows"]


@pytest.mark.parametrize(
    ("state", "message", "says"),
    [
        (
            "refused",
            "another leads retrain is running (process 7)",
            "A leads retrain is running on the service's machine",
        ),
        ("refused", "no table", "What is to be mended is said below, in English. Started"),
        ("failed", "SIGKILL", "The machine ended its process, most often because memory was short."),
        ("failed", "exit code 3", "It ended by a fault (exit code 3)"),
        ("stopped", "stopped by hand", "It was stopped by hand."),
        ("stopped", "the service was stopped", "The service was stopped or restarted while it ran."),
    ],
)
def test_each_other_end_is_told_with_what_to_do(told: Told, state: State, message: str, says: str) -> None:
    assert says in told(state, None, message)


def test_it_is_told_in_russian_too(told: Told, olga: Person, floor: Floor) -> None:
    told("failed", None, "SIGKILL")
    olga.client.headers["accept-language"] = "ru"
    own = ("Olga", "leads.csv", "leads retrain --no-promote", "scoring.toml")
    assert english_left(olga.get(PAGE).text, own) == []


def test_without_a_scoring_toml_it_says_which_file_is_missing(floor: Floor, olga: Person) -> None:
    file = Path(floor.app.state.service.settings.scoring_file)
    file.rename(file.with_suffix(".away"))
    shown = olga.page(PAGE)
    file.with_suffix(".away").rename(file)
    assert "LEADS_SCORING_FILE names the file." in shown
    assert "Start the training" not in shown


def test_only_an_admin_trains(floor: Floor) -> None:
    assert floor.person("Ann", "team").send(PAGE, budget="60").status_code == 403
