"""Many clients at once before two processes: each is answered as if it had come alone, each lead goes to one agent."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.serving import databases
from tests.serving.live import Connection, Live, live

CLIENTS, AGENTS = 24, 50
CONTACT = {"started_at": "2026-03-03T10:00:00Z", "agent": "ann"}
SOURCES = [f"source {number}" for number in range(10)]

QueueFilter = tuple[str, str, Any]


@pytest.fixture(scope="module", params=databases.KINDS)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Two processes before each kind of database; its tests leave leads of their own names behind."""
    folder = tmp_path_factory.mktemp("races")
    if request.param == "sqlite":
        url = databases.new_file_store(folder)
    else:
        url = databases.new_server_store(request.getfixturevalue("postgresql"))
    with live(url, folder / "serve.log", workers=2) as running:
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


@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_who_writes_the_same_at_once_is_answered_as_alone(service: Live, rounds: int) -> None:
    for ask in (put, contact, outcome, spend, mixed):
        answered = asyncio.run(_race(service.url, ask, rounds))

        assert sum(answered.values()) == CLIENTS * rounds, ask
        assert set(answered) <= {200, 201, 204, 404}, ask


async def _race(url: str, ask: Callable[[int, int], QueueFilter], rounds: int) -> Counter[int]:
    """The statuses that all clients were answered with, each round begun together."""
    connections = [await Connection.to(url) for _ in range(CLIENTS)]
    statuses: Counter[int] = Counter()
    for turn in range(rounds):
        asked = [connection.ask(*ask(client, turn)) for client, connection in enumerate(connections)]
        statuses.update(status for status, _ in await asyncio.gather(*asked))
    for connection in connections:
        connection.close()
    return statuses


@pytest.mark.parametrize("leads", [200, pytest.param(5_000, marks=pytest.mark.slow)])
def test_fifty_agents_claim_all_leads_of_a_queue_each_once(service: Live, leads: int) -> None:
    claimed = Counter(asyncio.run(_claimed(service.url, leads)))
    assert {lead_id: claimed[lead_id] for lead_id in _shared(leads)} == dict.fromkeys(_shared(leads), 1)


def _shared(leads: int) -> list[str]:
    return [f"of-{leads}-{number}" for number in range(leads)]


async def _claimed(url: str, leads: int) -> list[str]:
    """Fill the queue, then let all agents claim until nothing is left."""

    async def fill(number: int) -> None:
        async with connected(url) as connection:
            for lead, lead_id in enumerate(_shared(leads)[number::AGENTS]):
                body = {"fields": {"age": 18 + lead % 60}}
                status, _ = await connection.ask("PUT", f"/v1/leads/{lead_id}", body)
                assert status == 201

    async def work(number: int) -> list[str]:
        claimed: list[str] = []
        async with connected(url) as connection:
            while True:
                status, answer = await connection.ask("POST", "/v1/queue/next", {"agent": f"clerk {number}"})
                if status == 204:
                    return claimed
                assert status == 200, answer
                claimed.append(json.loads(answer)["lead"]["lead_id"])

    await asyncio.gather(*map(fill, range(AGENTS)))
    shares = await asyncio.gather(*map(work, range(AGENTS)))
    return [lead_id for share in shares for lead_id in share]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """One for each stretch of work: the service closes those that are idle."""
    connection = await Connection.to(url)
    try:
        yield connection
    finally:
        connection.close()
