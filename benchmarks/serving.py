"""Scoring and storing a lead beside a bare FastAPI route, alternating, as medians and ratios.

Requests a second, times to an answer, and the server's processor time a request, whose ratio holds on a machine that
is shared. Ours and the peer (`bare_fastapi.py` in LEADS_PEERS, or ../shared/peers) run one process each on the first
core; the load comes from the second, by wrk where it is installed, else by a small asyncio client.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

from benchmarks.processes import processor_seconds

ROOT = Path(__file__).parents[1]
CONNECTIONS = 16
OURS, PEER = 8_110, 8_111

PEER_LEAD = {
    "lead_id": "L1", "source": "ads", "a": 1.0, "b": 2.0, "c": 3.5,
    "attributes": {
        "x1": "aaa", "x2": 3, "x3": 4.5, "x4": "bbb", "x5": "c",
        "x6": 1, "x7": 2, "x8": None, "x9": "ddd", "x10": "eee",
    },
}  # fmt: skip

SERVE = """
import sys
from pathlib import Path

from serving.server import serve
from serving.settings import Settings
from tests.serving.models import Models, train_model
from training.model import ScoringModel

if __name__ == "__main__":
    port, database_url, *folder = sys.argv[1:]
    model = ScoringModel.load(Path(folder[0]), "1") if folder else train_model()
    serve(Settings(port=int(port), database_url=database_url, max_rate=1e6, open=True), Models(model))
"""


LUA = """
wrk.method = "{method}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
local sent = 0
if wrk.method == "PUT" then
  request = function()
    sent = sent + 1
    return wrk.format(nil, wrk.path .. "{run}-" .. sent)
  end
end
"""


@dataclass(frozen=True)
class Target:
    """One route under load; where its path ends in a slash, each request puts a lead of its own there."""

    name: str
    url: str
    body: bytes

    @property
    def method(self) -> str:
        return "PUT" if self.url.endswith("/") else "POST"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0


@dataclass(frozen=True)
class Load:
    """What a server did: requests a second, milliseconds to an answer, microseconds of its processor a request."""

    rate: float
    p50: float
    p99: float
    processor: float = float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of load on each route in each round")
    parser.add_argument("--model", type=Path, help="a ScoringModel's folder; else a small one is trained")
    parser.add_argument("--database", help="a database URL; else SQLite in a temporary folder")
    options = parser.parse_args()
    peers = Path(os.environ.get("LEADS_PEERS", ROOT.parent / "shared" / "peers"))
    with _ours(options.model, options.database) as ours, _peer(peers) as peer:
        processes = {OURS: ours, PEER: peer}
        for connections in (CONNECTIONS, 1):
            loads: dict[str, list[Load]] = {}
            for _ in range(options.rounds):
                for target in _targets():
                    load = _measure(target, options.seconds, connections, processes[target.port])
                    loads.setdefault(target.name, []).append(load)
            _print(loads, connections)


def _measure(target: Target, seconds: int, connections: int, process: int) -> Load:
    before = processor_seconds(process)
    load = _load(target, seconds, connections)
    each = (processor_seconds(process) - before) / (load.rate * seconds)
    return replace(load, processor=1e6 * each)


def _targets() -> list[Target]:
    document = json.loads(_get(f"http://127.0.0.1:{OURS}/openapi.json"))
    lead = document["paths"]["/v1/score"]["post"]["requestBody"]["content"]["application/json"]["example"]
    body, ours = json.dumps(lead).encode(), f"http://127.0.0.1:{OURS}/v1/score"
    facts = json.dumps({name: value for name, value in lead.items() if name != "lead_id"}).encode()
    return [
        Target("bare FastAPI", f"http://127.0.0.1:{PEER}/score", json.dumps(PEER_LEAD).encode()),
        Target("/v1/score, 3 reasons", ours, body),
        Target("/v1/score, no reasons", f"{ours}?reasons=0", body),
        Target("PUT /v1/leads, new leads", f"http://127.0.0.1:{OURS}/v1/leads/", facts),
    ]


def _print(loads: dict[str, list[Load]], connections: int) -> None:
    """Ratios are medians of the rounds' own, so that a machine shared with others matters less."""
    bare = loads["bare FastAPI"]
    print(f"\n{connections} connections, {'wrk' if shutil.which('wrk') else 'asyncio client'}; × is of the bare route")
    parts = (("rate", "requests/s"), ("p50", "p50, ms"), ("p99", "p99, ms"), ("processor", "processor, µs"))
    print(f"{'':26}" + "".join(f"{title:>15}{'×':>6}" for _, title in parts))
    for name, measured in loads.items():
        figures = ([[getattr(load, part) for load in some] for some in (measured, bare)] for part, _ in parts)
        print(f"{name:26}" + "".join(_figure(*both) for both in figures))


def _figure(measured: Sequence[float], bare: Sequence[float]) -> str:
    ratio = statistics.median(ours / limit for ours, limit in zip(measured, bare, strict=True))
    return f"{statistics.median(measured):15,.4g}{ratio:6.2f}"


@contextmanager
def _ours(model: Path | None, database_url: str | None) -> Iterator[int]:
    with tempfile.TemporaryDirectory() as folder:
        arguments = [str(OURS), database_url or f"sqlite:///{folder}/leads.db"] + (
            [str(model.resolve())] if model else []
        )
        with _running([sys.executable, "-c", SERVE, *arguments], f"http://127.0.0.1:{OURS}/readyz", ROOT) as process:
            yield process


@contextmanager
def _peer(peers: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "uvicorn", "bare_fastapi:app", "--port", str(PEER), "--no-access-log"]
    with _running([*command, "--log-level", "warning"], f"http://127.0.0.1:{PEER}/healthz", peers) as process:
        yield process


@contextmanager
def _running(command: list[str], ready: str, folder: Path) -> Iterator[int]:
    """A server on the first core, by its process, from the moment that it answers until the block ends."""
    with subprocess.Popen(_on_core(0) + command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(ready, process)
            yield process.pid
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            _get(url)
        except (URLError, ConnectionError, TimeoutError):
            if process.poll() is not None:
                raise SystemExit(f"the server for {url} ended by itself") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def _get(url: str) -> bytes:
    with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
        return bytes(answer.read())


def _on_core(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def _load(target: Target, seconds: int, connections: int) -> Load:
    if shutil.which("wrk"):
        return _wrk(target, seconds, connections)
    return asyncio.run(_clients(target, seconds, connections))


def _wrk(target: Target, seconds: int, connections: int) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA.format(method=target.method, body=target.body.decode(), run=uuid4().hex))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script.name, target.url]
        told = subprocess.run(_on_core(1) + command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"{target.name}: not every request was answered with 200\n{told}")
    return Load(float(_found(r"Requests/sec:\s+([\d.]+)", told)), _milliseconds(told, 50), _milliseconds(told, 99))


def _milliseconds(told: str, percent: int) -> float:
    number, unit = _found(rf"{percent}%\s+([\d.]+\s*[mu]?s)", told).rstrip("s"), 1e3
    if number[-1] in "mu":
        number, unit = number[:-1], {"m": 1.0, "u": 1e-3}[number[-1]]
    return float(number) * unit


async def _clients(target: Target, seconds: int, connections: int) -> Load:
    end = time.perf_counter() + seconds
    took = sorted(chain.from_iterable(await asyncio.gather(*(_client(target, end) for _ in range(connections)))))
    return Load(len(took) / seconds, 1e3 * took[len(took) // 2], 1e3 * took[len(took) * 99 // 100])


async def _client(target: Target, end: float) -> list[float]:
    """One connection that asks again and again; the seconds to each answer."""
    url = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    headers = f"Host: {url.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(target.body)}\r\n\r\n"
    client, took = uuid4().hex, list[float]()
    while (asked := time.perf_counter()) < end:
        path = f"{url.path}{client}-{len(took)}" if target.method == "PUT" else f"{url.path}?{url.query}"
        writer.write(f"{target.method} {path} HTTP/1.1\r\n{headers}".encode() + target.body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        _found("^HTTP/1.1 (20[01])", answer)
        await reader.readexactly(int(_found(r"content-length: (\d+)", answer)))
        took.append(time.perf_counter() - asked)
    writer.close()
    return took


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"not as expected: {text[:300]}")
    return match[1]


if __name__ == "__main__":
    main()
