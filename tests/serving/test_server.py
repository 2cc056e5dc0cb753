"""Settings, and the server itself: it starts, says where, and ends politely."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from serving.auth.bind_check import Exposed, check_may_listen
from serving.server import PortTaken, listen
from serving.settings import Settings, SettingsRefused, read_settings
from serving.store import Store, keys
from tests.serving.models import LEAD

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
SERVE = """
from serving.server import serve
from serving.settings import read_settings
from tests.serving.models import Models, train_model

if __name__ == "__main__":
    serve(read_settings(port=0), Models(train_model()))
"""

COUNT_OBJECTS = """
import gc
from serving.server import _make_app
from serving.settings import read_settings
from tests.serving.models import Models, train_model

app = _make_app(read_settings(), Models(train_model()), None)
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_this_machine_it_may_listen_without_keys(host: str, settings: Settings) -> None:
    check_may_listen(settings.model_copy(update={"host": host}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com", ""])  # noqa: S104 - refused
def test_beyond_this_machine_it_may_listen_once_there_is_a_live_key(host: str, settings: Settings) -> None:
    beyond = settings.model_copy(update={"host": host, "open": False})
    with pytest.raises(Exposed, match=r"LEADS_HOST: .* `leads keys create"):
        check_may_listen(beyond)
    store = Store(settings.database_url)
    key = store.write_now(keys.create, "crm", "score", NOW)
    check_may_listen(beyond)
    store.write_now(keys.revoke, keys.id_of(key), NOW)
    with pytest.raises(Exposed):
        check_may_listen(beyond)
    store.database.close()


def test_open_mode_is_for_this_machine_alone(settings: Settings) -> None:
    with pytest.raises(Exposed, match=r"LEADS_OPEN: only this machine"):
        check_may_listen(settings.model_copy(update={"host": "0.0.0.0"}))  # noqa: S104 - refused


def test_the_garbage_collector_leaves_out_what_was_imported() -> None:
    """A look at all modules would hold every request up for a quarter of a second."""
    counted = subprocess.run(
        [sys.executable, "-c", COUNT_OBJECTS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    left_out, looked_through = map(int, counted.stdout.split())
    assert left_out > 100 * looked_through


def test_settings_come_from_the_environment_and_options_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_PORT", "8123")
    monkeypatch.setenv("LEADS_POLL_SECONDS", "0.5")
    settings = read_settings(port=None)
    assert (settings.port, settings.poll_seconds) == (8123, 0.5)
    assert read_settings(port=9000).port == 9000


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LEADS_{name.upper()}", raising=False)
    unset = read_settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(f"LEADS_{name.upper()}", "")
    assert read_settings() == unset


def test_every_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_PORT", "http")
    monkeypatch.setenv("LEADS_MAX_BATCH", "1001")
    with pytest.raises(SettingsRefused, match=r"LEADS_PORT: .*; LEADS_MAX_BATCH: "):
        read_settings()


def test_a_port_that_is_taken_is_said_plainly() -> None:
    with listen(Settings(port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*--port"):
            listen(Settings(port=port))


def test_it_serves_until_it_is_told_to_stop_and_finishes_what_it_began(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "LEADS_POLL_SECONDS": "0.05",
        "LEADS_DATABASE_URL": f"sqlite:///{tmp_path}/leads.db",
        "LEADS_OPEN": "true",
    }
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            told = [json.loads(process.stderr.readline()) for _ in range(4)]
            events = ["store.made", "service.started", "service.open", "scorer.swapped"]
            assert [line["event"] for line in told] == events
            started = told[1]
            answer = httpx2.post(f"{started['url']}/v1/score", json=LEAD)
            assert answer.json()["model_version"] == "1"
            assert _answer_to_a_body_that_ends_after_the_signal(process, started["url"]) == b"HTTP/1.1 200 OK"
            assert process.wait(timeout=30) == 0
            assert json.loads(process.stderr.read().splitlines()[-1])["event"] == "service.stopped"
        finally:
            process.kill()


def _answer_to_a_body_that_ends_after_the_signal(process: subprocess.Popen[str], url: str) -> bytes:
    body = json.dumps(LEAD).encode()
    headers = f"host: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    head = f"POST /v1/score HTTP/1.1\r\n{headers}"
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=10) as connection:
        connection.sendall(head.encode() + body[:10])
        httpx2.get(f"{url}/healthz")  # so that the service has begun with the first
        process.send_signal(signal.SIGTERM)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        connection.sendall(body[10:])
        return connection.recv(4096).splitlines()[0]
