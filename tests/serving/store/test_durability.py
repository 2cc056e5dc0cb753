"""What was acknowledged is there, whatever happens to the server or its database."""

import asyncio
import time
from pathlib import Path

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from serving.app import create_app
from serving.settings import Settings
from serving.store import Store, tables
from tests.serving import databases
from tests.serving.conftest import LOCAL
from tests.serving.live import Connection, Live, live
from tests.serving.models import Models
from tests.serving.served import served
from training.model import ScoringModel

CLIENTS = 32


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(database_url: str, tmp_path: Path) -> None:
    _kill_in_the_middle(database_url, tmp_path, puts=600, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_nothing_of_ten_thousand_puts_is_lost_when_the_server_is_killed(
    database_url: str, tmp_path: Path, seed: int
) -> None:
    _kill_in_the_middle(database_url, tmp_path, puts=10_000, seed=seed)


def _kill_in_the_middle(database_url: str, folder: Path, puts: int, seed: int) -> None:
    """Send concurrent PUTs, kill the server somewhere on the way, and look at what is stored."""
    kill_after = int(np.random.default_rng(seed).integers(puts // 5, 4 * puts // 5))
    with live(database_url, folder / "serve.log", workers=2) as service:
        acknowledged = asyncio.run(_put_until_killed(service, puts, kill_after))
    assert kill_after <= len(acknowledged) < puts
    stored, scored = _stored(database_url)
    assert acknowledged <= stored
    assert len(scored) == len(set(scored)) == len(stored)
    with TestClient(create_app(Settings(database_url=database_url, open=True), Models()), base_url=LOCAL) as client:
        lead_id = sorted(acknowledged)[0]
        assert client.get(f"/v1/leads/{lead_id}").json()["score"]["lead_id"] == lead_id


async def _put_until_killed(service: Live, puts: int, kill_after: int) -> set[str]:
    acknowledged: set[str] = set()

    async def client(first: int) -> None:
        connection = await Connection.to(service.url)
        try:
            for number in range(first, puts, CLIENTS):
                status, _ = await connection.ask("PUT", f"/v1/leads/L-{number}", {"fields": {"age": 18 + number % 60}})
                assert status == 201
                acknowledged.add(f"L-{number}")
                if len(acknowledged) == kill_after:
                    service.kill()
        except (OSError, EOFError):
            pass  # the server is gone
        finally:
            connection.close()

    await asyncio.gather(*(client(first) for first in range(CLIENTS)))
    return acknowledged


def _stored(database_url: str) -> tuple[set[str], list[str]]:
    """The leads that are stored, and of every score the lead that it is of."""
    store = Store(database_url)
    with store.database.reading() as connection:
        leads = set(connection.scalars(select(tables.leads.c.lead_id)))
        scored = list(connection.scalars(select(tables.scores.c.lead_id)))
        waiting = connection.scalar(select(func.count()).select_from(tables.queue))
    store.database.close()
    assert waiting == len(leads)
    return leads, scored


def test_a_database_that_comes_back_is_used_again_without_a_restart(model: ScoringModel) -> None:
    with (
        databases.postgresql_server() as server,
        served(create_app(Settings(database_url=databases.new_database(server.url), open=True), Models(model))) as url,
    ):
        put = f"{url}/v1/leads/L-1"
        assert httpx2.put(put, json={}).status_code == 201
        server.stop()
        away = httpx2.put(put, json={"source": "search"}, timeout=30)
        assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
        assert int(away.headers["retry-after"]) >= 1
        assert httpx2.get(f"{url}/healthz").status_code == 200
        server.start()
        assert _put_again(put).status_code == 200
        assert httpx2.get(put).json()["source"] == "search"


def _put_again(url: str) -> httpx2.Response:
    end = time.monotonic() + 20
    while (answer := httpx2.put(url, json={"source": "search"}, timeout=30)).status_code == 503:
        assert time.monotonic() < end, "it did not recover"
        time.sleep(0.2)
    return answer
