"""Many agents at one queue, served by two processes: each lead goes to one of them."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.serving.live import Connection, live

AGENTS = 50


def test_fifty_agents_share_a_queue(database_url: str, tmp_path: Path) -> None:
    _share(database_url, tmp_path, leads=300)


@pytest.mark.slow
def test_fifty_agents_claim_five_thousand_leads_each_once(database_url: str, tmp_path: Path) -> None:
    _share(database_url, tmp_path, leads=5_000)


def _share(database_url: str, folder: Path, leads: int) -> None:
    with live(database_url, folder / "serve.log", workers=2) as service:
        claimed = asyncio.run(_claimed(service.url, leads))
    assert len(claimed) == leads
    assert set(Counter(claimed).values()) == {1}


async def _claimed(url: str, leads: int) -> list[str]:
    """Fill the queue, then let all agents claim until nothing is left."""

    async def fill(number: int) -> None:
        async with connected(url) as connection:
            for lead in range(number, leads, AGENTS):
                body = {"fields": {"age": 18 + lead % 60}}
                status, _ = await connection.ask("PUT", f"/v1/leads/L-{lead}", body)
                assert status == 201

    async def work(number: int) -> list[str]:
        claimed: list[str] = []
        async with connected(url) as connection:
            while True:
                status, answer = await connection.ask("POST", "/v1/queue/next", {"agent": f"agent {number}"})
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
