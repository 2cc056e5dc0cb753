"""Scoring one lead, and many."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from tests.serving.models import LEAD
from training.model import Score, ScoringModel

FIELDS = LEAD["fields"]
AT = datetime(2026, 11, 2, tzinfo=UTC)


def directly(model: ScoringModel, lead: dict, reasons: int = 3) -> Score:
    roles = {role: lead.get(role) for role in ("created_at", "source", "campaign")}
    return model.score(model.schema.parse(lead["lead_id"], lead["fields"], **roles), AT, reasons)


def score(client: TestClient, lead: dict, query: str = "") -> dict:
    answer = client.post(f"/v1/score{query}", json=lead)
    assert answer.status_code == 200, answer.text
    return answer.json()


VARIED = [
    LEAD,
    {**LEAD, "lead_id": "L-2", "fields": {}},
    {"lead_id": "L-3", "fields": {"age": "1,041.5", "newsletter": "no", "phone": 490301234}},
    {**LEAD, "lead_id": "L-4", "source": "never heard of", "fields": {**FIELDS, "message": "ÄÖ \u2028 🙂"}},
]


@pytest.mark.parametrize("lead", VARIED, ids=lambda lead: lead["lead_id"])
def test_a_lead_gets_one_probability_from_the_model_alone_and_in_a_batch(
    client: TestClient, model: ScoringModel, lead: dict
) -> None:
    expected = directly(model, lead)
    alone = score(client, lead)
    batch = client.post("/v1/score/batch", json={"leads": [LEAD, lead]}).json()["results"][1]
    for answer in (alone, batch):
        assert answer["probability"] == pytest.approx(expected.probability, abs=1e-12)
        assert answer["interval"] == pytest.approx(expected.interval, abs=1e-12)
        assert [reason["field"] for reason in answer["reasons"]] == [reason.field for reason in expected.reasons]


def test_the_answer_says_what_was_promised_by_which_model_and_why(client: TestClient) -> None:
    answer = score(client, LEAD)
    assert set(answer) == {
        "lead_id", "probability", "grade", "percentile", "interval", "reasons", "horizon_days",
        "model_version", "scored_at", "warnings", "confidence",
    }  # fmt: skip
    assert (answer["lead_id"], answer["horizon_days"], answer["model_version"]) == ("L-1", 90, "1")
    assert answer["interval"][0] <= answer["probability"] <= answer["interval"][1]
    assert answer["reasons"][0]["sentence"] == "Job title is Director: raises the score most"
    assert datetime.fromisoformat(answer["scored_at"]).utcoffset() is not None
    assert answer["warnings"] == []


@pytest.mark.parametrize("reasons", [0, 1, 8])
def test_as_many_reasons_are_given_as_were_asked_for(client: TestClient, reasons: int) -> None:
    assert len(score(client, LEAD, f"?reasons={reasons}")["reasons"]) == reasons


def test_without_the_parameter_there_are_three_reasons(client: TestClient) -> None:
    assert len(score(client, LEAD)["reasons"]) == 3


def test_roles_may_stand_in_fields_under_the_companys_own_names(client: TestClient) -> None:
    roles = {"created": LEAD["created_at"], "utm_source": LEAD["source"], "utm_campaign": LEAD["campaign"]}
    inside = score(client, {"lead_id": "L-1", "fields": {**FIELDS, **roles}})
    assert inside["probability"] == score(client, LEAD)["probability"]
    assert inside["warnings"] == []


def test_a_field_that_the_model_does_not_know_is_named_in_the_warnings(client: TestClient) -> None:
    answer = score(client, {**LEAD, "fields": {**FIELDS, "shoe size": [43, {"eu": True}]}})
    assert answer["warnings"] == ["field 'shoe size' is not known to the model and was not used"]
    assert answer["probability"] == score(client, LEAD)["probability"]


def test_a_category_never_seen_in_training_is_named_without_its_value(client: TestClient) -> None:
    answer = score(client, {**LEAD, "source": "carrier pigeon"})
    assert answer["warnings"] == ["the value of 'utm_source' was never seen in training"]


def test_missing_is_not_zero(client: TestClient) -> None:
    null, absent, placeholder, zero = (
        score(client, {**LEAD, "fields": fields}, "?reasons=8")
        for fields in (
            {**FIELDS, "age": None},
            {name: value for name, value in FIELDS.items() if name != "age"},
            {**FIELDS, "age": 999},
            {**FIELDS, "age": 0},
        )
    )
    assert null["probability"] == absent["probability"] == placeholder["probability"] != zero["probability"]
    assert any(reason["sentence"].startswith("Age is missing") for reason in null["reasons"])


def test_what_is_known_later_changes_nothing(client: TestClient) -> None:
    later = score(client, {**LEAD, "fields": {**FIELDS, "calls": 12}})
    assert later["probability"] == score(client, LEAD)["probability"]


@pytest.mark.parametrize(("sent", "taken"), [(17, "17"), ("1" * 200, "1" * 200), (-5, "-5")])
def test_ids_are_text_or_whole_numbers(client: TestClient, sent: object, taken: str) -> None:
    assert score(client, {**LEAD, "lead_id": sent})["lead_id"] == taken


def test_a_body_may_begin_with_a_byte_order_mark(client: TestClient) -> None:
    headers = {"content-type": "application/json; charset=UTF-8"}
    answer = client.post("/v1/score", content=b'\xef\xbb\xbf{"lead_id": "L-1"}', headers=headers)
    assert answer.status_code == 200


def test_a_text_that_looks_like_a_key_is_no_second_key(client: TestClient) -> None:
    assert score(client, {**LEAD, "fields": {"message": 'he said "age": 7, "age": 8'}})["lead_id"] == "L-1"


def test_one_bad_lead_does_not_spoil_the_others(client: TestClient) -> None:
    bad = {"lead_id": "L-2", "fields": {"age": "old", "e-mail": ["x"]}}
    answer = client.post("/v1/score/batch", json={"leads": [LEAD, bad, "nonsense", {**LEAD, "lead_id": 9}]})
    first, second, third, fourth = answer.json()["results"]
    assert answer.status_code == 200
    assert (first["lead_id"], fourth["lead_id"]) == ("L-1", "9")
    assert (second["lead_id"], second["problem"]["status"]) == ("L-2", 422)
    assert [fault["pointer"] for fault in second["problem"]["errors"]] == [
        "/leads/1/fields/age",
        "/leads/1/fields/e-mail",
    ]
    assert third["lead_id"] is None
    assert third["problem"]["errors"] == [{"detail": "expected an object", "pointer": "/leads/2"}]


@pytest.mark.parametrize(("sent", "told"), [("L-3", "L-3"), (7, "7"), (" L-3", None), (True, None), (None, None)])
def test_a_bad_lead_of_a_batch_is_named_by_its_id_whatever_else_is_wrong(
    client: TestClient, sent: object, told: str | None
) -> None:
    answer = client.post("/v1/score/batch", json={"leads": [{"lead_id": sent, "value": "lots"}]})
    (result,) = answer.json()["results"]
    assert (result["lead_id"], result["problem"]["status"]) == (told, 422)


def test_a_thousand_leads_are_scored_in_order(client: TestClient) -> None:
    leads = [{**LEAD, "lead_id": number, "fields": {**FIELDS, "age": 18 + number % 60}} for number in range(1_000)]
    results = client.post("/v1/score/batch?reasons=0", json={"leads": leads}).json()["results"]
    assert [result["lead_id"] for result in results] == [str(number) for number in range(1_000)]
    assert results[0]["probability"] == results[60]["probability"]
    assert all(result["reasons"] == [] for result in results)
