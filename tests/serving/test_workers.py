"""The processes that answer: replaced when they die, counted whatever the disk does, gone with their parent."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from serving.server import listen
from serving.settings import Settings
from tests.serving.live import Live, live
from tests.serving.metrics.test_page import samples
from tests.serving.store.test_disk_full import fill, small_disk

__all__ = ["small_disk"]
PATIENCE_SECONDS = 90


def wait_long_until(holds: Callable[[], bool]) -> None:
    """Starting workers takes a while on a busy machine."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def answers(service: Live, path: str) -> httpx2.Response | None:
    try:
        return httpx2.get(f"{service.url}{path}", timeout=30)
    except httpx2.TransportError:  # the worker that had taken it was killed
        return None


def running(service: Live) -> float:
    answer = answers(service, "/metrics")
    return samples(answer.text).get("leads_workers", 0.0) if answer is not None and answer.is_success else 0.0


def readiness(service: Live) -> str:
    answer = answers(service, "/readyz")
    return "" if answer is None else answer.text


def puts(service: Live) -> float:
    shown = samples(httpx2.get(f"{service.url}/metrics", timeout=30).text)
    return shown["leads_requests_total{code=201,method=PUT,route=/v1/leads/{lead_id}}"]


@pytest.fixture
def temporary(small_disk: Path) -> Path:
    """A folder for temporary files on a disk that is full."""
    fill(small_disk)
    return small_disk


def test_workers_that_die_are_replaced_and_counted_on_also_where_temporary_files_find_no_room(
    temporary: Path, tmp_path: Path
) -> None:
    around = {"TMPDIR": str(temporary)}
    with live(f"sqlite:///{tmp_path}/leads.db", tmp_path / "log", 2, around=around, stop_seconds="1") as service:
        wait_long_until(lambda: running(service) == 2)
        for number in range(10):
            httpx2.put(f"{service.url}/v1/leads/L-{number}", json={}, timeout=30)
        wait_long_until(lambda: puts(service) == 10)  # counted just after the answer
        first = service.workers().pop()
        os.kill(first, signal.SIGKILL)
        wait_long_until(lambda: "1 of 2 workers run" in readiness(service))
        wait_long_until(lambda: first not in service.workers() and len(service.workers()) == 2)
        youngest = max(service.workers() - {first})
        os.kill(youngest, signal.SIGKILL)  # as it starts
        wait_long_until(lambda: youngest not in service.workers() and running(service) == 2)
        assert puts(service) == 10
        assert "workers" not in readiness(service)
        assert (tmp_path / "log").read_text().count('"service.worker_died"') == 2
        os.kill(service.workers().pop(), signal.SIGSTOP)  # one that hangs delays no stop
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=20) == 0


def test_workers_are_replaced_on_request_without_their_temporary_files_and_end_with_their_parent(
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with live(f"sqlite:///{tmp_path}/leads.db", tmp_path / "log", 2, around={"TMPDIR": str(temporary)}) as service:
        wait_long_until(lambda: running(service) == 2)
        httpx2.put(f"{service.url}/v1/leads/L-1", json={}, timeout=30)
        wait_long_until(lambda: puts(service) == 1)
        shutil.rmtree(temporary)  # as what sweeps such folders does
        first = service.workers()
        service.process.send_signal(signal.SIGTTIN)
        service.process.send_signal(signal.SIGHUP)
        wait_long_until(lambda: not first & service.workers() and len(service.workers()) == 2)
        wait_long_until(lambda: running(service) == 2)
        assert puts(service) == 1
        assert '"service.signal_ignored"' in (tmp_path / "log").read_text()
        second, port = service.workers(), int(service.url.rpartition(":")[2])
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        wait_long_until(lambda: not any(_runs(worker) for worker in second))
        listen(Settings(port=port)).close()


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
