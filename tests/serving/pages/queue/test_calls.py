"""Calls as agents log them: kept with their outcomes, taken back, and corrected."""

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from serving.store import tables
from serving.store.contacts import find_contacts
from serving.store.leads import erase
from serving.store.outcomes import find_standing
from tests.serving.crm import NOW
from tests.serving.pages.floor import Floor, Person, text_of


def call(agent: Person, result: str, lead_id: str = "L-1", **form: str) -> str:
    """Log a call; the text of the page that it led to."""
    return agent.act("/queue/call", **({"lead_id": lead_id, "result": result, "back": f"/leads/{lead_id}"} | form))


def undo(agent: Person, page: str) -> str:
    """Take back the call that a page's notice tells of."""
    told = re.search(r'name="contact_id" value="([^"]+)"', agent.get(page).text)
    assert told, "the notice offers to take the call back"
    return agent.act("/queue/undo", contact_id=told[1])


def logged(agent: Person, **form: str) -> str:
    """Log a call; where it led to."""
    answer = agent.send("/queue/call", **form)
    assert answer.status_code == 303, answer.text
    return unescape(answer.headers["location"])


def contacts_with(floor: Floor, lead_id: str = "L-1") -> list[tuple[str | None, bool | None]]:
    found = floor.store.read_now(find_contacts, lead_id)
    return [(stored.contact.agent, stored.contact.connected) for stored in found]


def test_a_call_is_kept_and_the_lead_returns_when_the_agent_said(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    shown = call(ann, "callback", minutes="4", again="1h", note="ask for Bo", back="/queue?lead=L-1")
    assert "L-1: reached, call again 11:00 UTC." in shown
    assert "You just called" in shown
    assert "Ann: reached, 4 min; to be called again 11:00 ask for Bo" in shown
    assert "All caught up" in floor.person("Ben").page()
    floor.clock.now = NOW + timedelta(minutes=61)
    assert "call again due 11:00" in floor.person("Cem").page()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "say how the call went: not reached, call back, won or lost"),
        ({"result": "sold"}, "say how the call went"),
        *[
            ({"result": "won", "minutes": minutes}, "minutes must be a number from 0 to 600")
            for minutes in ("-1", "nan")
        ],
        ({"result": "won", "value": "-1"}, "value must be a number from 0 on"),
        ({"result": "callback", "again_at": "2026-03-03T09:59"}, "must lie ahead, within a year"),
        ({"result": "callback", "again_at": "2028-01-01T09:00"}, "must lie ahead, within a year"),
        ({"result": "callback", "again_at": "soon"}, "cannot be read; write it as 2026-11-02T14:30"),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_words(floor: Floor, form: dict[str, str], said: str) -> None:
    floor.put("L-1")
    answer = floor.person().send("/queue/call", lead_id="L-1", **form)
    assert (answer.status_code, contacts_with(floor)) == (422, [])
    assert said in text_of(answer.text)


def test_a_call_with_nobody_is_refused(floor: Floor) -> None:
    assert floor.person().send("/queue/call", lead_id="L-9", result="won").status_code == 404


def test_a_won_lead_leaves_the_queue_with_its_value(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    shown = call(ann, "won", value="1250.50", back="/queue?lead=L-1")
    assert "L-1: won, worth 1,250." in shown
    assert "All caught up" in shown
    assert "Won 10:00, worth 1,250" in ann.page("/leads/L-1")


@pytest.mark.parametrize(
    ("form", "reason"),
    [({"reason": "No budget"}, "No budget"), ({"reason": "No budget", "other_reason": "moved away"}, "moved away")],
)
def test_a_lost_lead_leaves_the_queue_with_the_reason_chosen_or_written(
    floor: Floor, form: dict[str, str], reason: str
) -> None:
    floor.put("L-1")
    ann = floor.person()
    assert f"Lost 10:00: {reason}" in call(ann, "lost", **form)
    assert "0 leads to call" in ann.page()


@pytest.mark.parametrize(
    ("form", "reached"),
    [({"result": "won"}, True), ({"result": "lost"}, True), ({"result": "lost", "unreached": "yes"}, False)],
)
def test_an_outcome_is_always_a_contact_and_says_whether_they_were_reached(
    either_floor: Floor, form: dict[str, str], reached: bool
) -> None:
    floor = either_floor
    floor.put("L-1")
    ann = floor.person("Ann")
    ann.act("/queue/claim", lead_id="L-1")
    call(ann, **form)
    assert contacts_with(floor) == [("Ann", reached)]
    assert "0 leads Never called" in ann.page("/leads?tried=no")
    with floor.store.database.reading() as connection:
        assert connection.scalars(select(tables.claims.c.ended_by)).all() == ["outcome"]


def test_an_outcome_by_the_crm_is_no_contact(floor: Floor) -> None:
    floor.put("L-1")
    crm_says(floor, status="lost").raise_for_status()
    assert contacts_with(floor) == []
    assert "No call yet" in floor.person("Ann").page("/leads/L-1")


def crm_says(floor: Floor, **said: object) -> Response:
    headers = {"authorization": f"Bearer {floor._crm}"}
    return TestClient(floor.app).put("/v1/leads/L-1/outcome", json=said, headers=headers)


def test_log_and_next_claims_the_next_lead_with_the_same_filters(floor: Floor) -> None:
    for lead_id in ("L-1", "L-2"):
        floor.put(lead_id, source="search")
    floor.put("L-other", source="social")
    ann = floor.person()
    ann.act("/queue/claim", lead_id="L-1")
    where = logged(ann, lead_id="L-1", result="not_reached", then="next", source="search")
    assert where.startswith("/queue?source=search&lead=L-2&call=ct_")
    shown = ann.page(where)
    assert "L-1: not reached." in shown
    assert "Yours, until 10:30 UTC" in shown


@pytest.mark.parametrize("result", ["not_reached", "callback", "won", "lost"])
def test_what_was_logged_is_taken_back_and_the_lead_is_the_agents_again(either_floor: Floor, result: str) -> None:
    floor = either_floor
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    where = logged(ann, lead_id="L-1", result=result, again="1d")
    shown = undo(ann, where)
    assert "Taken back. The lead is yours again." in shown
    assert "Yours, until 10:30 UTC" in shown
    assert "call due within 15 min" in shown
    assert contacts_with(floor) == []
    assert "No call yet" in ann.page("/leads/L-1")


def test_an_earlier_call_stands_when_a_later_one_is_taken_back(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    call(ann, "callback", again="1h")
    floor.clock.now = NOW + timedelta(minutes=10)
    undo(ann, logged(ann, lead_id="L-1", result="won"))
    assert contacts_with(floor) == [("Ann", True)]
    assert "call again due 11:00" in ann.page("/leads/L-1")


def test_the_calls_of_others_and_of_long_ago_stay(floor: Floor) -> None:
    floor.put("L-1")
    ann, ben = floor.person("Ann"), floor.person("Ben")
    call(ann, "not_reached")
    contact_id = floor.store.read_now(find_contacts, "L-1")[0].contact_id
    assert "That call cannot be changed any more, or it was not yours." in ben.act("/queue/undo", contact_id=contact_id)
    floor.clock.now = NOW + timedelta(days=8)
    told = {"contact_id": contact_id, "lead_id": "L-1", "result": "won"}
    assert "cannot be changed" in floor.person("Ann").act("/queue/correct", **told)
    assert contacts_with(floor) == [("Ann", False)]


def test_a_call_is_corrected_on_the_leads_page_and_keeps_its_time(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-1")
    ann = floor.person()
    call(ann, "won", value="100", note="signed")
    html = ann.get("/leads/L-1").text
    assert re.search(r'value="won" required checked', html)
    assert 'name="value" min="0" step="any" inputmode="decimal" value="100"' in html
    contact_id = floor.store.read_now(find_contacts, "L-1")[0].contact_id
    floor.clock.now = NOW + timedelta(minutes=5)
    told = {"contact_id": contact_id, "lead_id": "L-1", "back": "/leads/L-1"}
    shown = ann.act("/queue/correct", result="lost", reason="No need", note="withdrew", **told)
    assert "L-1: lost, No need." in shown
    assert "Lost 10:05: No need" in shown
    assert "10:00 Ann: reached withdrew" in shown
    assert "signed" not in shown
    assert "4 leads" not in ann.act("/queue/correct", result="callback", again="1h", **told)
    shown = ann.page("/leads/L-1")
    assert "In the queue, waiting 5 min · call again due 11:05" in shown


def test_a_correction_keeps_the_agreed_time_until_another_is_chosen(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    call(ann, "callback", again_at="2026-03-05T14:30")
    contact_id = floor.store.read_now(find_contacts, "L-1")[0].contact_id
    told = {"contact_id": contact_id, "lead_id": "L-1", "back": "/leads/L-1", "result": "callback", "again_at": ""}
    html = ann.get("/leads/L-1").text
    (agreed,) = re.findall(r'name="again" value="([^"]*)" checked', html)
    assert "Thu 14:30" in text_of(html)
    assert "call again due Thu 14:30" in ann.act("/queue/correct", again=unescape(agreed), note="as agreed", **told)
    assert "call again due tomorrow 09:00" in ann.act("/queue/correct", again="1d", **told)


def test_a_win_whose_amount_is_corrected_keeps_its_date(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    call(ann, "won", value="100")
    contact_id = floor.store.read_now(find_contacts, "L-1")[0].contact_id
    floor.clock.now = NOW + timedelta(days=3)
    shown = floor.person("Ann").act(
        "/queue/correct", contact_id=contact_id, lead_id="L-1", back="/leads/L-1", result="won", value="1000"
    )
    assert "1,000" in shown
    (standing,) = floor.store.read_now(find_standing, ["L-1"]).values()
    assert (standing.at, standing.value) == (NOW, 1000.0)


def test_a_correction_does_not_renew_the_week_in_which_a_call_may_be_corrected(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-1")
    call(floor.person("Ann"), "won", value="100")
    contact_id = floor.store.read_now(find_contacts, "L-1")[0].contact_id
    told = {"contact_id": contact_id, "lead_id": "L-1", "result": "won"}
    floor.clock.now = NOW + timedelta(days=6)
    assert "cannot be changed" not in floor.person("Ann").act("/queue/correct", **told, value="200")

    floor.clock.now = NOW + timedelta(days=8)
    assert "cannot be changed" in floor.person("Ann").act("/queue/correct", **told, value="300")
    assert "cannot be changed" in floor.person("Ann").act("/queue/undo", contact_id=contact_id)


def test_notes_are_erased_with_the_lead(floor: Floor) -> None:
    floor.put("L-1")
    call(floor.person(), "callback", note="a private matter")
    floor.store.write_now(erase, "L-1", NOW)
    with floor.store.database.reading() as connection:
        assert connection.scalars(select(tables.contacts.c.note)).all() == []
