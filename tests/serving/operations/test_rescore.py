"""After a promotion the leads that wait get the new champion's score, and the change is told in its two parts."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx2
import pytest
from fastapi.testclient import TestClient

from features.schema import Field
from features.values import Kind
from serving.app import create_app
from serving.settings import Settings
from serving.store.scores import find_scores
from tests.serving.conftest import LOCAL, POLL_SECONDS, wait_until
from tests.serving.crm import Clock, Crm
from tests.serving.models import LEAD, Models
from tests.serving.swaps import answers_while_swapping
from training.model import ScoringModel


@pytest.fixture
def models(model: ScoringModel, better: ScoringModel) -> Models:
    both = Models(model, better)
    both.champion = model.version
    return both


@pytest.fixture
def crm(models: Models, database_url: str, clock: Clock) -> Iterator[Crm]:
    app = create_app(Settings(database_url=database_url, poll_seconds=POLL_SECONDS, open=True), models, clock)
    with TestClient(app, base_url=LOCAL) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield Crm(client, clock)


@pytest.fixture
def promote(crm: Crm, models: Models) -> Callable[[str], None]:
    """Make a version champion and wait until all that wait have its score."""

    def until_rescored(version: str) -> None:
        models.champion = version
        wait_until(lambda: all(lead["score"]["model_version"] == version for lead in crm.queue()["leads"]))

    return until_rescored


def test_waiting_leads_get_the_new_champions_score(crm: Crm, promote: Callable[[str], None]) -> None:
    before = {lead_id: crm.put(lead_id)["probability"] for lead_id in ("L-1", "L-2")}

    promote("2")

    for lead_id, probability in before.items():
        assert crm.lead(lead_id)["score"]["probability"] > probability


def test_all_of_a_rescored_leads_change_is_the_models(crm: Crm, promote: Callable[[str], None]) -> None:
    before = crm.put("L-1")["probability"]
    promote("2")

    newest, oldest = history(crm, "L-1")

    assert newest.change is not None
    assert oldest.change is None
    assert newest.change.before.probability == before
    assert newest.change.lead_part == 0
    assert newest.change.model_part == pytest.approx(newest.score.probability - before, abs=1e-12)


def test_a_lead_that_changed_after_its_model_did_has_both_parts(crm: Crm, models: Models, better: ScoringModel) -> None:
    before = crm.put("L-1")["probability"]
    crm.outcome("L-1", "won")  # so that it does not wait, and is not rescored by itself
    models.champion = "2"
    wait_until(lambda: crm.client.get("/v1/model").json()["version"] == "2")

    after = crm.put("L-1", fields=LEAD["fields"] | {"job title": "clerk"})["probability"]

    newest = history(crm, "L-1")[0].change
    assert newest is not None
    on_old = better.score(better.schema.parse("L-1", LEAD["fields"], **ROLES), crm.clock(), 0).probability
    assert newest.model_part == pytest.approx(on_old - before, abs=1e-12)
    assert newest.model_part + newest.lead_part == pytest.approx(after - before, abs=1e-12)
    assert newest.model_part > 0 > newest.lead_part


def test_a_lead_that_the_new_model_does_not_take_keeps_its_score(
    crm: Crm, models: Models, better: ScoringModel
) -> None:
    crm.put("L-1", fields={"message": "not a number"})
    stricter = tuple(Field("message", Kind.NUMERIC) if f.name == "message" else f for f in better.schema.fields)
    schema = replace(better.schema, fields=stricter)
    models.versions["3"] = replace(better, version="3", encoder=replace(better.encoder, schema=schema))
    models.champion = "3"
    wait_until(lambda: crm.client.get("/v1/model").json()["version"] == "3")

    wait_until(lambda: "leads_rescore_remaining 0.0" in crm.client.get("/metrics").text)
    assert crm.lead("L-1")["score"]["model_version"] == "1"


def test_twenty_swaps_under_load_fail_no_put_and_mix_no_versions(
    models: Models, settings: Settings, model: ScoringModel, better: ScoringModel, clock: Clock
) -> None:
    expected = {
        one.version: one.score(one.schema.parse("L", LEAD["fields"], **ROLES), clock(), 0).probability
        for one in (model, better)
    }

    answers = asyncio.run(answers_while_swapping(models, settings, _put))

    assert {answer["model_version"] for answer in answers} == {"1", "2"}
    for answer in answers:
        assert answer["probability"] == pytest.approx(expected[answer["model_version"]], abs=1e-12)


ROLES = {name: LEAD[name] for name in ("created_at", "source", "campaign")}


def history(crm: Crm, lead_id: str) -> list:
    store = crm.service.store
    return store.read_now(find_scores, lead_id)


async def _put(client: httpx2.AsyncClient, lead_id: str) -> list[dict]:
    answer = await client.put(f"/v1/leads/{lead_id}", json=LEAD | {"lead_id": lead_id})
    assert answer.status_code == 201
    return [answer.json()]
