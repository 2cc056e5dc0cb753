"""The service as processes of its own, and many clients at once, for what only shows there."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

ROOT = Path(__file__).parents[2]
READY_SECONDS = 180
SERVE = """
from serving.server import serve
from serving.settings import read_settings
from tests.serving.models import Trained

if __name__ == "__main__":
    serve(read_settings(port=0), Trained())
"""


class Live:
    """A running service, and the way to kill it."""

    store_url: str
    """Set by a test that opens the store beside the service."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process, self.url = process, url

    def workers(self) -> set[int]:
        """The processes that its parent started to answer."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(child) for child in children if b"spawn_main" in _command_of(child)}

    def kill(self) -> None:
        """End every process of it at once, as `kill -9` does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _command_of(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def live(
    database_url: str,
    log: Path,
    workers: int = 1,
    *,
    program: Sequence[str] = ("-c", SERVE),
    folder: Path = ROOT,
    around: Mapping[str, str] | None = None,
    command: Sequence[str] = (),
    **settings: str,
) -> Iterator[Live]:
    """A service, by default on a small model, ready; its workers end with the block.

    `around` is what else its environment holds, `command` what runs it.
    """
    named = {f"LEADS_{name.upper()}": value for name, value in settings.items()}
    environment = {
        **os.environ,
        "LEADS_DATABASE_URL": database_url,
        "LEADS_WORKERS": str(workers),
        "LEADS_OPEN": "true",
        **named,
        **(around or {}),
    }
    with log.open("wb") as told, printed_by(log).open("wb") as printed:
        process = subprocess.Popen(
            [*command, sys.executable, *program],
            cwd=folder,
            env=environment,
            stdout=printed,
            stderr=told,
            start_new_session=True,
        )
    try:
        service = Live(process, _url(process, log))
        _wait_until_ready(service, log)
        yield service
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def printed_by(log: Path) -> Path:
    """What the service with this log printed for a person."""
    return log.with_suffix(".out")


def _url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"service.started"' in line:
                return str(json.loads(line)["url"])
        time.sleep(0.05)
    raise AssertionError(f"it did not start: {log.read_text()[-2000:]}")


def _wait_until_ready(service: Live, log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and service.process.poll() is None:
        try:
            if httpx2.get(f"{service.url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"it did not become ready: {log.read_text()[-2000:]}")


class Connection:
    """One connection of a client that asks and waits, over and over; ends with the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, url: str) -> "Connection":
        parts = urlsplit(url)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """The status and body that were answered, asking again while a worker has no champion yet.

        Raises `OSError` or `EOFError` where the server is gone.
        """
        while (answer := await self._ask(method, path, body))[0] == 503:
            await asyncio.sleep(0.1)
        return answer

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        sent = json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        told = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next((int(line.split(":")[1]) for line in told if line.startswith("content-length:")), 0)
        return int(told[0].split()[1]), await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()
