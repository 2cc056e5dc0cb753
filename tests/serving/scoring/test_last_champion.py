"""The last champion in a file: used at a start that finds none, and no longer than until the registry names one."""

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving.scoring.last_champion import LastChampion
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from tests.serving.models import LEAD, Models
from training.model import ModelBroken, ScoringModel

REGISTRY = "http://ann:s3cret@mlflow.example"


def now() -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "last-champion.zip"


@pytest.fixture
def start(file: Path, settings: Settings) -> Callable[[Models], Scorer]:
    """A start of the service, after its first look."""

    def begin(models: Models) -> Scorer:
        scorer = Scorer(models, settings, now, kept=LastChampion(file, REGISTRY))
        scorer.refresh()
        return scorer

    return begin


def probability(model: ScoringModel) -> float:
    lead = model.schema.parse("L-1", LEAD["fields"], source=LEAD["source"])
    return model.score(lead, now()).probability


@pytest.mark.parametrize("trouble", [ConnectionError("no route"), None])
def test_a_start_without_the_registry_or_without_its_champion_scores_as_before(
    start: Callable[[Models], Scorer], model: ScoringModel, trouble: Exception | None
) -> None:
    start(Models(model))
    models = Models()
    models.trouble = trouble
    scorer = start(models)
    assert scorer.version == "1"
    assert probability(scorer.champion.model) == probability(model)
    assert scorer.is_missing == (trouble is None)
    assert scorer.troubles


def test_a_start_with_a_broken_champion_has_the_one_before(
    start: Callable[[Models], Scorer], model: ScoringModel
) -> None:
    start(Models(model))
    models = Models(model)
    models.versions["2"], models.champion = ModelBroken("half a file"), "2"
    scorer = start(models)
    assert (scorer.version, scorer.refused_version) == ("1", "2")
    models.champion = "1"
    scorer.refresh()
    assert (scorer.version, scorer.refused_version) == ("1", None)


def test_when_the_registry_is_back_its_champion_is_loaded_also_under_the_same_number(
    start: Callable[[Models], Scorer], model: ScoringModel, better: ScoringModel
) -> None:
    start(Models(model))
    models = Models(model)
    models.versions["1"], models.trouble = better, ConnectionError("no route")
    scorer = start(models)
    assert probability(scorer.champion.model) == probability(model)
    models.trouble = None
    scorer.refresh()
    assert probability(scorer.champion.model) == probability(better)
    assert not scorer.troubles


class Overtaken(LastChampion):
    """Is read so slowly that a look which hung is answered before it is."""

    meanwhile: Callable[[], None]

    def load(self) -> ScoringModel | None:
        model = super().load()
        self.meanwhile()
        return model


def test_a_champion_that_comes_while_the_kept_one_is_read_is_not_replaced_by_it(
    file: Path, model: ScoringModel, better: ScoringModel, settings: Settings
) -> None:
    LastChampion(file, REGISTRY).keep(model)
    kept = Overtaken(file, REGISTRY)
    models = Models(better)
    scorer = Scorer(models, settings, now, kept=kept)
    kept.meanwhile = scorer.refresh
    scorer.use_kept()
    assert scorer.version == better.version
    assert not scorer.troubles


def test_of_another_registry_or_damaged_it_is_not_used(file: Path, model: ScoringModel) -> None:
    LastChampion(file, REGISTRY).keep(model)
    assert LastChampion(file, REGISTRY).load() is not None
    assert LastChampion(file, "http://elsewhere.example").load() is None
    with zipfile.ZipFile(file) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    assert not any(b"s3cret" in part for part in parts.values())
    parts["model.json"] = parts["model.json"].replace(b'"horizon_days": 90', b'"horizon_days": 91')
    with zipfile.ZipFile(file, "w") as damaged:
        for name, part in parts.items():
            damaged.writestr(name, part)
    assert LastChampion(file, REGISTRY).load() is None
    file.write_bytes(b"half a zip")
    assert LastChampion(file, REGISTRY).load() is None


def test_where_it_cannot_be_kept_the_service_goes_on(
    tmp_path: Path, model: ScoringModel, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    scorer = Scorer(Models(model), settings, now, kept=LastChampion(tmp_path / "no such folder" / "file", REGISTRY))
    scorer.refresh()
    assert scorer.version == "1"
    assert "scorer.champion_not_kept" in caplog.text
    assert not (tmp_path / "no such folder").exists()
