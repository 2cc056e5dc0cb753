"""Requests a second of POST /v1/score beside a bare FastAPI route, alternating, as medians and their ratio.

Ours and the peer (`bare_fastapi.py` in LEADS_PEERS, or ../shared/peers) run one process each on the first
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

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
    folder = sys.argv[2] if len(sys.argv) > 2 else None
    model = ScoringModel.load(Path(folder), "1") if folder else train_model()
    serve(Settings(port=int(sys.argv[1])), Models(model))
"""


@dataclass(frozen=True)
class Target:
    """One route under load."""

    name: str
    url: str
    body: bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of load on each route in each round")
    parser.add_argument("--model", type=Path, help="a ScoringModel's folder; else a small one is trained")
    options = parser.parse_args()
    peers = Path(os.environ.get("LEADS_PEERS", ROOT.parent / "shared" / "peers"))
    with _ours(options.model), _peer(peers):
        targets = _targets()
        rates: dict[str, list[float]] = {target.name: [] for target in targets}
        for _ in range(options.rounds):
            for target in targets:
                rates[target.name].append(_load(target, options.seconds))
    _print(rates)


def _targets() -> list[Target]:
    document = json.loads(_get(f"http://127.0.0.1:{OURS}/openapi.json"))
    lead = document["paths"]["/v1/score"]["post"]["requestBody"]["content"]["application/json"]["example"]
    body, ours = json.dumps(lead).encode(), f"http://127.0.0.1:{OURS}/v1/score"
    return [
        Target("bare FastAPI", f"http://127.0.0.1:{PEER}/score", json.dumps(PEER_LEAD).encode()),
        Target("/v1/score, 3 reasons", ours, body),
        Target("/v1/score, no reasons", f"{ours}?reasons=0", body),
    ]


def _print(rates: dict[str, list[float]]) -> None:
    """The ratio is the median of the rounds' own, so that a machine shared with others matters less."""
    limits = rates["bare FastAPI"]
    print(f"{CONNECTIONS} connections, {'wrk' if shutil.which('wrk') else 'asyncio client'}")
    for name, measured in rates.items():
        ratio = statistics.median(rate / limit for rate, limit in zip(measured, limits, strict=True))
        print(f"{name:24} {statistics.median(measured):8,.0f} requests/s   {ratio:.2f} of the bare route")


@contextmanager
def _ours(model: Path | None) -> Iterator[None]:
    arguments = [str(OURS)] + ([str(model.resolve())] if model else [])
    with _running([sys.executable, "-c", SERVE, *arguments], f"http://127.0.0.1:{OURS}/readyz", ROOT):
        yield


@contextmanager
def _peer(peers: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "uvicorn", "bare_fastapi:app", "--port", str(PEER), "--no-access-log"]
    with _running([*command, "--log-level", "warning"], f"http://127.0.0.1:{PEER}/healthz", peers):
        yield


@contextmanager
def _running(command: list[str], ready: str, folder: Path) -> Iterator[None]:
    """A server on the first core, from the moment that it answers until the block ends."""
    with subprocess.Popen(_on_core(0) + command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(ready, process)
            yield
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            _get(url)
        except (URLError, ConnectionError):
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


def _load(target: Target, seconds: int) -> float:
    return _wrk(target, seconds) if shutil.which("wrk") else asyncio.run(_clients(target, seconds))


def _wrk(target: Target, seconds: int) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        headers = 'wrk.headers["Content-Type"]="application/json"'
        script.write(f'wrk.method="POST"\n{headers}\nwrk.body=[==[{target.body.decode()}]==]\n')
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script.name, target.url]
        told = subprocess.run(_on_core(1) + command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"{target.name}: not every request was answered with 200\n{told}")
    return float(_found(r"Requests/sec:\s+([\d.]+)", told))


async def _clients(target: Target, seconds: int) -> float:
    end = time.perf_counter() + seconds
    counts = await asyncio.gather(*(_client(target, end) for _ in range(CONNECTIONS)))
    return sum(counts) / seconds


async def _client(target: Target, end: float) -> int:
    """One connection that asks again and again; the requests answered."""
    url = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    head = f"POST {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(target.body)}\r\n\r\n".encode() + target.body
    count = 0
    while time.perf_counter() < end:
        writer.write(request)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        _found("^HTTP/1.1 (200)", answer)
        await reader.readexactly(int(_found(r"content-length: (\d+)", answer)))
        count += 1
    writer.close()
    return count


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"not as expected: {text[:300]}")
    return match[1]


if __name__ == "__main__":
    main()
