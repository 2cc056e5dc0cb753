"""Clients that write the same at once, to two processes: each is answered as if it had come alone."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.live import Connection, Live, live

CLIENTS, ROUNDS = 24, 20
CONTACT = {"started_at": "2026-03-03T10:00:00Z", "agent": "ann"}
SOURCES = [f"source {number}" for number in range(10)]

QueueFilter = tuple[str, str, Any]


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Live]:
    with live(database_url, tmp_path / "serve.log", workers=2) as running:
        yield running


def put(client: int, turn: int) -> QueueFilter:
    return "PUT", f"/v1/leads/new-{turn}", {"fields": {"age": 20 + client}}


def contact(client: int, turn: int) -> QueueFilter:
    return "POST", f"/v1/leads/new-{turn}/contacts", CONTACT


def outcome(client: int, turn: int) -> QueueFilter:
    return "PUT", f"/v1/leads/new-{turn}/outcome", {"status": "won" if client % 2 else "open"}


def claim(client: int, turn: int) -> QueueFilter:
    return "POST", "/v1/queue/next", {"agent": f"agent {client}", "lead_id": f"new-{turn}"}


def erase(client: int, turn: int) -> QueueFilter:
    return "DELETE", f"/v1/leads/new-{turn}", {}


def spend(client: int, turn: int) -> QueueFilter:
    turned = SOURCES[client % 10 :] + SOURCES[: client % 10]
    return "POST", "/v1/spend", {"spend": [{"date": "2026-03-02", "source": one, "amount": turn} for one in turned]}


def mixed(client: int, turn: int) -> QueueFilter:
    return (put, contact, outcome, claim, erase)[client % 5](client, turn)


def test_who_writes_the_same_at_once_is_answered_as_alone(service: Live) -> None:
    for ask in (put, contact, outcome, spend, mixed):
        answered = asyncio.run(_race(service.url, ask))

        assert sum(answered.values()) == CLIENTS * ROUNDS, ask
        assert set(answered) <= {200, 201, 204, 404}, ask


async def _race(url: str, ask: Callable[[int, int], QueueFilter]) -> Counter[int]:
    """The statuses that all clients were answered with, each round begun together."""
    connections = [await Connection.to(url) for _ in range(CLIENTS)]
    statuses: Counter[int] = Counter()
    for turn in range(ROUNDS):
        asked = [connection.ask(*ask(client, turn)) for client, connection in enumerate(connections)]
        statuses.update(status for status, _ in await asyncio.gather(*asked))
    for connection in connections:
        connection.close()
    return statuses
