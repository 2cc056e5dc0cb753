"""What one agent may have counts over all processes, also in the same moment."""

import threading
from datetime import timedelta
from random import SystemRandom

import pytest

from serving.operations.claims import Claims, TooManyClaims
from serving.queue_rules import QueueFilter
from serving.settings import Settings
from serving.store import Connection, Store, tables
from serving.store.outbox import NOBODY
from tests.serving.crm import NOW

CLAIMS = Claims(Settings(most_claims=1).queue_rules, NOBODY, SystemRandom())


def fill(connection: Connection) -> None:
    waits = {"probability": 0.2, "grade": "C", "model_version": "1", "arrived": NOW.timestamp(), "attempts": 0}
    rows = [{"lead_id": f"L-{number}", "free_from": 0.0, "claimed_until": 0.0, **waits} for number in range(3)]
    connection.execute(tables.queue.insert(), rows)


@pytest.mark.parametrize("by", ["next", "lead"])
def test_an_agent_who_takes_two_leads_through_two_processes_at_once_gets_one(store: Store, by: str) -> None:
    store.write_now(fill)
    other, refused = Store(store.database.url.render_as_string(hide_password=False)), threading.Event()

    def take(connection: Connection, lead_id: str) -> None:
        now = NOW + timedelta(minutes=1)
        if by == "next":
            CLAIMS.take_next(connection, "ann", QueueFilter(), now)
        else:
            CLAIMS.take(connection, lead_id, "ann", now)

    def take_elsewhere() -> None:
        try:
            other.write_now(take, "L-2")
        except TooManyClaims:
            refused.set()

    elsewhere = threading.Thread(target=take_elsewhere)
    with store.database.writing() as connection:
        take(connection, "L-1")
        elsewhere.start()
        elsewhere.join(0.3)  # it has begun, and waits
        assert elsewhere.is_alive()
    elsewhere.join(20)
    other.database.close()
    assert refused.is_set()
