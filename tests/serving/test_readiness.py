"""Before there is a champion, and what the service says of the one it has."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.serving.api.test_refusals import problem
from tests.serving.conftest import wait_until
from tests.serving.models import LEAD, SCHEMA, Models
from training.model import ModelBroken, ScoringModel

Start = Callable[[Models], TestClient]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/readyz", None),
        ("GET", "/v1/model", None),
        ("GET", "/v1/schema", None),
        ("POST", "/v1/score", LEAD),
        ("POST", "/v1/score/batch", {"leads": [LEAD]}),
    ],
)
def test_without_a_champion_every_route_says_what_to_do_and_when_to_come_back(
    start: Start, method: str, path: str, body: object
) -> None:
    answer = start(Models()).request(method, path, json=body)
    assert "leads train" in problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) >= 1


def test_the_process_is_up_without_a_champion(start: Start) -> None:
    answer = start(Models()).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})


class Slow(Models):
    """Takes its time to read a model, as a registry does."""

    def load(self, which: str) -> ScoringModel:
        time.sleep(0.3)
        return super().load(which)


def test_the_first_request_waits_for_a_champion_that_is_being_loaded(start: Start, model: ScoringModel) -> None:
    assert start(Slow(model)).post("/v1/score", json=LEAD).status_code == 200


def test_a_champion_is_picked_up_when_it_comes(start: Start, model: ScoringModel) -> None:
    models = Models()
    client = start(models)
    assert client.get("/readyz").status_code == 503
    models.versions["1"], models.champion = model, "1"
    wait_until(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/readyz").json() == {"status": "ready", "model_version": "1", "refused_version": None}
    assert client.post("/v1/score", json=LEAD).json()["model_version"] == "1"


def test_a_first_champion_that_is_broken_is_named(start: Start) -> None:
    models = Models()
    models.versions["7"], models.champion = ModelBroken("half a file"), "7"
    client = start(models)
    wait_until(lambda: "champion 7 is broken" in client.get("/readyz").json()["detail"])


def test_the_model_page_says_what_scores(client: TestClient, model: ScoringModel) -> None:
    told = client.get("/v1/model").json()
    assert (told["version"], told["candidate"], told["horizon_days"], told["calibration"]) == (
        "1",
        "trees",
        90,
        "sigmoid",
    )
    assert "utm_source" in told["fields"]
    assert "calls" not in told["fields"]
    cutoffs = {grade["grade"]: grade["least_probability"] for grade in told["grades"]}
    assert list(cutoffs) == ["A", "B", "C", "D"]
    assert cutoffs["A"] > cutoffs["B"] > cutoffs["C"] > cutoffs["D"] == 0
    assert told["schema_fingerprint"] == model.schema.fingerprint


def test_grades_agree_with_their_cut_offs(client: TestClient) -> None:
    cutoffs = [(grade["least_probability"], grade["grade"]) for grade in client.get("/v1/model").json()["grades"]]
    for age in (18, 30, 50, 79):
        for source in ("search", "social", None):
            lead = {**LEAD, "source": source, "fields": {"age": age, "job title": "clerk"}}
            answer = client.post("/v1/score", json=lead).json()
            assert answer["grade"] == next(grade for least, grade in cutoffs if answer["probability"] >= least)


def test_the_schema_lists_every_field_with_its_place_kind_and_values(client: TestClient) -> None:
    told = client.get("/v1/schema").json()
    fields = {field["name"]: field for field in told["fields"]}
    assert list(fields) == [field.name for field in SCHEMA.fields]
    assert fields["age"] == {
        "name": "age", "pointer": "/fields/age", "kind": "numeric", "known": "arrival", "role": None,
        "json_types": ["number", "string", "null"], "accepts": "a number", "missing": ["999"], "values": None,
    }  # fmt: skip
    assert sorted(fields["job title"]["values"]) == ["clerk", "director", "engineer"]
    assert fields["utm_source"]["pointer"] == "/source"
    assert fields["calls"]["known"] == "later"
    roles = {role["role"]: role["column"] for role in told["roles"]}
    assert roles == {
        "lead_id": "id",
        "created_at": "created",
        "source": "utm_source",
        "campaign": "utm_campaign",
    }


SENT: dict[str, list[Any]] = {"string": ["2026-03-01", "1", "yes"], "number": [1], "boolean": [True], "null": [None]}


def test_every_json_type_that_the_schema_lists_is_accepted_and_no_other(client: TestClient) -> None:
    for field in client.get("/v1/schema").json()["fields"]:
        if field["known"] == "later" or field["role"]:
            continue
        for kind, values in SENT.items():
            bodies = [{"lead_id": "L", "fields": {field["name"]: value}} for value in values]
            accepted = any(client.post("/v1/score", json=body).status_code == 200 for body in bodies)
            assert accepted == (kind in field["json_types"]), (field["name"], kind)
