"""The disk under SQLite is full: changes are refused, and readiness, metrics and log say why, until there is room."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from serving.migrations import prepare, trouble_of
from serving.store import Store, StoreUnavailable
from serving.store.faults import DISK_FULL
from tests.serving.conftest import wait_until
from tests.serving.live import live
from tests.serving.test_metrics import samples


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True)
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


def test_a_full_disk_is_said_by_readiness_metrics_and_log_until_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    with live(f"sqlite:///{small_disk}/leads.db", tmp_path / "log") as service:
        assert httpx2.put(f"{service.url}/v1/leads/L-1", json={}).status_code == 201
        ballast = fill(small_disk)
        statuses = [
            httpx2.put(f"{service.url}/v1/leads/B-{number}", json={"fields": {"message": "x" * 9000}}).status_code
            for number in range(20)
        ]
        assert 503 in statuses
        wait_until(lambda: httpx2.get(f"{service.url}/readyz").status_code == 503)
        assert httpx2.get(f"{service.url}/readyz").json()["detail"] == f"store: {DISK_FULL}"
        assert httpx2.get(f"{service.url}/v1/leads/L-1").status_code == 200
        shown = samples(httpx2.get(f"{service.url}/metrics").text)
        assert shown["leads_store_up"] == 0
        assert shown[f"leads_store_trouble{{reason={DISK_FULL}}}"] == 1
        assert shown["leads_queue_waiting"] >= 1
        ballast.unlink()
        wait_until(lambda: httpx2.get(f"{service.url}/readyz").status_code == 200)
        assert httpx2.put(f"{service.url}/v1/leads/L-2", json={}).status_code == 201
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert DISK_FULL in {event.get("reason") for event in events if event["event"] == "store.unavailable"}


def test_a_start_on_a_full_disk_says_why(small_disk: Path) -> None:
    fill(small_disk)
    store = Store(f"sqlite:///{small_disk}/leads.db")
    with pytest.raises(StoreUnavailable, match="disk is full"):
        prepare(store.database)
    assert trouble_of(store.database) is not None
    store.database.close()
