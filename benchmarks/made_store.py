"""A store of made leads: of two years, with a score, contacts and outcomes, a share of them still in the queue."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from serving.migrations import prepare
from serving.store import tables
from serving.store.database import Database
from serving.store.lead_search import search_text

DAYS, AT_ONCE = 730, 20_000
SOURCES = ("search", "social", "partner", "events", "cold list")
FIELDS = {"age": 41, "job title": "Director", "newsletter": True, "message": "Please send a quote for ten seats"}
REASONS = json.dumps([[name, 0.1, f"the {name} speaks for it"] for name in FIELDS])
LEAST = {"A": 0.35, "B": 0.2, "C": 0.1, "D": 0.0}
"""Each grade's least probability."""
SECONDS = {"A": 900, "B": 7200}
"""Each promised grade's seconds to the first attempt."""

Row = tuple[Any, ...]


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
    called, queued = np.flatnonzero(tried | ~waits), np.flatnonzero(waits)
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
                search_text(ids[n], FIELDS),
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
            for n in queued.tolist()
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
