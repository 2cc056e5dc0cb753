"""Who may see the pages, and for how long."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from serving.store.keys import Scope, revoke
from tests.serving.conftest import POLL_SECONDS
from tests.serving.crm import Clock
from tests.serving.models import Models
from tests.serving.pages.floor import BROWSER, Floor, text_of
from training.model import ScoringModel


def test_a_signed_out_person_is_led_to_the_sign_in_and_back(floor: Floor) -> None:
    stranger = floor.stranger()
    answer = stranger.get("/queue?order=wait")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/queue%3Forder%3Dwait")
    sign_in = stranger.get(answer.headers["location"])
    assert 'name="next" value="/queue?order=wait"' in sign_in.text
    answer = stranger.client.post("/sign-in", data={"key": floor.key("Ann", "sales"), "next": "/queue?order=wait"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?order=wait")


def test_a_sign_in_leads_to_no_other_site(floor: Floor) -> None:
    answer = floor.stranger().client.post(
        "/sign-in", data={"key": floor.key("Ann", "sales"), "next": "https://elsewhere.example/"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_an_unknown_key_is_refused_in_words_and_not_shown_again(floor: Floor) -> None:
    answer = floor.stranger().client.post("/sign-in", data={"key": "leads_no_such", "next": "/queue"})
    assert answer.status_code == 401
    assert "We don't recognise this key. It may have been revoked." in text_of(answer.text)
    assert re.findall(r"<(\w+)[^>]*autofocus", answer.text) == ["input"], "the next key is typed at once"
    assert "leads_no_such" not in answer.text
    assert "set-cookie" not in answer.headers


def test_another_sites_page_cannot_sign_anybody_in(floor: Floor) -> None:
    form = {"key": floor.key("Ann", "sales")}
    answer = floor.stranger().client.post("/sign-in", data=form, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("scope", "home", "way"),
    [
        ("report", "/report", "Weekly report"),
        ("score", "/docs", "API"),
        ("feed", "/docs", "API"),
        ("sales", "/queue", "Queue"),
        ("team", "/queue", "Queue"),
        ("admin", "/queue", "Queue"),
    ],
)
def test_each_scope_begins_at_home_and_is_led_there_from_where_it_may_not_be(
    floor: Floor, scope: Scope, home: str, way: str
) -> None:
    reader = floor.person(f"A {scope}", scope)
    assert reader.get("/").headers["location"] == home
    assert reader.get(home).status_code in (200, 202)
    nowhere = reader.get("/nowhere")
    assert (nowhere.status_code, f'<p><a href="{home}">{way}</a></p>' in nowhere.text) == (404, True)
    refused = reader.get("/queue")
    assert refused.status_code == (403 if scope in ("report", "score", "feed") else 200)
    if refused.status_code == 403:
        shown = text_of(refused.text)
        assert "You can't open this page with this key Ask whoever runs this service for a sales key." in shown
        assert f'<p><a href="{home}">{way}</a></p>' in refused.text


def test_a_stranger_is_led_to_the_sign_in(floor: Floor) -> None:
    assert '<p><a href="/sign-in">Sign in</a></p>' in floor.stranger().get("/nowhere").text


def test_signing_out_ends_the_session(floor: Floor) -> None:
    ann = floor.person()
    assert ann.send("/sign-out").headers["location"] == "/sign-in"
    assert ann.get("/queue").status_code == 303


def test_a_revoked_key_ends_its_sessions_at_once(floor: Floor) -> None:
    stranger, key = floor.stranger(), floor.key("Ann", "sales")
    stranger.client.post("/sign-in", data={"key": key})
    assert stranger.get("/queue").status_code == 200
    floor.store.write_now(revoke, key.split("_")[1], floor.clock())
    assert stranger.get("/queue").status_code == 303


def test_in_open_mode_the_pages_are_open_on_this_machine_alone(
    model: ScoringModel, tmp_path: Path, clock: Clock
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/leads.db", poll_seconds=POLL_SECONDS, open=True)
    app = create_app(settings, Models(model), clock)
    with TestClient(app, base_url="http://localhost", headers=BROWSER) as client:
        shown = client.get("/")
        assert (shown.status_code, shown.url.path) == (200, "/queue")
        assert "Sign out" not in shown.text
        refused = client.get("/queue", headers={"host": "rebound.example"})
        assert refused.status_code == 421
        assert "http://localhost" in text_of(refused.text)


def test_an_address_that_there_is_not_is_a_page_to_browsers_and_a_problem_to_programs(floor: Floor) -> None:
    for person, way in ((floor.person(), "Ann"), (floor.stranger(), "Sign in")):
        answer = person.get("/no-such-page")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "Page not found" in text_of(answer.text)
        assert way in text_of(answer.text)
        assert person.get("/v1/no-such-thing").headers["content-type"] == "application/problem+json"
    answer = floor.stranger().client.get("/no-such-page", headers={"accept": "*/*"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_an_address_that_only_a_form_is_sent_to_leads_on(floor: Floor) -> None:
    ann = floor.person()
    answer = ann.get("/queue/claim")
    assert (answer.status_code, '<p><a href="/queue">Queue</a></p>' in answer.text) == (405, True)
    assert ann.client.get("/queue/claim", headers={"accept": "*/*"}).status_code == 405


def test_a_fault_of_ours_is_a_page_with_the_id_under_which_it_is_logged(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = floor.person()
    monkeypatch.setattr(floor.store, "read", None)
    answer = ann.client.get("/day", headers={"x-request-id": "here-1"})
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "finds it in the log under here-1" in text_of(answer.text)
    assert "Traceback" not in answer.text
    failed = [record.fields for record in caplog.records if record.getMessage() == "request.failed"]  # type: ignore[attr-defined]
    assert [fields["route"] for fields in failed] == ["/day"]
