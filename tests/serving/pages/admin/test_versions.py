"""Registered models on the admin's pages: beside the champion, promoted, rolled back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import POLL_SECONDS, wait_until
from tests.serving.crm import Clock
from tests.serving.pages.floor import Floor, Person
from training.registry import Registry


@pytest.fixture
def olga(registry: Registry, tmp_path: Path, clock: Clock) -> Iterator[Person]:
    registry.promote("1", by="dana", why="the first", at=clock())
    settings = Settings(database_url=f"sqlite:///{tmp_path}/leads.db", poll_seconds=POLL_SECONDS)
    app = create_app(settings, registry, clock)
    with TestClient(app) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        olga = Floor(app, registry, clock).person("Olga", "admin")
        yield olga


def test_a_version_is_compared_promoted_and_rolled_back(olga: Person, registry: Registry, clock: Clock) -> None:
    listed = olga.page("/admin/versions")
    assert "Model 1 is champion" in listed
    assert "No other model was champion before" in listed
    assert re.search(r"Model 2 (challenger|–) .*? trees 0\.\d{3} 0\.\d{3} \d\.\d{3} Model 1 champion", listed)

    beside = olga.page("/admin/versions/2")
    assert "Model 2 beside champion 1 Both were judged on the same leads" in beside
    assert re.search(r"log loss 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\) 0\.\d{3} \(", beside)
    assert "What the gate found when model 2 was trained trees beats base rate" in beside
    alone = olga.page("/admin/versions/1")
    assert "Model 1 is champion" in alone
    assert "Make model 1 champion" not in alone
    assert olga.get("/admin/versions/9").status_code == 404

    clock.now += timedelta(hours=1)
    promoted = olga.act("/admin/versions/promote", version="2", why=" better  in every source ")
    assert "It is champion now." in promoted
    assert "Model 2 is champion" in promoted
    (*_, told) = registry.history()
    assert (told.version, told.by, told.why) == ("2", "Olga", "better in every source")
    assert "Model 1 was champion before model 2." in promoted

    clock.now += timedelta(hours=1)
    stale = olga.send("/admin/versions/roll-back", champion="1")
    assert (stale.status_code, "look again before rolling back" in stale.text) == (409, True)
    assert "Model 1 is champion" in olga.act("/admin/versions/roll-back", champion="2")
    assert registry.champion_version() == "1"
    again = olga.send("/admin/versions/roll-back", champion="1")
    assert (again.status_code, "nothing to go back to" in again.text) == (409, True)


def test_a_version_that_is_not_there_is_not_promoted(olga: Person, registry: Registry) -> None:
    assert olga.send("/admin/versions/promote", version="9").status_code == 404
    assert registry.champion_version() == "1"


def test_a_service_without_a_registry_says_so(floor: Floor) -> None:
    olga = floor.person("Olga", "admin")
    assert "The registry has not been read" in olga.page("/admin/versions")
    assert olga.send("/admin/versions/promote", version="1").status_code == 422
