"""The queue page: whom to call and why, and what its forms do."""

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from serving.pages.page_context import chance_of
from serving.store import tables
from serving.store.contacts import find_contacts
from tests.serving.crm import NOW, Clock
from tests.serving.models import LEAD, SCHEMA
from tests.serving.pages.floor import Floor, opened, text_of
from training.model import ScoringModel


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


def test_leads_stand_under_what_they_are_sorted_by(floor: Floor) -> None:
    floor.put("L-untried", created_at=(NOW - timedelta(days=31)).isoformat())
    floor.put("L-overdue", created_at=(NOW - timedelta(days=2)).isoformat())
    floor.put("L-new")
    html = floor.person().get("/queue").text
    rows = re.findall(r'rowgroup" colspan="7">([^<]+)<|data-row>([^<]+)<', html)
    assert [heading or lead_id for heading, lead_id in rows] == [
        "Untried for more than 30 days: the oldest first",
        "L-untried",
        "Overdue: the highest chance first",
        "L-overdue",
        "The highest chance first",
        "L-new",
    ]
    assert "Call next · untried for more than 30 days" in text_of(html)
    assert "aria-sort" not in html


@pytest.mark.parametrize(
    ("order", "said"), [("value", "what is worth most"), ("wait", "the longest wait for its chance")]
)
def test_a_queue_in_which_nothing_comes_before_is_sorted_by_its_column(floor: Floor, order: str, said: str) -> None:
    floor.put("L-new")
    html = floor.person().get(f"/queue?order={order}").text
    assert f"{said.capitalize()} first" in html
    assert html.count("aria-sort") == 1


def test_a_claim_that_ran_out_is_no_longer_the_agent_s_and_that_is_said(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person("Ann")
    claimed = ann.send("/queue/next").headers["location"]
    html = ann.get(claimed).text
    assert float(re.findall(r'data-until="([^"]+)"', html)[0]) == (NOW + timedelta(minutes=30)).timestamp()

    floor.clock.now = NOW + timedelta(minutes=30)
    shown = ann.page(claimed)
    assert "Your claim on L-1 ran out 10:30, and it went back into the queue." in shown
    assert "Yours" not in shown
    assert "yours" not in shown
    assert "yours" not in ann.page("/leads/L-1")


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


def test_a_lead_of_which_too_little_is_known_says_so_in_the_queue_and_on_its_page(floor: Floor) -> None:
    floor.put("L-1", source="never seen")
    ann = floor.person()
    assert ann.page("/queue").count("has values never seen") == 2  # the lead to call, and its row
    assert "has values never seen" in ann.page("/leads/L-1")
    floor.put("L-1")
    assert "has values never seen" not in ann.page("/queue") + ann.page("/leads/L-1")


def crm_says(floor: Floor, lead_id: str, **said: object) -> None:
    headers = {"authorization": f"Bearer {floor._crm}"}
    TestClient(floor.app).put(f"/v1/leads/{lead_id}/outcome", json=said, headers=headers).raise_for_status()


def contacts_with(floor: Floor, lead_id: str) -> list[tuple[str | None, bool | None]]:
    found = floor.store.read_now(find_contacts, lead_id)
    return [(stored.contact.agent, stored.contact.connected) for stored in found]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_an_outcome_given_by_an_agent_is_a_contact(either_floor: Floor, status: str) -> None:
    floor = either_floor
    floor.put("L-1")
    ann = floor.person("Ann")
    ann.act("/queue/claim", lead_id="L-1")
    shown = ann.act("/queue/outcome", lead_id="L-1", status=status, reason="too dear", back="/leads/L-1")
    assert "Nobody has tried yet" not in shown
    assert "Ann: whether they were reached is not known" in shown
    assert contacts_with(floor, "L-1") == [("Ann", None)]
    assert "0 leads Never tried" in ann.page("/leads?tried=no")


def test_an_outcome_after_a_call_is_no_further_contact(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person("Ann")
    ann.act("/queue/contact", lead_id="L-1", connected="no", back="/leads/L-1")
    ann.act("/queue/outcome", lead_id="L-1", status="won", back="/leads/L-1")
    assert contacts_with(floor, "L-1") == [("Ann", False)]


def test_an_outcome_by_the_crm_is_no_contact(floor: Floor) -> None:
    floor.put("L-1")
    crm_says(floor, "L-1", status="lost")
    assert contacts_with(floor, "L-1") == []
    assert "Nobody has tried yet" in floor.person("Ann").page("/leads/L-1")


def test_the_outcome_ends_the_claim_not_the_contact_beside_it(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person("Ann")
    ann.act("/queue/claim", lead_id="L-1")
    ann.act("/queue/outcome", lead_id="L-1", status="won", back="/queue")
    with floor.store.database.reading() as connection:
        assert connection.scalars(select(tables.claims.c.ended_by)).all() == ["outcome"]
    assert "Nobody to call now" in ann.page("/queue")
