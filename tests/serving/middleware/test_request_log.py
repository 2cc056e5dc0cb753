"""What the operators read: every request under an id, every event a line of JSON, no personal data."""

import json
import logging
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.event_log import JsonLines
from serving.settings import Settings
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.models import LEAD, Models
from training.model import ModelBroken, ScoringModel


def lines(caplog: pytest.LogCaptureFixture) -> list[dict]:
    return [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "leads"]


def test_a_clients_request_id_comes_back(client: TestClient) -> None:
    assert client.get("/healthz", headers={"x-request-id": "crm-17.a"}).headers["x-request-id"] == "crm-17.a"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "<script>"])
def test_a_request_id_that_could_spoil_a_log_is_replaced(client: TestClient, sent: str) -> None:
    given = client.get("/healthz", headers={"x-request-id": sent}).headers["x-request-id"]
    assert given != sent
    assert len(given) == 16


def test_a_fault_of_ours_is_answered_without_details_and_logged_without_values(
    start: Callable[[Models], TestClient], model: ScoringModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "leads")
    client = start(Models(model))
    wait_until(lambda: client.get("/readyz").status_code == 200)
    client.app.state.service.scorer._clock = _fail  # type: ignore[attr-defined]
    answer = client.post("/v1/score", json=LEAD)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "ann@example.com" not in answer.text
    failed = next(line for line in lines(caplog) if line["event"] == "request.failed")
    assert (failed["error"], failed["route"]) == ("ValueError", "/v1/score")
    assert any("_fail" in frame for frame in failed["raised_in"])
    assert "ann@example.com" not in json.dumps(failed)
    assert answer.json()["instance"].endswith(answer.headers["x-request-id"])


def _fail() -> None:
    raise ValueError("could not read ann@example.com")


def test_swaps_and_refusals_are_events(
    start: Callable[[Models], TestClient], model: ScoringModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "leads")
    models = Models(model)
    client = start(models)
    wait_until(lambda: client.get("/readyz").status_code == 200)
    models.versions["2"], models.champion = ModelBroken("half a file"), "2"
    wait_until(lambda: len(lines(caplog)) == 2)
    swapped, refused = lines(caplog)
    assert (swapped["event"], swapped["model_version"], swapped["before"]) == ("scorer.swapped", "1", None)
    assert (refused["event"], refused["refused_version"], refused["serving"]) == (
        "scorer.champion_refused",
        "2",
        "1",
    )


def test_the_access_log_names_routes_and_no_leads(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "leads")
    with TestClient(create_app(settings.model_copy(update={"access_log": True}), Models()), base_url=LOCAL) as client:
        client.get("/v1/model")
        client.get("/v1/leads/ann@example.com")
    answered = [line for line in lines(caplog) if line["event"] == "request.answered"]
    assert [(line["route"], line["status"]) for line in answered] == [("/v1/model", 503), ("/v1/leads/{lead_id}", 404)]
    assert "ann@example.com" not in json.dumps(answered)
