"""A POST that is sent again under its Idempotency-Key is answered again, and not done again."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.crm import Crm
from tests.serving.models import LEAD, Models
from training.model import ScoringModel

CONTACT = {"started_at": "2026-03-03T10:00:00Z", "agent": "ann"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/score", LEAD),
        ("/v1/score/batch", {"leads": [LEAD, {"lead_id": "L-2", "fields": {"age": "old"}}]}),
        ("/v1/leads/L-1/contacts", CONTACT),
        ("/v1/queue/next", {"agent": "ann"}),
        ("/v1/spend", {"spend": [{"date": "2026-03-02", "source": "ads", "amount": 12.5}]}),
    ],
)
def test_every_post_is_answered_the_same_again(crm: Crm, path: str, body: Any) -> None:
    crm.put("L-1")
    first, again = (crm.client.post(path, json=body, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert first.is_success
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_score_is_repeated_with_the_version_that_gave_it(
    start: Callable[[Models], Any], model: ScoringModel, better: ScoringModel
) -> None:
    models = Models(model, better)
    models.champion = "1"
    client = start(models)
    ask = {"json": LEAD, "headers": {"Idempotency-Key": "k"}}
    _until_version(client, "1")
    first = client.post("/v1/score", **ask).json()
    models.champion = "2"
    _until_version(client, "2")

    assert client.post("/v1/score", **ask).json() == first
    assert client.post("/v1/score", json=LEAD).json()["model_version"] == "2"


def test_another_request_under_a_used_key_is_refused(crm: Crm) -> None:
    crm.put("L-1")
    headers = {"Idempotency-Key": "k"}
    crm.client.post("/v1/leads/L-1/contacts", json=CONTACT, headers=headers)

    other = crm.client.post("/v1/leads/L-1/contacts", json=CONTACT | {"agent": "bob"}, headers=headers)

    assert (other.status_code, other.json()["type"]) == (422, "urn:leads:problem:idempotency-key-reused")
    assert len(crm.lead("L-1")["contacts"]) == 1


def test_what_was_refused_may_be_mended_under_the_same_key(crm: Crm) -> None:
    crm.put("L-1")
    headers = {"Idempotency-Key": "k"}

    assert crm.client.post("/v1/leads/L-1/contacts", json={}, headers=headers).status_code == 422
    assert crm.client.post("/v1/leads/L-1/contacts", json=CONTACT, headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 201])
def test_a_key_of_another_form_is_refused(crm: Crm, key: str) -> None:
    answer = crm.client.post("/v1/score", json=LEAD, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "Idempotency-Key")


def test_while_the_first_runs_the_second_is_told_to_wait(settings: Settings, model: ScoringModel) -> None:
    app = create_app(settings, Models(model))

    async def both() -> list[httpx2.Response]:
        async with app.router.lifespan_context(app):
            while app.state.service.scorer.version is None:
                await asyncio.sleep(0.002)
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=LOCAL) as client:
                ask = {"json": {"agent": "ann"}, "headers": {"Idempotency-Key": "k"}}
                return await asyncio.gather(*(client.post("/v1/queue/next", **ask) for _ in range(2)))

    assert sorted(answer.status_code for answer in asyncio.run(both())) == [204, 409]


def test_erasing_a_lead_forgets_what_was_answered_of_it(crm: Crm) -> None:
    crm.put("L-1")
    ask = {"json": CONTACT, "headers": {"Idempotency-Key": "k"}}
    crm.client.post("/v1/leads/L-1/contacts", **ask)
    crm.client.delete("/v1/leads/L-1")

    again = crm.client.post("/v1/leads/L-1/contacts", **ask)

    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)


def _until_version(client: Any, version: str) -> None:
    wait_until(lambda: client.get("/readyz").json().get("model_version") == version)
