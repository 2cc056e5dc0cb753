"""/docs and its OpenAPI document: true, complete, and in the company's own words."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.serving.conftest import wait_until
from tests.serving.models import FIELD_NAMES, Models
from training.model import ScoringModel


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict:
    return client.get("/openapi.json").json()


def test_the_docs_page_is_served(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200


def test_every_route_of_the_contract_is_described(document: dict) -> None:
    assert {(method, path) for path, methods in document["paths"].items() for method in methods} == {
        ("post", "/v1/score"),
        ("post", "/v1/score/batch"),
        ("put", "/v1/leads/{lead_id}"),
        ("patch", "/v1/leads/{lead_id}"),
        ("get", "/v1/leads/{lead_id}"),
        ("delete", "/v1/leads/{lead_id}"),
        ("post", "/v1/leads/{lead_id}/contacts"),
        ("put", "/v1/leads/{lead_id}/outcome"),
        ("get", "/v1/queue"),
        ("post", "/v1/queue/next"),
        ("delete", "/v1/queue/claims/{claim_id}"),
        ("post", "/v1/spend"),
        ("get", "/v1/report"),
        ("get", "/v1/feeds/{platform}.csv"),
        ("post", "/v1/hooks/{connection}"),
        ("get", "/v1/metrics-contract"),
        ("get", "/v1/webhooks"),
        ("post", "/v1/webhooks/{event_id}/resend"),
        ("get", "/metrics"),
        ("get", "/v1/model"),
        ("get", "/v1/schema"),
        ("get", "/healthz"),
        ("get", "/readyz"),
    }


@pytest.mark.parametrize("path", ["/v1/score", "/v1/score/batch"])
def test_the_example_is_a_lead_of_this_company_and_can_be_sent(client: TestClient, document: dict, path: str) -> None:
    route = document["paths"][path]["post"]
    sent = route["requestBody"]["content"]["application/json"]["example"]
    shown = route["responses"]["200"]["content"]["application/json"]["example"]
    answer = client.post(path, json=sent)
    assert answer.status_code == 200
    lead, score = (sent["leads"][0], shown["results"][0]) if "leads" in sent else (sent, shown)
    answered = answer.json()["results"][0] if "leads" in sent else answer.json()
    assert set(lead["fields"]) == FIELD_NAMES
    assert answered["warnings"] == []
    assert {**answered, "scored_at": None} == {**score, "scored_at": None}


def test_every_refusal_is_documented_as_problem_json(document: dict) -> None:
    for path in ("/v1/score", "/v1/score/batch"):
        answers = document["paths"][path]["post"]["responses"]
        assert set(answers) == {"200", *map(str, [400, 401, 403, 408, 409, 413, 415, 421, 422, 429, 500, 503])}
        for status in set(answers) - {"200"}:
            schema = answers[status]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
    for path in ("/v1/model", "/v1/schema", "/readyz"):
        assert "503" in document["paths"][path]["get"]["responses"]


def test_every_reference_in_the_document_leads_somewhere(document: dict) -> None:
    names = set(document["components"]["schemas"])
    assert {reference.rsplit("/", 1)[1] for reference in _references(document)} <= names


def _references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def test_before_there_is_a_champion_the_routes_are_described_without_examples(
    start: Callable[[Models], TestClient], model: ScoringModel
) -> None:
    models = Models()
    client = start(models)
    plain = client.get("/openapi.json").json()["paths"]["/v1/score"]["post"]
    assert "example" not in plain["requestBody"]["content"]["application/json"]
    models.versions["1"], models.champion = model, "1"
    wait_until(lambda: client.get("/readyz").status_code == 200)
    later = client.get("/openapi.json").json()["paths"]["/v1/score"]["post"]
    assert later["requestBody"]["content"]["application/json"]["example"]["lead_id"] == "L-1"
