"""What requests take over a store of a million leads, beside the same over a thousand: medians, and the plans.

    python -m benchmarks.large_store [--leads N] [--waiting SHARE] [--database URL] [--rounds N] [--plans]

Fills an empty store, which takes minutes: leads of two years with a score, contacts and outcomes, of which a share
still waits in the queue, half of those tried. `--database` names an empty one of a server, or one that was filled so;
without it a SQLite file is made. `--plans` prints how the database reads what each request asks.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import uuid4

import httpx2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, event, select

from benchmarks.serving import ROOT, SERVE
from serving.migrations import prepare
from serving.operations.claims import Claims
from serving.queue_rules import ORDERS, QueueFilter, QueueRules
from serving.settings import Settings
from serving.store import Store, leads, overview, queue_claims, scoring_backlog, tables
from serving.store.contacts import find_contacts
from serving.store.database import Database
from serving.store.outbox import NOBODY
from serving.store.scores import find_scores
from tests.ports import free_port

DAYS, AT_ONCE, SMALL = 730, 20_000, 1_000
SOURCES = ("search", "social", "partner", "events", "cold list")
FIELDS = {"age": 41, "job title": "Director", "newsletter": True, "message": "Please send a quote for ten seats"}
REASONS = json.dumps([[name, 0.1, f"the {name} speaks for it"] for name in FIELDS])
LEAST = {"A": 0.35, "B": 0.2, "C": 0.1, "D": 0.0}
"""Each grade's least probability."""
SECONDS = {"A": 900, "B": 7200}
"""Each promised grade's seconds to the first attempt."""
BARS = {"next claim": 10.0}
BAR = 50.0

Row = tuple[Any, ...]
Ask = Callable[[httpx2.Client, int], httpx2.Response]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--leads", type=int, default=1_000_000)
    asked.add_argument("--waiting", type=float, default=1.0, help="share of the leads that are in the queue")
    asked.add_argument("--database", help="a URL, as in LEADS_DATABASE_URL")
    asked.add_argument("--small", help="the URL of an empty database for the thousand leads")
    asked.add_argument("--rounds", type=int, default=40, help="requests of each kind")
    asked.add_argument("--plans", action="store_true", help="print plans instead")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        large = given.database or f"sqlite:///{scratch}/large.db"
        small = given.small or f"sqlite:///{scratch}/small.db"
        fill_where_empty(large, given.leads, given.waiting)
        if given.plans:
            print_plans(large)
            return
        fill_where_empty(small, SMALL, given.waiting)
        with ExitStack() as running:
            clients = [running.enter_context(serving(url)) for url in (small, large)]
            print_medians(clients, given.leads, given.rounds)


def fill_where_empty(url: str, count: int, waiting: float) -> None:
    """Leads with what is known of them, in a store that holds none."""
    with closing(Database(url)) as database:
        prepare(database)
        with database.reading() as connection:
            if connection.scalar(select(tables.leads.c.lead_id).limit(1)):
                return
        began = time.perf_counter()
        for name, rows in make_rows(count, waiting):
            _insert(database, name, rows)
            print(f"{name}: {time.perf_counter() - began:,.0f} s", file=sys.stderr, flush=True)
        _analyze(database)


def make_rows(count: int, waiting: float) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each table's name and rows; all drawn from one seed."""
    rng, now = np.random.default_rng(1), datetime.now(UTC).replace(microsecond=0)
    ids = [f"L-{number:08}" for number in rng.permutation(count)]
    seconds: NDArray[np.float64] = rng.uniform(0, DAYS * 86_400, count)
    chance = rng.beta(1.2, 6, count)
    source = rng.integers(0, len(SOURCES), count)
    waits, tried = rng.random(count) < waiting, rng.random(count) < 0.5
    grades = [next(grade for grade, least in LEAST.items() if one >= least) for one in chance]
    moments = [str((now - timedelta(seconds=one)).replace(tzinfo=None)) for one in seconds]
    moments = [one if "." in one else f"{one}.000000" for one in moments]
    fields = [json.dumps(FIELDS | {"age": age}) for age in range(18, 80)]
    called, waiting = np.flatnonzero(tried | ~waits), np.flatnonzero(waits)
    past, no_change = ("won", "lost", "lost", "lost"), (None, None, None, None)
    yield (
        "leads",
        (
            (
                ids[n],
                moments[n],
                moments[n],
                moments[n],
                SOURCES[source[n]],
                "brand",
                990.0,
                fields[n % 62],
                f"sc_{n:016x}",
            )
            for n in range(count)
        ),
    )
    yield (
        "scores",
        (
            (
                *(
                    f"sc_{n:016x}",
                    ids[n],
                    moments[n],
                    "1",
                    90,
                    chance[n],
                    grades[n],
                    50.0,
                    chance[n] / 2,
                    chance[n] + 0.1,
                ),
                *(REASONS, "[]", "ok", fields[n % 62], *no_change),
            )
            for n in range(count)
        ),
    )
    yield (
        "contacts",
        (
            (
                f"co_{n:016x}",
                ids[n],
                moments[n],
                f"agent {n % 50}",
                "phone",
                "out",
                n % 3 == 0,
                60.0,
                None,
                moments[n],
                None,
            )
            for n in called.tolist()
        ),
    )
    yield (
        "outcomes",
        (
            (f"oc_{n:016x}", ids[n], past[n % 4], moments[n], 990.0, None, moments[n], moments[n], True, None)
            for n in np.flatnonzero(~waits).tolist()
        ),
    )
    arrived = (now.timestamp() - seconds).tolist()
    yield (
        "queue",
        (
            _queue_row(n, ids[n], chance[n], grades[n], SOURCES[source[n]], arrived[n], tried[n])
            for n in waiting.tolist()
        ),
    )


def _queue_row(n: int, lead_id: str, chance: float, grade: str, source: str, arrived: float, tried: bool) -> Row:
    promised = arrived + SECONDS[grade] if grade in SECONDS and not tried else None
    free_from, agent = (arrived + 86_400, f"agent {n % 50}") if tried else (0.0, None)
    sorted_by = (chance, chance * 990, grade, source, "1", "ok")
    return (lead_id, *sorted_by, arrived, promised, free_from, int(tried), agent, None, 0.0)


def _insert(database: Database, name: str, rows: Iterator[Row]) -> None:
    table = tables.metadata.tables[name]
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    with database.writing() as connection:
        driver: Any = connection.connection.driver_connection
        if database.is_sqlite:
            places = ", ".join("?" * len(table.columns))
            while some := [*islice(rows, AT_ONCE)]:
                driver.executemany(f"INSERT INTO {name} ({columns}) VALUES ({places})", map(_plain, some))  # noqa: S608
            return
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL timezone = 'UTC'")
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(_plain(row))


def _plain(row: Row) -> Row:
    return tuple(value.item() if isinstance(value, np.generic) else value for value in row)


def _analyze(database: Database) -> None:
    """PostgreSQL counts by itself, sooner or later, and notes which pages all may see; SQLite as it is in service."""
    if database.is_sqlite:
        return
    with closing(database.writer.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        driver.execute("VACUUM ANALYZE")


@contextmanager
def serving(url: str) -> Iterator[httpx2.Client]:
    """A client of a service in a process of its own, on a small model that is of the stored scores' version."""
    port = free_port()
    with (
        subprocess.Popen([sys.executable, "-c", SERVE, str(port), url], cwd=ROOT, stderr=subprocess.DEVNULL) as process,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
    ):
        try:
            _wait_until_ready(client, process)
            yield client
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


def print_medians(clients: Sequence[httpx2.Client], count: int, rounds: int) -> None:
    """A line a request: milliseconds over the small store and the large one, as medians of alternating rounds."""
    print(f"{'ms, median':42}{SMALL:>10,}{count:>12,}{'p95':>9}{'bar':>7}")
    for name, ask in requests().items():
        took: list[list[float]] = [[], []]
        for turn in range(rounds):
            for place, client in enumerate(clients):
                began = time.perf_counter()
                answer = ask(client, turn)
                took[place].append((time.perf_counter() - began) * 1e3)
                if answer.status_code not in (200, 201, 303):
                    raise SystemExit(f"{name}: {answer.status_code} {answer.text[:300]}")
        small, large = (statistics.median(one) for one in took)
        bar = next((most for part, most in BARS.items() if part in name), BAR)
        p95 = statistics.quantiles(took[1], n=20)[-1]
        print(f"{name:42}{small:>10.1f}{large:>12.1f}{p95:>9.1f}{bar:>6.0f}{' ' if large <= bar else '!'}", flush=True)


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


def print_plans(url: str) -> None:
    """Each question that a request asks of the store, how long it took, and how the database reads it."""
    rules, now = Settings().queue_rules, datetime.now(UTC)
    claims = Claims(rules, NOBODY, np.random.default_rng(1))  # type: ignore[arg-type]
    store = Store(url)
    with closing(store.database), store.database.reading() as connection:
        lead_id = connection.scalar(select(tables.leads.c.lead_id).limit(1))
        questions: dict[str, Callable[[Connection], object]] = {
            f"a page by {order}": partial(_page, claims, QueueFilter(order), now) for order in ORDERS
        }
        questions |= {
            "the next claim by cost": lambda c: _claim(c, rules, now, "cost"),
            "the next claim by score": lambda c: _claim(c, rules, now, "score"),
            "an agent's claims": lambda c: claims.find_claimed(c, "agent 1", now),
            "choices": overview.choices,
            "a lead": lambda c: (
                leads.find(c, str(lead_id)),
                find_scores(c, str(lead_id)),
                find_contacts(c, str(lead_id)),
            ),
            "outdated scores": lambda c: scoring_backlog.find_outdated(c, "1", 50),
        }
        for name, question in questions.items():
            print(f"\n# {name}")
            for statement, parameters, took in _asked(connection, question):
                shown = " ".join(statement.split())
                print(f"\n{took * 1e3:,.1f} ms: {shown[:400]}")
                _print_plan(connection, statement, parameters)


def _page(claims: Claims, ask: QueueFilter, now: datetime, connection: Connection) -> object:
    return claims.page(connection, ask, now, 50)


def _claim(connection: Connection, rules: QueueRules, now: datetime, order: Any) -> None:
    """The next claim, taken back."""
    with connection.begin_nested() as nested:
        queue_claims.claim_next(connection, "somebody", QueueFilter(order), rules, now, at_random=False)
        nested.rollback()


def _asked(connection: Connection, question: Callable[[Connection], object]) -> list[tuple[str, Any, float]]:
    found: list[tuple[str, Any, float]] = []
    began = [0.0]

    def before(*_: Any) -> None:
        began[0] = time.perf_counter()

    def after(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            found.append((statement, parameters, time.perf_counter() - began[0]))

    event.listen(connection, "before_cursor_execute", before)
    event.listen(connection, "after_cursor_execute", after)
    try:
        question(connection)
    finally:
        event.remove(connection, "before_cursor_execute", before)
        event.remove(connection, "after_cursor_execute", after)
    return found


def _print_plan(connection: Connection, statement: str, parameters: Any) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    prefix = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)"
    for row in connection.exec_driver_sql(f"{prefix} {statement}", parameters):
        print(f"    {row[-1]}")


if __name__ == "__main__":
    main()
