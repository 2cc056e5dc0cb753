"""How the databases read what requests ask of a store, and how long that took; `benchmarks.made_store` fills one.

python -m benchmarks.store_plans DATABASE_URL
"""

import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom
from typing import Any

from sqlalchemy import Connection, event, select

from serving.operations.claims import Claims
from serving.queue_rules import ORDERS, QueueFilter, QueueRules
from serving.settings import Settings
from serving.store import Store, leads, overview, queue_claims, scoring_backlog, tables
from serving.store.contacts import find_contacts
from serving.store.outbox import NOBODY
from serving.store.scores import find_scores


def print_plans(url: str) -> None:
    """Each question that a request asks of the store, how long it took, and how the database reads it."""
    rules, now = Settings().queue_rules, datetime.now(UTC)
    claims = Claims(rules, NOBODY, SystemRandom())
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
    print_plans(sys.argv[1])
