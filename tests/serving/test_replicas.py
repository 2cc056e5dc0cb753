"""Three replicas of two workers behind nginx, over one PostgreSQL: together they keep what one keeps.

The third goes through pgbouncer where it is installed, and all ask one MLflow registry.
"""

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from serving.store import Store, keys, tables
from tests.serving import databases
from tests.serving.live import ROOT, Live, live
from tests.serving.nginx import Nginx, nginx
from tests.serving.pooler import PGBOUNCER, pgbouncer
from tests.serving.webhooks.receiver import Inbox, receiving
from tests.training.registry.runs import small_run
from training.registry import Location, Registry
from training.registry.connection import connect
from training.registry.log import log_run

pytestmark = pytest.mark.slow

SERVE = """
import serving.server as server
from serving.settings import read_settings

if __name__ == "__main__":
    server.WORKER_START_SECONDS = 600  # nine processes start at once
    server.serve(read_settings(port=0))
"""
READY_SECONDS = 900
OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
UPSTREAM, LOCATION = (part.split("```")[0] for part in OPERATIONS.split("## Replicas")[1].split("```nginx\n")[1:3])
SECRET = "whsec_" + "c2VjcmV0" * 4
RATE, MOST_CLAIMS = 60, 2
CLIENTS, LEADS = 16, 480
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Cluster:
    """The replicas and what stands around them; `keys` are admins', by name."""

    replicas: list[Live]
    proxy: Nginx
    store: Store
    registry: Registry
    inbox: Inbox
    keys: dict[str, str]

    def client(self, name: str) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {self.keys[name]}"}
        return httpx2.AsyncClient(base_url=self.proxy.url, headers=headers, timeout=60)

    def count(self, column: Any, *where: Any) -> int:
        return int(self.store.read_now(lambda connection: connection.scalar(select(func.count(column)).where(*where))))


@pytest.fixture(scope="module")
def cluster(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Ready; it takes as long as nine processes need to start."""
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr("tests.serving.live.READY_SECONDS", READY_SECONDS)
        yield from _cluster(postgresql, tmp_path_factory)


def _cluster(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("replicas")
    registry, url = _registry(folder / "registry"), databases.new_database(postgresql)
    with ExitStack() as running:
        store = running.enter_context(databases.new_store(url))
        names = [f"client {number}" for number in range(CLIENTS)]
        made = {name: store.write_now(keys.create, name, "admin", NOW) for name in names}
        inbox = running.enter_context(receiving())
        pooled = running.enter_context(pgbouncer(url)) if PGBOUNCER else url
        settings = {"max_rate": RATE, "most_claims": MOST_CLAIMS, "open": "false", "webhook_least_change": 0}
        settings |= {"webhook_url": inbox.url, "webhook_secrets": SECRET, "stop_seconds": 1}
        told = {name: str(value) for name, value in settings.items()}
        around = {"MLFLOW_TRACKING_URI": registry.location.tracking_uri, "PYTHONPATH": str(ROOT)}
        begun = []
        for number, address in enumerate((url, url, pooled)):
            own = folder / str(number)
            own.mkdir()
            begun.append(live(address, own / "log", 2, program=("-c", SERVE), folder=own, around=around, **told))
        with ThreadPoolExecutor(len(begun)) as pool:
            replicas = list(pool.map(running.enter_context, begun))
        proxy = running.enter_context(nginx(folder / "nginx", LOCATION, _upstream(replicas)))
        yield Cluster(replicas, proxy, store, registry, inbox, made)


def _registry(folder: Path) -> Registry:
    """Version 1 is champion, version 2 scores otherwise."""
    folder.mkdir()
    location = Location.under(folder)
    connect(location, create=True)
    run = small_run(folder)
    for shift in (0.0, 0.5):
        model = replace(run.model, calibration=replace(run.model.calibration, shift=shift))
        log_run(replace(run, model=model), location)
    registry = Registry(location)
    registry.promote("1", by="test", why="test", at=NOW)
    return registry


def _upstream(replicas: list[Live]) -> str:
    """As the documentation has it, with these addresses."""
    addresses = iter(one.url.removeprefix("http://") for one in replicas)
    return re.sub(r"10\.0\.0\.\d+:8000", lambda _: next(addresses), UPSTREAM)


def test_replicas_keep_together_what_one_keeps(cluster: Cluster) -> None:
    for proof in (
        _a_key_counts_and_is_revoked_everywhere_at_once,
        _no_lead_is_claimed_twice,
        _an_agent_has_no_more_than_their_ceiling,
        _a_post_is_done_once_under_its_key,
        _a_champion_is_taken_up_by_all_and_each_lead_rescored_once,
        _a_key_gets_its_rate_over_all,
        _a_killed_replica_loses_nothing,
    ):
        asyncio.run(proof(cluster))


async def _at_once(asked: list[Coroutine[Any, Any, httpx2.Response]]) -> list[httpx2.Response]:
    return await asyncio.gather(*asked)


async def _a_key_counts_and_is_revoked_everywhere_at_once(cluster: Cluster) -> None:
    key = cluster.store.write_now(keys.create, "for a while", "admin", NOW)
    cluster.keys["for a while"] = key
    async with cluster.client("for a while") as client:
        before = await _at_once([client.get("/v1/model") for _ in range(RATE // 2)])
        assert {answer.status_code for answer in before} == {200}
        cluster.store.write_now(keys.revoke, keys.id_of(key), NOW)
        after = await _at_once([client.get("/v1/model") for _ in range(RATE // 2)])
        assert {answer.status_code for answer in after} == {401}


async def _no_lead_is_claimed_twice(cluster: Cluster) -> None:
    async def put(name: str, number: int) -> None:
        async with cluster.client(name) as client:
            for lead in range(number, LEADS, CLIENTS):
                await _answered(lambda lead=lead: client.put(f"/v1/leads/L-{lead}", json=_facts(lead)), {201})

    async def claim(name: str) -> list[str]:
        claimed: list[str] = []
        async with cluster.client(name) as client:
            while True:
                answer = await _answered(lambda: client.post("/v1/queue/next", json={"agent": name}), {200, 204})
                if answer.status_code == 204:
                    return claimed
                claimed.append(answer.json()["lead"]["lead_id"])

    await asyncio.gather(*(put(f"client {number}", number) for number in range(CLIENTS)))
    shares = await asyncio.gather(*(claim(f"client {number}") for number in range(CLIENTS)))
    claimed = Counter(lead_id for share in shares for lead_id in share)
    assert (len(claimed), set(claimed.values())) == (LEADS, {1})
    assert sum(bool(share) for share in shares) > CLIENTS // 2


def _facts(number: int) -> dict[str, Any]:
    return {"fields": {"age": 18 + number % 60}}


async def _answered(ask: Callable[[], Coroutine[Any, Any, httpx2.Response]], wanted: set[int]) -> httpx2.Response:
    """An answer other than that of a full bucket."""
    while (answer := await ask()).status_code == 429:
        await asyncio.sleep(float(answer.headers["retry-after"]))
    assert answer.status_code in wanted, answer.text
    return answer


async def _an_agent_has_no_more_than_their_ceiling(cluster: Cluster) -> None:
    """A browser of theirs sends twelve forms at once."""
    await _put_more(cluster, "ceiling", 20)
    async with httpx2.AsyncClient(base_url=cluster.proxy.url, timeout=60) as browser:
        signed_in = await browser.post("/sign-in", data={"key": cluster.keys["client 0"]})
        assert signed_in.status_code == 303, signed_in.text
        cluster.store.write_now(_end_claims)
        token = re.search(r'name="csrf" value="([^"]+)"', (await browser.get("/queue")).text)
        assert token is not None
        answers = await _at_once([browser.post("/queue/next", data={"csrf": token[1]}) for _ in range(12)])
        assert {answer.status_code for answer in answers} == {303}
    assert cluster.count(tables.queue.c.lead_id, tables.queue.c.claimed_until > time.time()) == MOST_CLAIMS


def _end_claims(connection: Any) -> None:
    connection.execute(tables.queue.update().values(claimed_until=0.0, claim_id=None))


async def _put_more(cluster: Cluster, name: str, number: int) -> None:
    async with cluster.client("client 1") as client:
        for lead in range(number):
            await _answered(lambda lead=lead: client.put(f"/v1/leads/{name}-{lead}", json=_facts(lead)), {201})


async def _a_post_is_done_once_under_its_key(cluster: Cluster) -> None:
    before = cluster.count(tables.claims.c.claim_id)
    headers = {"idempotency-key": "the-same"}
    async with cluster.client("client 2") as client:
        asked = [client.post("/v1/queue/next", json={"agent": "client 2"}, headers=headers) for _ in range(24)]
        answers = await _at_once(asked)
    done = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(done) >= 1
    assert len({answer.text for answer in done}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
    assert cluster.count(tables.claims.c.claim_id) == before + 1


async def _a_champion_is_taken_up_by_all_and_each_lead_rescored_once(cluster: Cluster) -> None:
    cluster.registry.promote("2", by="test", why="test", at=datetime.now(UTC))
    began, versions = time.monotonic(), {"1"}
    async with cluster.client("client 3") as client:
        while versions != {"2"}:
            assert time.monotonic() < began + 10, f"after 10 s some still score with {versions}"
            answers = await _at_once([client.get("/v1/model") for _ in range(24)])
            versions = {answer.json()["version"] for answer in answers if answer.status_code == 200}
            await asyncio.sleep(0.5)
    waiting = cluster.count(tables.queue.c.lead_id)
    old = tables.queue.c.model_version != "2"
    await _until(lambda: cluster.count(tables.queue.c.lead_id, old) == 0)
    assert cluster.count(tables.scores.c.score_id, tables.scores.c.model_version == "2") == waiting
    changed = tables.outbox.c.kind == "score.changed"
    await _until(lambda: cluster.count(tables.outbox.c.event_id, changed, tables.outbox.c.state == "sent") == waiting)
    sent = Counter(post.event_id for post in cluster.inbox.posts)
    assert set(sent.values()) == {1}


async def _until(holds: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.2)


async def _a_key_gets_its_rate_over_all(cluster: Cluster) -> None:
    seconds, workers = 10, 6
    async with cluster.client("client 4") as client:

        async def ask(end: float) -> Counter[int]:
            statuses: Counter[int] = Counter()
            while time.monotonic() < end:
                statuses[(await client.get("/v1/model")).status_code] += 1
            return statuses

        end = time.monotonic() + seconds
        asked = sum(await asyncio.gather(*(ask(end) for _ in range(8))), Counter())
    assert set(asked) == {200, 429}
    assert asked[200] <= RATE * seconds + RATE * workers * 2  # each one's burst, and a second before it hears


async def _a_killed_replica_loses_nothing(cluster: Cluster) -> None:
    acknowledged: set[str] = set()
    kill, is_over = threading.Event(), threading.Event()

    async def put(number: int) -> None:
        async with cluster.client(f"client {number}") as client:
            turn = 0
            while not is_over.is_set():
                lead_id, turn = f"K-{number}-{turn}", turn + 1
                try:
                    answer = await client.put(f"/v1/leads/{lead_id}", json=_facts(turn))
                except httpx2.TransportError:
                    continue
                if answer.status_code == 201:
                    acknowledged.add(lead_id)
                    if len(acknowledged) == 200:
                        kill.set()
                elif answer.status_code == 429:
                    await asyncio.sleep(float(answer.headers["retry-after"]))
                else:  # stored by the one that was killed, then asked of another; or nobody answered
                    assert answer.status_code in (200, 502, 504), answer.text

    async def end_one() -> None:
        await asyncio.to_thread(kill.wait, 60)
        before = len(acknowledged)
        cluster.replicas[1].kill()
        await _until(lambda: len(acknowledged) > before + 300)
        is_over.set()

    await asyncio.gather(end_one(), *(put(number) for number in range(CLIENTS)))
    stored, scored = cluster.store.read_now(_leads_and_scores)
    assert acknowledged <= stored
    assert set(scored.values()) == {1}
    assert stored == set(scored)


def _leads_and_scores(connection: Any) -> tuple[set[str], Counter[str]]:
    """The ids of all leads, and how many first scores each has."""
    first = select(tables.scores.c.lead_id).where(tables.scores.c.before.is_(None))
    return set(connection.scalars(select(tables.leads.c.lead_id))), Counter(connection.scalars(first))
