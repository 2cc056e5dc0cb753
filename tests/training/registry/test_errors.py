"""Why MLflow's server cannot be read: said from what a real client meets, and from nothing that its address holds."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mlflow import MlflowClient

from training.registry import Location, RegistryUnreachable, answer_within
from training.registry.connection import translate_errors


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@contextmanager
def refusing(status: int) -> Iterator[str]:
    """The address of a server that answers everything with this status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(status)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def reason(address: str) -> str | None:
    with pytest.raises(RegistryUnreachable) as unreachable, translate_errors(Location(address)):
        MlflowClient(address).search_registered_models()
    return unreachable.value.reason


def free_port(digits: str) -> int:
    """A port that nobody listens at, and whose number holds these digits."""
    for port in (port for port in range(1024, 65536) if digits in str(port)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("all of them are taken")


@pytest.mark.parametrize("digits", ["401", "403"])
def test_digits_of_a_port_are_no_status(digits: str) -> None:
    assert reason(f"http://127.0.0.1:{free_port(digits)}") == "nobody listens at its address"


@pytest.mark.parametrize(
    ("status", "said"), [(401, "it does not take the user or password"), (403, "it does not let this user in")]
)
def test_a_status_that_refuses_the_user_is_named(status: int, said: str) -> None:
    with refusing(status) as address:
        assert reason(address) == said


@pytest.mark.parametrize(("every", "seconds"), [(3600.0, "10"), (5.0, "5"), (0.01, "1")])
def test_who_asks_seldom_waits_no_longer_for_an_answer(
    monkeypatch: pytest.MonkeyPatch, every: float, seconds: str
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "")  # so that it is put back afterwards
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_TIMEOUT")
    answer_within(every)
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == seconds
