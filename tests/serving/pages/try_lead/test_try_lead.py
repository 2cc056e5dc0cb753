"""Trying a lead: the form, its score beside the API's, and what it keeps to itself."""

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from features.lead import Lead
from serving.pages.try_lead.form import sent_lead, stored_values
from serving.store.keys import Scope
from tests.serving.models import SCHEMA
from tests.serving.pages.floor import Floor, text_of

TYPED = {
    "created_at": "2026-03-02T09:30",
    "source": "search",
    "campaign": "brand",
    "field.age": "41",
    "field.job title": "director",
    "field.newsletter": "yes",
    "field.last_visit": "2026-02-27T17:00",
    "field.message": "Please send a quote for ten seats",
    "field.e-mail": "ann@example.com",
    "field.phone": "",
}
AS_JSON = {
    "lead_id": "L-1",
    "created_at": "2026-03-02T09:30:00Z",
    "source": "search",
    "campaign": "brand",
    "fields": {
        "age": 41,
        "job title": "director",
        "newsletter": True,
        "last_visit": "2026-02-27T17:00:00Z",
        "message": "Please send a quote for ten seats",
        "e-mail": "ann@example.com",
    },
}


def test_a_tried_lead_scores_as_over_the_api_and_is_not_stored(floor: Floor) -> None:
    answer = floor.person().send("/try", **TYPED)
    headers = {"authorization": f"Bearer {floor.key('CRM', 'score')}"}
    score = TestClient(floor.app).post("/v1/score", json=AS_JSON, headers=headers).json()
    shown = text_of(answer.text)
    assert answer.status_code == 200
    assert f"grade {score['grade']} {100 * score['probability']:.0f} in 100 become customers within 90 days" in shown
    assert score["reasons"][0]["sentence"].split(":")[0].replace(" is ", ": ") in shown
    assert 'value="41"' in answer.text
    assert "All caught up" in floor.person().page("/queue")
    assert (
        floor.store.read_now(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM leads").scalar()) == 0
    )


def test_the_bars_of_a_tried_lead_add_up_to_its_score(floor: Floor) -> None:
    html = floor.person().send("/try", **TYPED).text
    texts = re.findall(r'<td class="figure">([^<]+)</td></tr>', html)
    base, score = (float(text.split(" in 100")[0]) for text in (texts[0], texts[-1]))
    moves = sum(float(text.replace("−", "-")) for text in texts[1:-1])
    assert base + moves == pytest.approx(score, abs=1.01)  # both ends are told in whole customers of a hundred


def test_what_cannot_be_used_is_named_at_its_field_and_what_was_typed_stays(floor: Floor) -> None:
    answer = floor.person().send("/try", **{**TYPED, "field.age": "old", "field.last_visit": "yesterday"})
    assert answer.status_code == 422
    assert "This cannot be scored yet: Age : expected a number Last visit : expected an ISO 8601 time" in text_of(
        answer.text
    )
    assert re.search(r'name="field.age" value="old" [^>]*aria-invalid="true"', answer.text)
    assert 'value="director"' in answer.text


def test_a_stored_lead_fills_the_form_for_those_who_may_see_leads(floor: Floor) -> None:
    floor.put("L-1", value=5)
    ann = floor.person()
    assert 'href="/try?lead=L-1"' in ann.get("/leads/L-1").text
    html = ann.get("/try?lead=L-1").text
    for name, value in (("source", "search"), ("field.age", "41"), ("field.last_visit", "2026-02-27T17:00")):
        assert f'name="{name}" value="{value}"' in html
    assert "Filled in as lead L-1 is stored." in text_of(html)
    assert ann.get("/try?lead=L-2").status_code == 404
    refused = floor.person(scope="report").get("/try?lead=L-1")
    assert (refused.status_code, "Director" in refused.text) == (403, False)


def test_everybody_whose_key_scores_or_reads_scores_may_try(floor: Floor) -> None:
    scopes: tuple[Scope, ...] = ("score", "sales", "team", "report", "admin")
    assert [floor.person(scope=scope).get("/try").status_code for scope in scopes] == [200] * 5
    assert floor.person(scope="feed").get("/try").status_code == 403


def test_the_form_of_another_sign_in_is_refused(floor: Floor) -> None:
    assert floor.person().client.post("/try", data=TYPED).status_code == 403
    assert floor.stranger().client.post("/try", data=TYPED).status_code == 303


def test_times_are_typed_by_the_companys_clocks_and_numbers_as_its_tables_write_them() -> None:
    berlin, comma = ZoneInfo("Europe/Berlin"), replace(SCHEMA, decimal=",")
    sent = sent_lead(SCHEMA, {"created_at": "2026-07-01T09:30", "field.message": "  "}, berlin)
    assert sent == {"lead_id": "tried", "created_at": "2026-07-01T09:30:00+02:00", "fields": {}}
    lead = comma.parse("L-1", {"age": "40,5", "newsletter": True}, created_at="2026-07-01T07:30:00Z")
    assert isinstance(lead, Lead)
    values = stored_values(lead, comma, berlin)
    assert values | {"field.age": "40,5", "created_at": "2026-07-01T09:30", "field.newsletter": "yes"} == values


@pytest.mark.parametrize(
    ("visited", "zone", "typed"),
    [
        ("0001-01-01T00:00:00Z", "America/New_York", "0001-01-01T00:00"),
        ("0001-01-01T00:00:00Z", "Europe/Berlin", "0001-01-01T00:53"),
        ("9999-12-31T23:59:59Z", "Europe/Berlin", "9999-12-31T23:59"),
    ],
)
def test_a_lead_whose_time_is_a_crm_s_word_for_no_date_can_be_tried(visited: str, zone: str, typed: str) -> None:
    lead = SCHEMA.parse("L-1", {"last_visit": visited})
    assert stored_values(lead, SCHEMA, ZoneInfo(zone))["field.last_visit"] == typed
