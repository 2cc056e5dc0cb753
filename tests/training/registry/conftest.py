"""One MLflow database and one stocked registry for all processes of the tests; each test works on a copy."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.sharing import made_once
from training.registry import Location, Registry
from training.registry.connection import connect
from training.registry.log import log_run
from training.training_run import TrainingRun


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made_once(tmp_path_factory, "empty-registry", _make)
    return Location.under(folder).database


def _make(folder: Path) -> None:
    connect(Location.under(folder), create=True)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory, empty_database: Path, run: TrainingRun) -> Location:
    """Versions 1, 2 and 3, none of them champion. Not to be changed."""
    return Location.under(made_once(tmp_path_factory, "stocked-registry", partial(_stock, empty_database, run)))


def _stock(empty_database: Path, run: TrainingRun, folder: Path) -> None:
    location = _copy(empty_database, folder)
    for shift in (0.0, 0.1, 0.2):
        calibration = replace(run.model.calibration, shift=shift)
        log_run(replace(run, model=replace(run.model, calibration=calibration)), location)


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
