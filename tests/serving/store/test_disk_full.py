"""The disk under SQLite is full: changes are refused, and readiness, metrics and log say why, until there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.migrations import find_trouble, prepare
from serving.settings import Settings
from serving.store import Store, StoreUnavailable
from serving.store.connection_errors import DISK_FULL
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.metrics.test_page import samples
from tests.serving.models import Models
from training.model import ScoringModel


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    with mounted_at(tmp_path / "disk", "4m") as disk:
        yield disk


@contextmanager
def mounted_at(disk: Path, size: str) -> Iterator[Path]:
    """A disk of this size in a new folder."""
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk takes root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(os.urandom(4096)):
                pass
        except OSError:
            return ballast
    return ballast


def test_a_full_disk_is_said_by_readiness_metrics_and_log_until_there_is_room(
    small_disk: Path, model: ScoringModel, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(database_url=f"sqlite:///{small_disk}/leads.db", open=True)
    with TestClient(create_app(settings, Models(model)), base_url=LOCAL) as client:
        assert client.put("/v1/leads/L-1", json={}).status_code == 201
        ballast = fill(small_disk)
        large = {"fields": {"message": "x" * 9000}}
        assert 503 in {client.put(f"/v1/leads/B-{number}", json=large).status_code for number in range(20)}
        wait_until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/readyz").json()["detail"] == f"store: {DISK_FULL}"
        assert client.get("/v1/leads/L-1").status_code == 200
        shown = samples(client.get("/metrics").text)
        assert shown["leads_store_up"] == 0
        assert shown[f"leads_store_trouble{{reason={DISK_FULL}}}"] == 1
        assert shown["leads_queue_waiting"] >= 1
        ballast.unlink()
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert client.put("/v1/leads/L-2", json={}).status_code == 201
    told = [record.fields for record in caplog.records if record.getMessage() == "store.unavailable"]  # type: ignore[attr-defined]
    assert {fields["reason"] for fields in told} == {DISK_FULL}


def test_a_start_on_a_full_disk_says_why(small_disk: Path) -> None:
    fill(small_disk)
    store = Store(f"sqlite:///{small_disk}/leads.db")
    with pytest.raises(StoreUnavailable, match="disk is full"):
        prepare(store.database)
    assert find_trouble(store.database) is not None
    store.database.close()
