"""One MLflow database and one stocked registry a session; each test works on a copy."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from training.registry import Location, Registry
from training.registry.connection import connect
from training.registry.log import log_run
from training.training_run import TrainingRun


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    location = Location.under(tmp_path_factory.mktemp("empty"))
    connect(location, create=True)
    return location.database


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory, empty_database: Path, run: TrainingRun) -> Location:
    """Versions 1, 2 and 3, none of them champion. Not to be changed."""
    location = _copy(empty_database, tmp_path_factory.mktemp("stocked"))
    for shift in (0.0, 0.1, 0.2):
        calibration = replace(run.model.calibration, shift=shift)
        log_run(replace(run, model=replace(run.model, calibration=calibration)), location)
    return location


@pytest.fixture
def location(empty_database: Path, tmp_path: Path) -> Location:
    """An empty registry of one's own."""
    return _copy(empty_database, tmp_path)


@pytest.fixture
def registry(stocked: Location, tmp_path: Path) -> Registry:
    """Three versions in a database of one's own; their files are shared with other tests."""
    return Registry(_copy(stocked.database, tmp_path))


def _copy(database: Path, root: Path) -> Location:
    location = Location.under(root)
    location.database.parent.mkdir()
    shutil.copy(database, location.database)
    return location
