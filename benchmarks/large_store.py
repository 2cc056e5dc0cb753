"""What requests take over a store of a million leads, beside the same over a thousand.

    python -m benchmarks.large_store [--leads N] [--waiting SHARE] [--database URL] [--rounds N]

Fills an empty store, which takes minutes: leads of two years with a score, contacts and outcomes, of which a share
still waits in the queue, half of those tried. `--database` names an empty one of a server, or one that was filled so;
without it a SQLite file is made. `benchmarks.store_plans` prints how the database reads what each request asks.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import numpy as np

from benchmarks.made_store import FIELDS, fill_where_empty
from benchmarks.processes import processor_seconds
from benchmarks.serving import ROOT, SERVE
from serving.store.database import Database
from tests.ports import free_port

SMALL = 1_000
BARS = {"next claim": 10.0}
BAR = 50.0
IDLE_SECONDS, IDLE_WORK = 5.0, 0.1
"""A service that nobody asks works for no longer in that time."""

Ask = Callable[[httpx2.Client, int], httpx2.Response]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--leads", type=int, default=1_000_000)
    asked.add_argument("--waiting", type=float, default=1.0, help="share of the leads that are in the queue")
    asked.add_argument("--database", help="a URL, as in LEADS_DATABASE_URL")
    asked.add_argument("--small", help="the URL of an empty database for the thousand leads")
    asked.add_argument("--rounds", type=int, default=40, help="requests of each kind")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        large = given.database or f"sqlite:///{scratch}/large.db"
        small = given.small or f"sqlite:///{scratch}/small.db"
        fill_where_empty(large, given.leads, given.waiting)
        fill_where_empty(small, SMALL, given.waiting)
        with ExitStack() as running:
            services = [running.enter_context(serving(url)) for url in (small, large)]
            print_medians(services, given.leads, given.rounds)


@dataclass(frozen=True)
class Service:
    """A service in a process of its own, on a small model that is of the stored scores' version."""

    client: httpx2.Client
    process: int
    database: Database

    def processor_seconds(self) -> float:
        """What it and its sessions of the database's server have worked by now; those that ended do not count."""
        return float(np.nansum([processor_seconds(process) for process in (self.process, *self._sessions())]))

    def _sessions(self) -> list[int]:
        if self.database.is_sqlite:
            return []
        with self.database.reading() as connection:
            question = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            return list(connection.exec_driver_sql(question).scalars())


@contextmanager
def serving(url: str) -> Iterator[Service]:
    """A running one."""
    port = free_port()
    with (
        closing(Database(url)) as database,
        subprocess.Popen([sys.executable, "-c", SERVE, str(port), url], cwd=ROOT, stderr=subprocess.DEVNULL) as process,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
    ):
        try:
            _wait_until_ready(client, process)
            service = Service(client, process.pid, database)
            _wait_until_idle(service)
            yield service
        finally:
            process.terminate()


def _wait_until_ready(client: httpx2.Client, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the service ended by itself")


def _wait_until_idle(service: Service) -> None:
    """What the model's page shows is made at the start, from all leads."""
    worked = -IDLE_WORK
    while service.processor_seconds() - worked >= IDLE_WORK:
        worked = service.processor_seconds()
        time.sleep(IDLE_SECONDS)


def print_medians(services: Sequence[Service], count: int, rounds: int) -> None:
    """A line a request over the small store and the large one, in alternating rounds.

    Milliseconds as medians by the clock, and of processors as means, which a machine shared with others changes less.
    """
    print(f"{'':36}{'by the clock':>18}{'p95':>9}{'of processors':>20}{'bar':>7}")
    print(f"{'ms':36}{SMALL:>8,}{count:>10,}{count:>9,}{SMALL:>10,}{count:>10,}")
    for name, ask in requests().items():
        took: list[list[float]] = [[], []]
        before = [service.processor_seconds() for service in services]
        for turn in range(rounds):
            for place, service in enumerate(services):
                began = time.perf_counter()
                answer = ask(service.client, turn)
                took[place].append((time.perf_counter() - began) * 1e3)
                if answer.status_code not in (200, 201, 303):
                    raise SystemExit(f"{name}: {answer.status_code} {answer.text[:300]}")
        worked = [
            (service.processor_seconds() - start) * 1e3 / rounds
            for service, start in zip(services, before, strict=True)
        ]
        small, large = (statistics.median(one) for one in took)
        bar = next((most for part, most in BARS.items() if part in name), BAR)
        p95 = statistics.quantiles(took[1], n=20)[-1]
        print(
            f"{name:36}{small:>8.1f}{large:>10.1f}{p95:>9.1f}{worked[0]:>10.1f}{worked[1]:>10.1f}{bar:>7.0f}",
            flush=True,
        )


def requests() -> dict[str, Ask]:
    """What is asked, by name, of the turn's number."""
    run = uuid4().hex[:8]
    ids = [f"L-{number:08}" for number in np.random.default_rng(2).integers(0, SMALL, 1_000)]

    def put(client: httpx2.Client, lead_id: str, turn: int) -> httpx2.Response:
        return client.put(f"/v1/leads/{lead_id}", json={"source": "search", "fields": FIELDS | {"age": 18 + turn % 60}})

    def claim(client: httpx2.Client, turn: int, order: str) -> httpx2.Response:
        return client.post("/v1/queue/next", json={"agent": f"{run} {turn}", "order": order})

    def end_call(client: httpx2.Client, turn: int) -> httpx2.Response:
        told = {"started_at": f"2026-01-01T00:{turn // 60:02}:{turn % 60:02}Z", "agent": run}
        return client.post(f"/v1/leads/{ids[turn]}/contacts", json=told)

    return {
        "PUT, a new lead": lambda client, turn: put(client, f"{run}-{turn}", turn),
        "PUT, a lead that changed": lambda client, turn: put(client, ids[turn], turn),
        "GET /v1/queue, by score": lambda client, _: client.get("/v1/queue?limit=50"),
        "GET /v1/queue, by cost": lambda client, _: client.get("/v1/queue?limit=50&order=cost"),
        "GET /v1/queue, by value": lambda client, _: client.get("/v1/queue?limit=50&order=value"),
        "GET /v1/queue, by wait": lambda client, _: client.get("/v1/queue?limit=50&order=wait"),
        "GET /v1/queue, by cost, of a source": lambda client, _: client.get("/v1/queue?order=cost&source=events"),
        "queue page": lambda client, _: client.get("/queue"),
        "next claim, by cost": lambda client, turn: claim(client, turn, "cost"),
        "next claim, by score": lambda client, turn: claim(client, turn, "score"),
        "POST a contact": end_call,
        "GET /v1/leads/{lead_id}": lambda client, turn: client.get(f"/v1/leads/{ids[turn]}"),
        "lead page": lambda client, turn: client.get(f"/leads/{ids[turn]}"),
    }


if __name__ == "__main__":
    main()
