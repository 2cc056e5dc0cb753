"""A real MLflow server, which a test stops, kills and starts again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.ports import free_port

START_SECONDS = 120


class MlflowServer:
    """The server's processes, on a database that outlives them."""

    def __init__(self, database: Path, log: Path) -> None:
        self._database, self._log = database, log
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Nothing where it runs."""
        if self._process is not None:
            return
        words = ["-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{self._database}", "--workers", "1"]
        address = ["--host", "127.0.0.1", "--port", str(self._port)]
        environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        with self._log.open("ab") as told:
            self._process = subprocess.Popen(
                [sys.executable, *words, *address],
                env=environment,
                stdout=told,
                stderr=told,
                cwd=self._log.parent,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < end, self._log.read_text()[-2000:]
            time.sleep(0.2)

    def hang(self) -> None:
        """Its kernel still takes connections; nobody answers."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx2.HTTPError:
            return False


@contextmanager
def mlflow_server(database: Path, log: Path) -> Iterator[MlflowServer]:
    """Running on this database, to the end of the block."""
    server = MlflowServer(database, log)
    server.start()
    try:
        yield server
    finally:
        server.kill()
