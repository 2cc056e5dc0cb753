import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from training.model import ModelBroken, ScoringModel
from training.registry import Location, Registry
from training.registry.input_example import make_input_example
from training.registry.integrity import digest, load_intact
from training.registry.log import log_run
from training.registry.names import NATIVE
from training.registry.self_check import FILE, verify, write_selfcheck
from training.training_run import TrainingRun


@pytest.fixture
def native(run: TrainingRun, tmp_path: Path) -> Path:
    folder = tmp_path / "native"
    run.model.save(folder)
    write_selfcheck(run.model, make_input_example(run.model, run.dataset.leads), folder)
    return folder


def change(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_a_stored_model_loads_with_its_version_and_scores_the_same(registry: Registry, run: TrainingRun) -> None:
    model = registry.load("1")
    assert model.version == "1"
    stored, fresh = (one.score_table(run.dataset.leads)["probability"] for one in (model, run.model))
    assert (stored == fresh).all()


def test_a_tampered_tree_is_refused_and_so_are_lost_files(location: Location, run: TrainingRun) -> None:
    registry = Registry(location)
    log_run(run, location)
    (folder,) = location.artifacts.glob(f"bank/models/*/artifacts/{NATIVE}")
    change(folder / "trees.txt", "leaf_value=", "leaf_value=1")
    with pytest.raises(ModelBroken, match="files of model 1 are not those that were registered"):
        registry.load("challenger")
    with pytest.raises(ModelBroken, match="model 1"):
        registry.promote("challenger", by="ann", why="", at=datetime(2026, 11, 2, tzinfo=UTC))
    folder.rename(folder.parent / "gone")
    with pytest.raises(ModelBroken, match="files of model 1 cannot be read"):
        registry.load("challenger")


BREAKAGES: dict[str, Callable[[Path], object]] = {
    "a missing file": lambda folder: (folder / "trees.txt").unlink(),
    "a file that was added": lambda folder: (folder / "more.txt").write_text("x"),
    "another self-check": lambda folder: (folder / FILE).write_text("{}"),
    "another model": lambda folder: change(folder / "model.json", "horizon_days", "Horizon_days"),
}


@pytest.mark.parametrize("breakage", BREAKAGES.values(), ids=BREAKAGES.keys())
def test_other_files_than_those_registered_are_refused(breakage: Callable[[Path], object], native: Path) -> None:
    registered = digest(native)
    breakage(native)
    with pytest.raises(ModelBroken, match="not those that were registered"):
        load_intact(native, "1", registered)


def test_a_model_that_scores_otherwise_is_refused_though_its_files_are_whole(native: Path) -> None:
    change(native / "model.json", '"shift": 0.0', '"shift": 0.000001')
    with pytest.raises(ModelBroken, match="example leads"):
        load_intact(native, "1", digest(native))


def test_a_self_check_that_cannot_be_run_is_a_broken_model(native: Path) -> None:
    for content in ("{}", "no JSON", json.dumps({"leads": {"id": ["a"]}, "probability": [0.5]})):
        (native / FILE).write_text(content)
        with pytest.raises(ModelBroken, match="self-check"):
            verify(ScoringModel.load(native), native)


def test_the_digest_changes_with_a_name_and_with_a_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = digest(tmp_path)
    (tmp_path / "a").write_text("2")
    second = digest(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, digest(tmp_path)}) == 3


def test_example_leads_are_nobodys(run: TrainingRun) -> None:
    examples = make_input_example(run.model, run.dataset.leads)
    assert set(examples["e-mail"].dropna()) == {"someone@example.com", "someone@gmail.com"}
    assert not set(examples["phone"].dropna()) & set(run.dataset.leads.fields["phone"].values)
    assert examples.iloc[-1].drop(["id", "created"]).isna().all()
