"""The pages over HTTP, without a browser: what they show, what their forms do, and what they refuse."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from serving.app import create_app
from serving.pages import words
from serving.pages.charts import PALETTES
from serving.pages.kept import Kept
from serving.pages.lead_view import _why
from serving.pages.model_view import Delivered, Known, model_view
from serving.pages.scene import Scene, chance_of
from serving.pages.waterfall import parts_of
from serving.settings import Settings
from serving.store.keys import Scope, create, revoke
from serving.store.leads import erase
from serving.store.outbox import Before
from serving.store.overview import Rescored, delivered
from serving.store.scores import Change
from tests.serving.conftest import POLL_SECONDS, wait_until
from tests.serving.crm import NOW, Clock
from tests.serving.models import LEAD, SCHEMA, Models, shifted
from training.model import ScoringModel
from training.registry import Promotion
from training.registry.evaluation import Promises
from training.registry.overview import Overview

BROWSER = {"accept": "text/html,application/xhtml+xml"}
STATIC = Path(__file__).parents[2] / "serving" / "static"
UTC_ZONE = ZoneInfo("UTC")


class Floor:
    """A service, its keys, and people who sign in at browsers of their own."""

    def __init__(self, app: FastAPI, source: Models, clock: Clock) -> None:
        self.app, self.source, self.clock = app, source, clock
        self.store = app.state.service.store
        self._crm = self.key("CRM", "score")

    def key(self, name: str, scope: Scope) -> str:
        return self.store.write_now(create, name, scope, self.clock())

    def put(self, lead_id: str = "L-1", **facts: object) -> None:
        body = {name: value for name, value in LEAD.items() if name != "lead_id"} | {"created_at": NOW.isoformat()}
        headers = {"authorization": f"Bearer {self._crm}"}
        answer = TestClient(self.app).put(f"/v1/leads/{lead_id}", json=body | facts, headers=headers)
        assert answer.is_success, answer.text

    def stranger(self) -> "Person":
        return Person(TestClient(self.app, base_url="http://localhost", headers=BROWSER, follow_redirects=False))

    def person(self, name: str = "Ann", scope: Scope = "sales") -> "Person":
        person = self.stranger()
        answer = person.client.post("/sign-in", data={"key": self.key(name, scope), "next": "/queue"})
        assert answer.status_code == 303, answer.text
        return person


class Person:
    """Somebody at a browser without script."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def page(self, path: str = "/queue") -> str:
        """A page's text, entities resolved and white space folded."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return text_of(answer.text)

    def send(self, path: str, **form: str) -> Response:
        """Send a form as a page of ours would, with its token."""
        token = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/model").text)
        assert token, "every page has a form with a token"
        return self.client.post(path, data={"csrf": token[1]} | form)

    def act(self, path: str, **form: str) -> str:
        """Send a form and follow it; the text of the page that it led to."""
        answer = self.send(path, **form)
        assert answer.status_code == 303, answer.text
        return self.page(answer.headers["location"])


def text_of(html: str) -> str:
    shown = re.sub(r"<(script|style|head).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


@contextmanager
def opened(url: str, model: ScoringModel, clock: Clock, **settings: float) -> Iterator[Floor]:
    """A ready service on an empty store."""
    promises, source = "A=15m B=15m C=15m D=15m", Models(model)
    told = Settings(database_url=url, poll_seconds=POLL_SECONDS, promises=promises, **settings)
    app = create_app(told, source, clock)
    with TestClient(app) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield Floor(app, source, clock)


@pytest.fixture
def floor(model: ScoringModel, tmp_path: Path, clock: Clock) -> Iterator[Floor]:
    with opened(f"sqlite:///{tmp_path}/leads.db", model, clock) as floor:
        yield floor


@pytest.fixture
def either_floor(model: ScoringModel, database_url: str, clock: Clock) -> Iterator[Floor]:
    """Once on each kind of database, for what asks the store in a way of its own."""
    with opened(database_url, model, clock) as floor:
        yield floor


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.18, "18 in 100"),
        (0.0, "fewer than 1 in 1,000"),
        (0.0004, "fewer than 1 in 1,000"),
        (0.004, "4 in 1,000"),
        (0.0099, "10 in 1,000"),
        (0.00999, "1 in 100"),
        (0.994, "99 in 100"),
        (0.9951, "more than 99 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_a_probability_is_told_as_a_frequency(probability: float, said: str) -> None:
    assert words.in_hundred(probability) == said


@given(st.floats(0, 1))
def test_no_probability_is_told_as_never_or_always(probability: float) -> None:
    said = words.in_hundred(probability)
    assert not said.startswith(("0 in", "100 in", "1000 in"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (99 * 60 + 59, "99 min"),
        (100 * 60, "1 h 40 min"),
        (2 * 3600, "2 h"),
        (10.5 * 3600, "10 h"),
        (47.9 * 3600, "47 h"),
        (48 * 3600, "2 days"),
    ],
)
def test_a_duration_is_told_as_people_say_it(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("waited", "promised", "tried", "said"),
    [
        (timedelta(minutes=12), timedelta(minutes=15), False, "waiting 12 min, promised 15"),
        (timedelta(hours=2), timedelta(minutes=15), False, "waiting 2 h, promised 15 min"),
        (timedelta(minutes=12), timedelta(hours=2), False, "waiting 12 min, promised 2 h"),
        (timedelta(minutes=12), timedelta(hours=23), False, "waiting 12 min, promised by tomorrow 08:48"),
        (timedelta(minutes=12), timedelta(hours=4), True, "waiting 12 min, promised to call again 13:48"),
        (timedelta(days=3), None, False, "waiting 3 days"),
    ],
)
def test_a_wait_is_told_against_its_promise(
    waited: timedelta, promised: timedelta | None, tried: bool, said: str
) -> None:
    arrived = NOW - waited
    promised_by = None if promised is None else arrived + promised
    tail = words.promise(arrived, promised_by, tried, NOW, UTC_ZONE)
    assert words.waiting(arrived, NOW, tail) == said


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_parts_of_a_change_add_up_as_they_are_shown(old: float, model_on_old: float, new: float) -> None:
    change = Change(Before(old, "B"), model_on_old - old, new - model_on_old)
    told = _why(change, new).replace("−", "-")
    total, of_model, of_lead = (round(10 * float(part)) for part in re.findall(r"[-+]?\d+\.\d", told))
    assert total == of_model + of_lead


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
    assert "not known, or was revoked" in text_of(answer.text)
    assert "leads_no_such" not in answer.text
    assert "set-cookie" not in answer.headers


def test_another_sites_page_cannot_sign_anybody_in(floor: Floor) -> None:
    form = {"key": floor.key("Ann", "sales")}
    answer = floor.stranger().client.post("/sign-in", data=form, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_report_key_sees_the_model_and_not_the_queue(floor: Floor) -> None:
    reader = floor.person("Rita", "report")
    assert reader.get("/").headers["location"] == "/model"
    assert "Model" in reader.page("/model")
    refused = reader.get("/queue")
    assert refused.status_code == 403
    assert "This is not allowed" in text_of(refused.text)


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


def test_the_queue_says_whom_to_call_and_why(floor: Floor) -> None:
    floor.put()
    floor.clock.now = NOW + timedelta(minutes=12)
    shown = floor.person().page()
    score = floor.app.state.service.scorer.champion.model.score(
        SCHEMA.parse("L-1", dict(LEAD["fields"]), created_at=NOW, source="search", campaign="brand"), NOW
    )
    chance = chance_of(score.probability, 90)
    assert f"{chance.words} {chance.within} {chance.number}" in shown
    assert all(reason.sentence in shown for reason in score.reasons)
    assert "waiting 12 min, promised 15" in shown
    assert "Claim c" in shown


def test_an_overdue_lead_comes_first_and_says_so(floor: Floor) -> None:
    floor.put("L-better")
    floor.clock.now = NOW + timedelta(minutes=20)
    floor.put("L-new", created_at=floor.clock().isoformat())
    shown = floor.person().page()
    assert "overdue by 5 min" in shown
    assert shown.index("L-better") < shown.index("L-new")
    assert "2 leads to call, 1 overdue" in shown


def test_two_agents_get_two_leads(floor: Floor) -> None:
    floor.put("L-1")
    floor.put("L-2")
    ann, ben = floor.person("Ann"), floor.person("Ben")
    first = ann.send("/queue/next").headers["location"]
    second = ben.send("/queue/next").headers["location"]
    assert {first, second} == {"/queue?lead=L-1", "/queue?lead=L-2"}
    assert "Yours, until 10:30" in ann.page()
    assert "with Ann" in ben.page()


def test_a_shown_lead_that_another_took_is_replaced_by_the_next_and_that_is_said(floor: Floor) -> None:
    floor.put("L-1")
    floor.put("L-2")
    ann, ben = floor.person("Ann"), floor.person("Ben")
    shown = ann.send("/queue/next").headers["location"].removeprefix("/queue?lead=")
    assert "with somebody else now. This is the next." in ben.act("/queue/next", shown=shown)
    assert "Nobody is free to be called" in floor.person("Cem").act("/queue/next")


def test_a_lead_of_another_agent_cannot_be_claimed(floor: Floor) -> None:
    floor.put("L-1")
    floor.person("Ann").act("/queue/claim", lead_id="L-1")
    assert "is with somebody else" in floor.person("Ben").act("/queue/claim", lead_id="L-1")


def test_a_claimed_lead_shows_how_to_reach_it(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    html = ann.get("/queue").text
    assert 'href="tel:+442079460018"' in html
    assert 'href="mailto:ann@example.com"' in html
    assert "Please send a quote for ten seats" in html


def test_a_logged_call_is_stored_and_the_lead_returns_when_promised(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    shown = ann.act("/queue/contact", lead_id="L-1", connected="yes", minutes="4", again="1h", back="/queue?lead=L-1")
    assert "You just called" in shown
    assert "Ann: reached, 4 min; to be called again 11:00" in shown
    assert "Nobody to call now" in floor.person("Ben").page()
    floor.clock.now = NOW + timedelta(minutes=61)
    assert "promised to call again 11:00" in floor.person("Cem").page()


@pytest.mark.parametrize("minutes", ["-1", "1e9", "nan", "ten"])
def test_a_call_of_impossible_length_is_refused(floor: Floor, minutes: str) -> None:
    floor.put("L-1")
    ann = floor.person()
    answer = ann.send("/queue/contact", lead_id="L-1", connected="no", minutes=minutes)
    assert answer.status_code == 422
    assert "minutes must be a number from 0 to 600" in text_of(answer.text)
    assert "Nobody has tried yet" in ann.page("/leads/L-1")


@pytest.mark.parametrize("again_at", ["2026-03-03T09:59", "2028-01-01T09:00", "soon"])
def test_a_time_to_try_again_must_lie_ahead(floor: Floor, again_at: str) -> None:
    floor.put("L-1")
    answer = floor.person().send("/queue/contact", lead_id="L-1", connected="no", again_at=again_at)
    assert answer.status_code == 422


def test_a_won_lead_leaves_the_queue_with_its_value(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    shown = ann.act("/queue/outcome", lead_id="L-1", status="won", value="1250.50", back="/queue?lead=L-1")
    assert "Recorded as won." in shown
    assert "Nobody to call now" in shown
    assert "Won 10:00, worth 1,250" in ann.page("/leads/L-1")


def test_a_lost_lead_leaves_the_queue_with_its_reason(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    shown = ann.act("/queue/outcome", lead_id="L-1", status="lost", reason="too dear", back="/leads/L-1")
    assert "Lost 10:00: too dear" in shown
    assert "0 leads to call" in ann.page()


def test_a_lead_given_back_is_free_again(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person("Ann")
    ann.act("/queue/next")
    assert "Given back" in ann.act("/queue/release", lead_id="L-1")
    assert "Your claim had ended already" in ann.act("/queue/release", lead_id="L-1")
    assert floor.person("Ben").send("/queue/next").headers["location"] == "/queue?lead=L-1"


@pytest.mark.parametrize("path", ["/queue/next", "/queue/claim", "/queue/contact", "/queue/outcome", "/queue/release"])
def test_a_form_without_this_sign_ins_token_does_nothing(floor: Floor, path: str) -> None:
    floor.put("L-1")
    ann = floor.person()
    for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        answer = ann.client.post(path, data={"lead_id": "L-1", "connected": "no", "status": "won"} | token)
        assert answer.status_code == 403
        assert "load the page again" in text_of(answer.text)
    assert "Call next" in ann.page()
    assert "Nobody has tried yet" in ann.page("/leads/L-1")


def test_a_token_of_another_sign_in_is_refused(floor: Floor) -> None:
    floor.put("L-1")
    token = re.search(r'name="csrf" value="([^"]+)"', floor.person("Ben").get("/queue").text)
    assert token
    assert floor.person("Ann").client.post("/queue/next", data={"csrf": token[1]}).status_code == 403


def test_a_form_that_is_none_of_ours_is_refused(floor: Floor) -> None:
    ann = floor.person()
    assert ann.client.post("/queue/next", json={"csrf": "x"}).status_code == 422
    assert ann.client.post("/queue/next", data={f"f{n}": "x" for n in range(60)}).status_code == 422
    assert ann.client.post("/queue/next", data={"reason": "x" * 30_000}).status_code == 413


def test_an_empty_queue_says_what_to_do(floor: Floor) -> None:
    assert "They appear here as soon as your CRM sends them" in floor.person().page()


def test_the_queue_is_filtered_by_source(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-search", source="search")
    floor.put("L-partner", source="partner")
    shown = floor.person().page("/queue?source=partner")
    assert "1 lead to call" in shown
    assert "L-search" not in shown
    assert "No lead matches these filters" in floor.person("Ben").page("/queue?source=none")


def test_filters_outlive_a_claim(floor: Floor) -> None:
    floor.put("L-search", source="search")
    floor.put("L-partner", source="partner")
    answer = floor.person().send("/queue/next", source="partner", order="wait")
    assert answer.headers["location"] == "/queue?order=wait&source=partner&lead=L-partner"


def test_a_long_queue_goes_on_behind_a_cursor(floor: Floor) -> None:
    for number in range(53):
        floor.put(f"L-{number:02}")
    ann = floor.person()
    first = ann.get("/queue").text
    more = re.search(r'href="([^"]+)" rel="next"', first)
    assert more
    second = ann.get(unescape(more[1])).text
    rows = [re.findall(r"data-row>([^<]+)<", html) for html in (first, second)]
    assert (len(rows[0]), len(rows[1])) == (50, 3)
    assert not set(rows[0]) & set(rows[1])


def test_a_cursor_that_is_none_of_ours_begins_at_the_top(floor: Floor) -> None:
    floor.put("L-1")
    assert "L-1" in floor.person().page("/queue?cursor=%00nonsense")


def test_a_random_pick_is_marked(model: ScoringModel, database_url: str, clock: Clock) -> None:
    with opened(database_url, model, clock, random_share=1) as floor:
        floor.put("L-1")
        assert "picked at random, for measuring" in floor.person().act("/queue/next")


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "' onmouseover='alert(1)")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_lead_says_is_text_and_never_markup(floor: Floor, text: str) -> None:
    lead_id = text.replace("/", "|")
    fields = {"message": text, text: text, "name": text, "nested": {text: [text]}}
    floor.put(lead_id.replace("?", "%3F").replace("{", "%7B").replace("#", "%23"), source=text, fields=fields)
    ann = floor.person()
    ann.act("/queue/next")
    href = re.search(r'href="(/leads/[^"]+)" data-row', ann.get("/queue").text)
    assert href
    for path in ("/queue", href[1]):
        html = ann.get(path).text
        assert text_of(html).count(text) >= 2
        assert not re.search(r"<script>|<img src=x|[^-]onerror=alert\(1\)>|' onmouseover='", unmarked(html)), html
        assert "49" not in text_of(html).replace(text, "").split()


def unmarked(html: str) -> str:
    """The page's own tags alone, without the text between them."""
    return " ".join(re.findall(r"<[^>]*>", html))


def test_pages_hold_no_inline_script_or_style_and_nothing_from_elsewhere(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    for path in ("/queue", "/leads/L-1", "/model", "/sign-in", "/leads/none"):
        answer = ann.get(path)
        tags = unmarked(answer.text)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|(src|href|action)=\"(https?:)?//", tags), path
        assert re.findall(r"<script[^>]*>", tags) == re.findall(r'<script src="/static/[^"]*" defer>', tags)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_before_there_is_a_key_the_pages_are_open_on_this_machine_alone(
    model: ScoringModel, tmp_path: Path, clock: Clock
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/leads.db", poll_seconds=POLL_SECONDS)
    app = create_app(settings, Models(model), clock)
    with TestClient(app, base_url="http://localhost", headers=BROWSER) as client:
        shown = client.get("/")
        assert (shown.status_code, shown.url.path) == (200, "/queue")
        assert "Sign out" not in shown.text
        refused = client.get("/queue", headers={"host": "rebound.example"})
        assert refused.status_code == 421
        assert "http://localhost" in text_of(refused.text)


def test_a_chart_of_an_erased_lead_is_gone(either_floor: Floor) -> None:
    either_floor.put("L-1")
    ann = either_floor.person()
    chart = re.search(r'src="(/charts/[^"]+)"', ann.get("/leads/L-1").text)
    assert chart
    assert ann.get(chart[1]).status_code == 200
    either_floor.store.write_now(erase, "L-1", NOW)
    assert ann.get(chart[1]).status_code == 404


def test_an_unknown_lead_is_a_page_that_says_so(floor: Floor) -> None:
    answer = floor.person().get("/leads/none")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "there is no lead of this id" in text_of(answer.text)


def test_a_lead_page_opens_by_any_id(floor: Floor) -> None:
    floor.put("a%20b%3Fc")
    ann = floor.person()
    href = re.search(r'href="(/leads/[^"]+)" data-row', ann.get("/queue").text)
    assert href
    assert "a b?c" in ann.page(href[1])


def test_a_lead_page_marks_what_the_model_does_not_use(floor: Floor) -> None:
    floor.put("L-1", fields={"age": 41, "calls": 3, "shoe size": 44})
    shown = floor.person().page("/leads/L-1")
    assert "Calls 3 not used: known later than the lead arrives" in shown
    assert "Shoe size 44 not used: the model does not know it" in shown
    assert "Age 41" in shown
    assert "Newsletter – not sent" in shown


def test_a_lead_page_tells_why_each_score_changed(floor: Floor) -> None:
    floor.put("L-1")
    floor.clock.now = NOW + timedelta(hours=1)
    floor.put("L-1", source="social", fields={"age": 41, "job title": "Clerk"})
    shown = floor.person().page("/leads/L-1")
    assert re.search(r"−\d+\.\d points: the model changed 0\.0, the lead changed −\d+\.\d", shown)
    assert "first score" in shown


def test_the_waterfall_begins_at_an_average_lead_and_ends_at_the_score(model: ScoringModel) -> None:
    score = model.score(SCHEMA.parse("L-1", dict(LEAD["fields"]), created_at=NOW, source="search"), NOW, 99)
    chart = parts_of("sc", score, Scene(NOW, UTC_ZONE, "Ann", model)).chart
    first, *moves, last = chart.steps
    assert (first.start, last.start) == (0, 0)
    assert last.end == score.probability
    levels = [first.end, *(step.end for step in moves)]
    assert [step.start for step in moves] == levels[:-1]
    assert levels[-1] == pytest.approx(score.probability, abs=1e-12)


def test_a_score_of_another_model_is_shown_in_its_own_log_odds(model: ScoringModel, better: ScoringModel) -> None:
    score = model.score(SCHEMA.parse("L-1", dict(LEAD["fields"]), created_at=NOW, source="search"), NOW, 99)
    parts = parts_of("sc", score, Scene(NOW, UTC_ZONE, "Ann", better))
    assert "Model 1 gave this score and is not in use now" in parts.picture.caption
    assert parts.chart.steps[-1].end == pytest.approx(sum(reason.contribution for reason in score.reasons))


def test_a_chart_is_drawn_for_each_theme_and_width(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    paths = re.findall(r'(?:src|srcset)="(/charts/[^"]+)"', ann.get("/leads/L-1").text)
    drawn = {path.rpartition("/")[2]: ann.get(path) for path in paths}
    assert sorted(drawn) == ["narrow-dark.svg", "narrow-light.svg", "wide-dark.svg", "wide-light.svg"]
    assert all(answer.headers["content-type"] == "image/svg+xml" for answer in drawn.values())
    assert len({answer.text for answer in drawn.values()}) == 4
    assert ann.get("/charts/reasons/none/wide-light.svg").status_code == 404
    assert ann.get(paths[0].replace("wide-light", "huge-pink").replace("narrow-dark", "huge-pink")).status_code == 404


def test_charts_and_leads_are_for_those_who_signed_in(floor: Floor) -> None:
    floor.put("L-1")
    chart = re.search(r'src="(/charts/[^"]+)"', floor.person().get("/leads/L-1").text)
    assert chart
    assert floor.stranger().get(chart[1]).status_code == 303
    assert floor.stranger().get("/leads/L-1").status_code == 303


def test_the_model_page_says_what_it_does_not_know(floor: Floor) -> None:
    shown = floor.person().page("/model")
    assert "Nothing is known yet of how this model keeps its promises" in shown
    assert "calls numeric known later than the lead arrives" in shown
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
    promised, won = floor.store.read_now(delivered, 90, NOW + timedelta(days=92))
    assert sorted(won) == [False, False, True]
    assert len(set(promised)) == 1
    assert floor.store.read_now(delivered, 90, NOW + timedelta(days=89)) == ([], [])


def promises_that(share_won: float, leads: int = 1_000) -> Promises:
    """Leads promised 20 in 100, of which this share was won."""
    return Promises.of([0.2] * leads, [place < share_won * leads for place in range(leads)])


@pytest.mark.parametrize(
    ("share_won", "said"),
    [
        (0.2, "Of 1,000 leads it promised 200 customers; 200 came: as promised, within noise"),
        (0.22, "Of 1,000 leads it promised 200 customers; 220 came: as promised, within noise"),
        (0.24, "Of 1,000 leads it promised 200 customers; 240 came: more than chance explains"),
        (0.16, "Of 1,000 leads it promised 200 customers; 160 came: fewer than chance explains"),
    ],
)
def test_the_model_page_answers_with_promised_against_delivered(
    model: ScoringModel, share_won: float, said: str
) -> None:
    known = Known(None, Delivered(promises_that(share_won)), None, None)
    view = model_view(known, Scene(NOW, UTC_ZONE, "Ann", model))
    assert view.answer == said
    assert view.basis.startswith("A perfect model would bring between 175 and 225, 95 times of 100.")


def test_too_few_matured_leads_do_not_judge_a_model(model: ScoringModel) -> None:
    known = Known(None, Delivered(promises_that(0.0, leads=150)), None, None)
    view = model_view(known, Scene(NOW, UTC_ZONE, "Ann", model))
    assert view.answer == "Nothing is known yet of how this model keeps its promises"


def test_promotions_are_told_newest_first_and_mlflow_is_linked(model: ScoringModel) -> None:
    day = timedelta(days=1)
    history = (
        Promotion("1", None, NOW - 3 * day, "dana", "first"),
        Promotion("2", "1", NOW - 2 * day, "dana", "better"),
        Promotion("1", "2", NOW - day, "eli", "worse after all", is_rollback=True),
    )
    overview = Overview(None, None, history, "sqlite:///mlruns/mlflow.db")
    scene = Scene(NOW, UTC_ZONE, "Ann", model)
    view = model_view(Known(overview, Delivered(None), Rescored(3, 10), "https://mlflow.example"), scene)
    assert [line.version for line in view.promotions] == ["1 (rolled back)", "2", "1"]
    assert view.mlflow is not None
    assert view.mlflow.url == "https://mlflow.example"
    assert view.rescoring == "3 of 10 open leads have scores of model 1; the rest follow."
    assert view.rescored_share == 0.3
    assert model_view(Known(overview, Delivered(None), None, None), scene).mlflow_command == (
        "mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db"
    )


def test_a_value_that_cannot_be_made_anew_goes_on() -> None:
    answers: list[Callable[[], int]] = [lambda: 1, lambda: 1 // 0]
    kept = Kept("test", lambda: answers.pop(0)(), seconds=3600)
    kept.refresh()
    kept.refresh()
    assert kept.value == 1


def test_a_lead_page_tells_that_a_new_champion_changed_the_score(floor: Floor, model: ScoringModel) -> None:
    floor.put("L-1")
    ann, source = floor.person(), floor.source
    assert "first score" in ann.page("/leads/L-1")
    source.versions["2"] = shifted(model, "2", 0.5)
    source.champion = "2"
    told = re.compile(r"\+(\d+\.\d) points: the model changed \+\1, the lead changed 0\.0")
    wait_until(lambda: told.search(ann.page("/leads/L-1")) is not None)
    assert "by model 2" in ann.page("/leads/L-1")


def test_nothing_is_made_once_the_service_has_stopped() -> None:
    made: list[int] = []
    kept = Kept("test", lambda: made.append(1), seconds=0)
    kept.refresh()
    kept.close()
    kept.refresh()
    assert kept.value is None
    assert made == [1]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio of two #rrggbb colours."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_marks_have_the_contrast_of_aa(theme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (STATIC / "pages.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[theme]))
    texts = [(name, ground) for name in ("ink", "quiet", "accent", "late") for ground in ("paper", "soft")]
    for name, ground in [*texts, ("on-accent", "accent")]:
        assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("edge", "accent", "refusal"):
        assert contrast(colours[name], colours["paper"]) >= 3, name


@pytest.mark.parametrize("theme", PALETTES)
def test_charts_have_the_contrast_of_aa(theme: str) -> None:
    palette = PALETTES["dark" if theme == "dark" else "light"]
    assert min(contrast(colour, palette.paper) for colour in (palette.ink, palette.quiet)) >= 4.5
    assert min(contrast(colour, palette.paper) for colour in (palette.up, palette.down)) >= 3


def test_the_fallback_without_groups_has_a_slightly_wider_band() -> None:
    rng = [0.05 + 0.3 * (place / 999) for place in range(1_000)]
    single = Promises.of(rng, [False] * 1_000).whole
    totals = Promises.of_totals(1_000, single.promised, 0.0).whole
    assert single.promised == pytest.approx(0.2)
    assert totals.high - totals.low > single.high - single.low


def test_the_clock_of_the_company_tells_the_times(model: ScoringModel) -> None:
    scene = replace(Scene(NOW, UTC_ZONE, "Ann", model), zone=ZoneInfo("Asia/Tokyo"))
    assert scene.moment(datetime(2026, 3, 3, 16, 30, tzinfo=UTC)) == "tomorrow 01:30"
