"""Sales floors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.crm import Clock
from tests.serving.pages.floor import Floor, opened
from training.model import ScoringModel


@pytest.fixture
def floor(model: ScoringModel, tmp_path: Path, clock: Clock) -> Iterator[Floor]:
    with opened(f"sqlite:///{tmp_path}/leads.db", model, clock) as floor:
        yield floor


@pytest.fixture
def either_floor(model: ScoringModel, database_url: str, clock: Clock) -> Iterator[Floor]:
    """Once on each kind of database, for what asks the store in a way of its own."""
    with opened(database_url, model, clock) as floor:
        yield floor
