"""Sales floors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.crm import Clock
from tests.serving.databases import new_file_store
from tests.serving.pages.floor import Floor, opened
from tests.sharing import made_once
from tests.training.registry.runs import small_run
from training.model import ScoringModel
from training.registry import Location, Registry
from training.registry.log import log_run


@pytest.fixture
def floor(model: ScoringModel, tmp_path: Path, clock: Clock) -> Iterator[Floor]:
    with opened(new_file_store(tmp_path), model, clock) as floor:
        yield floor


@pytest.fixture
def either_floor(model: ScoringModel, database_url: str, clock: Clock) -> Iterator[Floor]:
    """Once on each kind of database, for what asks the store in a way of its own."""
    with opened(database_url, model, clock) as floor:
        yield floor


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """A registry of two versions, none of them champion. Not to be changed."""
    return Location.under(made_once(tmp_path_factory, "two-versions", _register_two))


def _register_two(folder: Path) -> None:
    for shift in (0.0, 0.1):
        log_run(small_run(folder, shift), Location.under(folder))


@pytest.fixture(scope="module")
def registry(two_versions: Location, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The two versions in a database of the module's own; their files are shared."""
    location = Location.under(tmp_path_factory.mktemp("copy"))
    location.database.parent.mkdir()
    shutil.copy(two_versions.database, location.database)
    return Registry(location)
