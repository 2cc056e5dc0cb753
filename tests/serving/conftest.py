"""The service on a small real model, and databases of both kinds."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from serving.store import Store
from tests.serving import databases
from tests.serving.crm import Clock, Crm
from tests.serving.models import Models, shifted, train_model
from tests.serving.webhooks.receiver import Inbox, receiving
from training.model import ScoringModel

POLL_SECONDS = 0.01
PATIENCE_SECONDS = 60.0
LOCAL = "http://localhost"


@pytest.fixture(scope="session")
def model() -> ScoringModel:
    """Version 1."""
    return train_model()


@pytest.fixture(scope="session")
def better(model: ScoringModel) -> ScoringModel:
    """Version 2, whose probabilities are all higher."""
    return shifted(model, "2", 1.0)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A running PostgreSQL server."""
    with databases.postgresql_server() as server:
        yield server.url


@pytest.fixture(params=databases.KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of an empty store; a test that asks for it runs on each kind."""
    if request.param == "sqlite":
        return databases.new_file_store(tmp_path)
    return databases.new_server_store(request.getfixturevalue("postgresql"))


@pytest.fixture(params=databases.KINDS)
def unprepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/unprepared.db"
    return databases.new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, once on each kind of database."""
    with databases.new_store(database_url) as store:
        yield store


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A receiver of webhooks."""
    with receiving() as inbox:
        yield inbox


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=databases.new_file_store(tmp_path), poll_seconds=POLL_SECONDS, open=True)


@pytest.fixture(scope="session")
def client(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A ready service on version 1, for tests that only ask."""
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('client')}/leads.db", open=True)
    app = create_app(settings, Models(model))
    with TestClient(app, base_url=LOCAL, raise_server_exceptions=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield client


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[[Models], TestClient]]:
    """Starts a service of the test's own, which need not become ready."""
    with ExitStack() as running:
        yield lambda models: running.enter_context(TestClient(create_app(settings, models), base_url=LOCAL))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crm(model: ScoringModel, database_url: str, clock: Clock) -> Iterator[Crm]:
    """A CRM before a ready service on an empty store, once on each kind of database."""
    settings = Settings(database_url=database_url, poll_seconds=POLL_SECONDS, open=True)
    app = create_app(settings, Models(model), clock)
    with TestClient(app, base_url=LOCAL) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield Crm(client, clock)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread brings about."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)
