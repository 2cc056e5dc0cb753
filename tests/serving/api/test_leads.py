"""What a CRM tells of its leads is kept, scored and queued, once."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from features.tables.fact_batches import batch_of
from serving.store.history.imported_rows import put_leads
from tests.serving.crm import NOW, Clock, Crm
from tests.serving.models import LEAD


def test_a_new_lead_is_stored_scored_and_queued(crm: Crm) -> None:
    score = crm.put("L-1")

    assert score["status_code"] == 201
    lead = crm.lead("L-1")
    assert lead["fields"] == LEAD["fields"]
    assert lead["score"]["probability"] == score["probability"]
    assert (lead["outcome"], lead["contacts"], lead["queue"]["attempts"]) == (None, [], 0)
    assert crm.waiting() == ["L-1"]


def test_the_stored_score_is_the_one_that_v1_score_gives(crm: Crm) -> None:
    score = crm.client.post("/v1/score", json=LEAD).json()

    assert crm.put("L-1") == score | {"status_code": 201}


def test_repeating_a_put_changes_nothing(crm: Crm, clock: Clock) -> None:
    first = crm.put("L-1")
    before = crm.lead("L-1")
    clock.now = clock.now.replace(hour=12)

    assert crm.put("L-1") == first | {"status_code": 200}
    assert crm.lead("L-1") == before


def test_new_arrival_facts_give_a_new_score(crm: Crm) -> None:
    first = crm.put("L-1")
    second = crm.put("L-1", source="social", fields=LEAD["fields"] | {"job title": "clerk"})

    assert second["status_code"] == 200
    assert second["probability"] < first["probability"]
    assert crm.queue()["leads"][0]["score"]["probability"] == second["probability"]
    assert crm.queue()["leads"][0]["source"] == "social"


def test_what_no_score_may_see_changes_no_score(crm: Crm, clock: Clock) -> None:
    first = crm.put("L-1")
    clock.now = clock.now.replace(hour=12)

    again = crm.put("L-1", fields=LEAD["fields"] | {"calls": 4})

    assert again["scored_at"] == first["scored_at"]
    assert crm.lead("L-1")["fields"]["calls"] == 4


def test_the_body_may_leave_out_the_id_but_not_name_another(crm: Crm) -> None:
    answer = crm.client.put("/v1/leads/L-1", json={"lead_id": "L-2"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/lead_id"


def test_all_that_is_wrong_with_a_lead_is_said_at_once(crm: Crm) -> None:
    """Its shape, its id, and the values that the model's schema refuses."""
    wrong = {"lead_id": "L-2", "colour": "red", "value": -1, "created_at": "soon", "fields": {"age": "old"}}

    answers = [crm.client.put("/v1/leads/L-1", json=wrong), crm.client.put("/v1/leads/L-2", json=wrong)]
    answers.append(crm.client.post("/v1/score", json=wrong))
    batch = crm.client.post("/v1/score/batch", json={"leads": [wrong]}).json()["results"][0]["problem"]["errors"]

    places = [sorted(error["pointer"] for error in answer.json()["errors"]) for answer in answers]
    everywhere = ["/colour", "/created_at", "/fields/age", "/value"]
    assert places == [[*everywhere[:3], "/lead_id", "/value"], everywhere, everywhere]
    assert sorted(error["pointer"] for error in batch) == [f"/leads/0{place}" for place in everywhere]
    other = crm.client.put("/v1/leads/L-1", json={"lead_id": "L-2", "fields": {"age": "old"}}).json()["errors"]
    assert [error["pointer"] for error in other] == ["/lead_id", "/fields/age"]


def test_times_that_name_no_zone_are_said_to_be_taken_as_utc(crm: Crm) -> None:
    sent = crm.put("L-1", created_at="2026-03-02T09:30:00", fields=LEAD["fields"] | {"last_visit": "2026-02-27"})
    assert sent["warnings"] == ["taken as UTC, as no zone was sent: created_at, last_visit"]
    assert crm.put("L-2")["warnings"] == []


@pytest.mark.parametrize("created_at", ["1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z"])
def test_an_arrival_of_another_century_is_kept_with_a_warning(crm: Crm, created_at: str) -> None:
    """CRMs write such days where they know none."""
    answer = crm.put("L-1", created_at=created_at)

    day = created_at[:10]
    told = f"created_at is {day}, hardly an arrival: before 2000, or ahead of the clock; send null if unknown"
    assert answer["warnings"] == [told]
    assert crm.client.get("/v1/leads/L-1").json()["created_at"] == created_at
    assert crm.put("L-2", created_at="2000-01-01T00:00:00Z")["warnings"] == []


def test_an_arrival_that_lies_ahead_is_scored_with_a_warning_where_nothing_is_stored(crm: Crm) -> None:
    ahead = [(NOW + timedelta(hours=hours)).isoformat() for hours in (24, 25)]
    near, far = (crm.client.post("/v1/score", json=LEAD | {"created_at": time}).json() for time in ahead)

    assert near["warnings"] == []
    assert far["warnings"] == [
        f"created_at is {ahead[1][:10]}, hardly an arrival: before 2000, or ahead of the clock; send null if unknown"
    ]


def test_a_slash_at_the_end_of_a_path_is_named_as_what_is_wrong(crm: Crm) -> None:
    crm.put("L-2")
    refused = crm.client.get("/v1/leads/L%202/").json()
    assert refused["detail"] == "there is nothing at this path; leave out the slash at its end: /v1/leads/L%202"
    assert crm.client.get("/v1/nothing/").json()["detail"] == "there is nothing at this path; see /docs"


def test_an_unknown_lead_is_a_404(crm: Crm) -> None:
    assert crm.client.get("/v1/leads/nobody").status_code == 404
    assert crm.client.delete("/v1/leads/nobody").status_code == 404


def test_erasing_leaves_no_trace_of_the_person(crm: Crm, database_url: str) -> None:
    crm.put("L-1", fields=LEAD["fields"] | {"message": "my unmistakable words"})
    crm.contact("L-1", agent="ann")
    crm.outcome("L-1", "won", reason="liked the colour")

    assert crm.client.delete("/v1/leads/L-1").status_code == 204

    assert crm.client.get("/v1/leads/L-1").status_code == 404
    assert crm.waiting() == []
    if database_url.startswith("sqlite"):
        folder = Path(database_url.removeprefix("sqlite:///")).parent
        stored = b"".join(file.read_bytes() for file in folder.iterdir())
        assert b"unmistakable" not in stored
        assert b"ann@example.com" not in stored


def test_a_time_that_no_database_keeps_is_refused(crm: Crm) -> None:
    answer = crm.client.put("/v1/leads/L-1", json={"created_at": "9999-12-31T00:00:00Z"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/created_at"


@pytest.mark.parametrize("lead_id", ["a b", "ü&ä?", "A/1", "x" * 200, "<script>", "🙂"])
def test_any_text_may_be_an_id(crm: Crm, lead_id: str) -> None:
    path = f"/v1/leads/{quote(lead_id, safe='')}"
    assert crm.client.put(path, json={}).json()["lead_id"] == lead_id
    assert crm.client.get(path).json()["lead_id"] == lead_id


@pytest.mark.parametrize("lead_id", [" a", "a ", "a  b", "a\tb", "\u2003a", "7.0", "-7.00"])
def test_an_id_that_a_table_would_spell_otherwise_is_refused_and_never_changed(crm: Crm, lead_id: str) -> None:
    path = f"/v1/leads/{quote(lead_id, safe='')}"
    answers = [
        crm.client.put(path, json={}),
        crm.client.get(path),
        crm.client.put(f"{path}/outcome", json={"status": "won"}),
        crm.client.post("/v1/score", json={"lead_id": lead_id}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert all("without white space around it" in answer.json()["errors"][0]["detail"] for answer in answers)
    assert crm.waiting() == []


@pytest.mark.parametrize("lead_id", ["%FF", "a%C3", "%ED%A0%80", "%2F%80"])
def test_a_path_that_is_not_utf8_is_refused(crm: Crm, lead_id: str) -> None:
    for answer in (crm.client.put(f"/v1/leads/{lead_id}", json={}), crm.client.get(f"/v1/leads/{lead_id}")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:leads:problem:path-broken")
        assert answer.headers["x-request-id"]
    assert crm.waiting() == []


def test_a_lead_of_the_past_is_scored_and_queued_once_the_crm_sends_it(crm: Crm, clock: Clock) -> None:
    store = crm.service.store
    past = {"created_at": None, "source": "search", "campaign": None, "value": None, "fields": {"age": 41}}
    facts = [{"lead_id": lead_id, **past} for lead_id in ("same", "changed")]
    store.write_now(put_leads, batch_of(facts, range(2)), clock())

    same = crm.put("same", created_at=None, source="search", campaign=None, fields={"age": 41})
    changed = crm.put("changed", created_at=None, source="social", campaign=None, fields={"age": 41})

    assert (same["status_code"], changed["status_code"]) == (200, 200)
    assert set(crm.waiting()) == {"same", "changed"}
    assert crm.lead("changed")["score"]["probability"] == changed["probability"]


def test_erasing_reaches_answers_that_told_of_many_leads(crm: Crm) -> None:
    batch = {"json": {"leads": [{"lead_id": "gone", "fields": {}}]}, "headers": {"Idempotency-Key": "k"}}
    crm.client.post("/v1/score/batch", **batch)

    assert crm.client.delete("/v1/leads/gone").status_code == 204
    assert "Idempotency-Replayed" not in crm.client.post("/v1/score/batch", **batch).headers
