"""The service on a small real model."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from tests.serving.models import Models, shifted, train_model
from training.model import ScoringModel

POLL_SECONDS = 0.01
PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="session")
def model() -> ScoringModel:
    """Version 1."""
    return train_model()


@pytest.fixture(scope="session")
def better(model: ScoringModel) -> ScoringModel:
    """Version 2, whose probabilities are all higher."""
    return shifted(model, "2", 1.0)


@pytest.fixture
def settings() -> Settings:
    return Settings(poll_seconds=POLL_SECONDS)


@pytest.fixture(scope="session")
def client(model: ScoringModel) -> Iterator[TestClient]:
    """A ready service on version 1, for tests that only ask."""
    with TestClient(create_app(Settings(), Models(model)), raise_server_exceptions=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield client


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[[Models], TestClient]]:
    """Starts a service of the test's own, which need not become ready."""
    with ExitStack() as running:
        yield lambda models: running.enter_context(TestClient(create_app(settings, models)))


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread brings about."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)
