"""A new champion without a restart, and what happens when it is no good."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import pytest
from fastapi.testclient import TestClient

from serving.errors import NotReady
from serving.schemas.requests import LeadIn
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from tests.serving.conftest import wait_until
from tests.serving.models import LEAD, Models, shifted
from tests.serving.swaps import answers_while_swapping
from training.model import ModelBroken, ScoringModel

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def now() -> datetime:
    return NOW


@pytest.fixture
def models(model: ScoringModel, better: ScoringModel) -> Models:
    return Models(model, better)


@pytest.fixture
def scorer(models: Models, settings: Settings) -> Scorer:
    scorer = Scorer(models, settings, now)
    scorer.refresh()
    return scorer


def probability(scorer: Scorer) -> float:
    return scorer.score(LeadIn.model_validate(LEAD), 0).probability


def test_a_promoted_version_takes_over(scorer: Scorer, models: Models) -> None:
    before = probability(scorer)
    models.champion = "2"
    scorer.refresh()
    assert (scorer.version, scorer.champion.since) == ("2", now())
    assert probability(scorer) > before


def test_a_broken_champion_is_refused_once_and_the_old_one_goes_on(scorer: Scorer, models: Models) -> None:
    models.versions["3"], models.champion = ModelBroken("half a file"), "3"
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", "3")
    del models.versions["3"]  # asked for again, it would fail
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", "3")


def test_a_refused_champion_is_tried_again_after_a_minute(
    models: Models, settings: Settings, better: ScoringModel
) -> None:
    seconds = [0.0]
    scorer = Scorer(models, settings, now, seconds=lambda: seconds[0])
    models.versions["2"], models.champion = ModelBroken("its files were out of reach"), "2"
    scorer.refresh()
    models.versions["2"] = better
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == (None, "2")
    seconds[0] += 60
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("2", None)


def test_a_champion_that_gives_no_probability_is_refused(scorer: Scorer, models: Models, model: ScoringModel) -> None:
    models.versions["3"], models.champion = shifted(model, "3", math.nan), "3"
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", "3")


def test_a_champion_that_cannot_score_is_refused(scorer: Scorer, models: Models, model: ScoringModel) -> None:
    fewer = replace(model.encoder, encoders=model.encoder.encoders[1:])
    models.versions["3"], models.champion = replace(model, version="3", encoder=fewer), "3"
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", "3")


def test_rolling_back_forgets_the_refused_version(scorer: Scorer, models: Models) -> None:
    models.versions["3"], models.champion = ModelBroken("half a file"), "3"
    scorer.refresh()
    models.champion = "1"
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", None)


@pytest.mark.parametrize("trouble", [ConnectionError("no route"), TimeoutError(), RuntimeError("database is locked")])
def test_while_the_registry_cannot_be_reached_the_old_model_goes_on(
    scorer: Scorer, models: Models, trouble: Exception
) -> None:
    models.trouble, models.champion = trouble, "2"
    scorer.refresh()
    assert scorer.version == "1"
    models.trouble = None
    scorer.refresh()
    assert scorer.version == "2"


def test_a_load_that_fails_for_once_is_tried_again(scorer: Scorer, models: Models, better: ScoringModel) -> None:
    models.versions["2"], models.champion = ConnectionError("artifacts out of reach"), "2"
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", None)
    models.versions["2"] = better
    scorer.refresh()
    assert scorer.version == "2"


def test_without_an_alias_the_old_model_goes_on(scorer: Scorer, models: Models) -> None:
    models.champion = None
    scorer.refresh()
    assert scorer.version == "1"


def test_a_registry_out_of_reach_at_the_start_is_said(settings: Settings) -> None:
    models = Models()
    models.trouble = ConnectionError("no route")
    scorer = Scorer(models, settings, now)
    scorer.refresh()
    with pytest.raises(NotReady, match="registry cannot be read"):
        _ = scorer.champion


def test_a_refused_version_is_shown(start: Callable[[Models], TestClient], models: Models) -> None:
    client = start(models)
    wait_until(lambda: client.get("/readyz").status_code == 200)
    models.versions["3"], models.champion = ModelBroken("half a file"), "3"
    wait_until(lambda: client.get("/readyz").json()["refused_version"] == "3")
    assert client.get("/v1/model").json()["refused_version"] == "3"
    assert client.post("/v1/score", json=LEAD).json()["model_version"] == "1"


def test_swapping_under_load_fails_no_request_and_mixes_no_versions(
    models: Models, settings: Settings, model: ScoringModel, better: ScoringModel
) -> None:
    expected = {version.version: probability(_scorer_of(version, settings)) for version in (model, better)}
    answers = asyncio.run(answers_while_swapping(models, settings, _ask))
    assert {answer["model_version"] for answer in answers} == {"1", "2"}
    for answer in answers:
        assert answer["probability"] == expected[answer["model_version"]]


def _scorer_of(model: ScoringModel, settings: Settings) -> Scorer:
    scorer = Scorer(Models(model), settings, now)
    scorer.refresh()
    return scorer


async def _ask(client: httpx2.AsyncClient, _: str) -> list[dict]:
    """Scores of the same lead, alone, and first and last of a batch."""
    alone = await client.post("/v1/score?reasons=0", json=LEAD)
    batch = await client.post("/v1/score/batch?reasons=0", json={"leads": [LEAD] * 30})
    assert (alone.status_code, batch.status_code) == (200, 200)
    results = batch.json()["results"]
    assert len({result["model_version"] for result in results}) == 1
    return [alone.json(), results[0], results[-1]]
