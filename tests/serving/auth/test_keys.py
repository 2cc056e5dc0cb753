"""Keys: who is let through to which route, from when until when, and what is kept of a key."""

import asyncio
import hmac
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.auth.gate import KeyedRoute, Need
from serving.auth.key_cache import KeyCache, live_key
from serving.migrations import prepare
from serving.settings import Settings
from serving.store import Store, keys
from serving.store.key_reads import open_key_reads
from serving.store.keys import Keys, KnownKey, Scope
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.crm import app_of
from tests.serving.databases import new_database
from tests.serving.models import LEAD, Models
from training.model import ScoringModel

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PROBLEM = "application/problem+json"

ROUTES: dict[tuple[str, str], set[Scope]] = {
    ("POST", "/v1/score"): {"score"},
    ("POST", "/v1/score/batch"): {"score"},
    ("PUT", "/v1/leads/L-1"): {"score"},
    ("PATCH", "/v1/leads/L-1"): {"score"},
    ("GET", "/v1/leads/L-1"): {"score", "sales"},
    ("DELETE", "/v1/leads/L-1"): set(),
    ("POST", "/v1/leads/L-1/contacts"): {"score", "sales"},
    ("PUT", "/v1/leads/L-1/outcome"): {"score", "sales"},
    ("GET", "/v1/queue"): {"sales"},
    ("POST", "/v1/queue/next"): {"sales"},
    ("DELETE", "/v1/queue/claims/none"): {"sales"},
    ("GET", "/v1/model"): {"score", "sales", "report"},
    ("GET", "/v1/schema"): {"score", "sales", "report"},
    ("GET", "/openapi.json"): {"score", "sales", "report", "feed"},
    ("GET", "/docs"): {"score", "sales", "report", "feed"},
    ("GET", "/v1/feeds/none.csv"): {"feed"},
}
"""Besides admin, which may do everything, and team, which may do what sales may."""
SCOPES: tuple[Scope, ...] = ("score", "sales", "team", "report", "feed", "admin")


class Keyed:
    """A service with keys: `keyed.post(scope, …)` asks with a key of that scope."""

    def __init__(self, client: TestClient, store: Store) -> None:
        self.client, self.store = client, store
        self.key = {scope: store.write_now(keys.create, f"a {scope}", scope, NOW) for scope in SCOPES}

    def ask(self, scope: Scope, method: str, path: str, **given: Any) -> httpx2.Response:
        return self.client.request(method, path, headers=bearer(self.key[scope]), **given)


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def refused(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    return answer.json()["detail"]


Begin = Callable[..., tuple[TestClient, Store]]


@pytest.fixture
def begin(model: ScoringModel, tmp_path: Path) -> Iterator[Begin]:
    """Starts a service on a database; further ones on the same database are further workers."""
    with ExitStack() as running:

        def start(url: str = f"sqlite:///{tmp_path}/leads.db", **given: object) -> tuple[TestClient, Store]:
            app = create_app(Settings(database_url=url, **given), Models(model))
            client = running.enter_context(TestClient(app, base_url=LOCAL, raise_server_exceptions=False))
            wait_until(lambda: client.get("/readyz").status_code == 200)
            store = Store(url)
            running.callback(store.database.close)
            return client, store

        yield start


@pytest.fixture(scope="module")
def keyed(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """A service with one key of each scope, for tests that only ask."""
    url = f"sqlite:///{tmp_path_factory.mktemp('keyed')}/leads.db"
    app = create_app(Settings(database_url=url), Models(model))
    with TestClient(app, base_url=LOCAL, raise_server_exceptions=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        store = Store(url)
        yield Keyed(client, store)
        store.database.close()


def test_the_key_opens_what_is_its_scopes(keyed: Keyed) -> None:
    assert keyed.ask("score", "POST", "/v1/score", json=LEAD).json()["lead_id"] == "L-1"
    assert keyed.ask("admin", "POST", "/v1/score", json=LEAD).status_code == 200
    assert keyed.ask("sales", "GET", "/v1/queue").status_code == 200


@pytest.mark.parametrize(("route", "allowed"), ROUTES.items(), ids=[" ".join(route) for route in ROUTES])
def test_too_small_a_scope_is_refused(keyed: Keyed, route: tuple[str, str], allowed: set[Scope]) -> None:
    for scope in SCOPES:
        answer = keyed.ask(scope, *route)
        is_above = scope == "admin" or (scope == "team" and "sales" in allowed)
        if is_above or scope in allowed:
            assert answer.status_code not in {401, 403}
        else:
            assert f"a key of scope `{scope}` may not do this" in refused(answer, 403)


def test_a_sales_key_claims_for_the_agent_who_is_named(keyed: Keyed) -> None:
    """A dialler has one key for all agents."""
    body = {name: value for name, value in LEAD.items() if name != "lead_id"}
    keyed.ask("score", "PUT", "/v1/leads/L-1", json=body).raise_for_status()
    claim = keyed.ask("sales", "POST", "/v1/queue/next", json={"agent": "bob"}).json()["claim"]
    assert claim["agent"] == "bob"
    assert keyed.ask("sales", "DELETE", f"/v1/queue/claims/{claim['claim_id']}").status_code == 204


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_without_a_key_every_route_is_refused(keyed: Keyed, route: tuple[str, str]) -> None:
    answer = keyed.client.request(*route)
    refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


SENT = {
    "no key": "",
    "another scheme": "Basic {key}",
    "the key alone": "{key}",
    "no secret": "Bearer leads_{id}",
    "an empty secret": "Bearer leads_{id}_",
    "another secret": "Bearer leads_{id}_" + "x" * 43,
    "an unknown id": "Bearer leads_000000000000_" + "x" * 43,
    "the id alone": "Bearer {id}",
    "a character less": "Bearer {less}",
    "a character more": "Bearer {key}x",
    "find_events in another case": "Bearer {lower}",
    "another prefix": "Bearer lead_{id}_{secret}",
    "a Latin-1 letter": "Bearer {key}é",
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_what_is_not_the_key_is_refused(keyed: Keyed, sent: str) -> None:
    key = keyed.key["score"]
    _, key_id, secret = key.split("_", 2)
    header = sent.format(key=key, id=key_id, secret=secret, less=key[:-1], lower=key.swapcase())
    answer = keyed.client.get("/v1/model", headers={"authorization": header.encode("latin-1")})
    detail = refused(answer, 401)
    assert key_id not in detail


def test_the_scheme_is_read_in_any_case(keyed: Keyed) -> None:
    assert keyed.client.get("/v1/model", headers={"authorization": f"bEARER {keyed.key['score']}"}).status_code == 200


def test_the_key_is_checked_before_the_body_is_read(keyed: Keyed) -> None:
    async def unread() -> dict:
        raise AssertionError("the body was read")

    statuses = []

    async def send(message: dict) -> None:
        statuses.append(message.get("status"))

    scope = {"type": "http", "method": "POST", "path": "/v1/score", "headers": [], "query_string": b""}
    asyncio.run(keyed.client.app(scope, unread, send))
    assert statuses[0] == 401


def test_health_wants_no_key(keyed: Keyed) -> None:
    assert keyed.client.get("/healthz").status_code == 200
    assert keyed.client.get("/readyz").status_code == 200


def test_every_route_of_the_api_says_what_it_needs(keyed: Keyed) -> None:
    routes = list(iter_route_contexts(app_of(keyed.client).routes))
    ours = [route for route in routes if route.path.startswith("/v1")]
    assert {("/v1/score"), "/v1/leads/{lead_id}", "/v1/queue", "/v1/model"} <= {route.path for route in ours}
    for route in ours:
        assert isinstance(getattr(route.original_route, "need", None), Need), route.path


def test_a_route_that_does_not_say_what_it_needs_is_not_made() -> None:
    router = APIRouter(route_class=KeyedRoute)
    with pytest.raises(TypeError, match=r"/v1/new: put @needs"):
        router.get("/v1/new")(lambda: None)


def test_keys_and_their_refusals_are_documented_on_each_route(keyed: Keyed) -> None:
    document = keyed.ask("admin", "GET", "/openapi.json").json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["paths"]["/v1/score"]["post"]["security"] == [{"key": ["admin", "score"]}]
    assert "408" in document["paths"]["/v1/score"]["post"]["responses"]
    for path, methods in document["paths"].items():
        for route in methods.values() if path.startswith("/v1") else ():
            assert route["security"], path
            for status in ("401", "403", "421", "429"):
                assert route["responses"][status]["content"][PROBLEM]["schema"]["$ref"].endswith("/Problem")


def test_a_revoked_key_ends_at_once_in_every_worker(begin: Begin, database_url: str) -> None:
    (one, store), (two, _) = begin(database_url), begin(database_url)
    key, other = (store.write_now(keys.create, name, "score", NOW) for name in ("crm", "other"))
    for _ in range(3):
        for worker in (one, two):
            assert worker.get("/v1/model", headers=bearer(key)).status_code == 200
    assert store.write_now(keys.revoke, keys.id_of(key), NOW)
    for worker in (one, two):
        assert "was revoked" in refused(worker.get("/v1/model", headers=bearer(key)), 401)
        assert worker.get("/v1/model", headers=bearer(other)).status_code == 200


def test_the_first_key_closes_the_service_for_ever(begin: Begin, database_url: str) -> None:
    client, store = begin(database_url, open=True)
    assert client.get("/v1/model").status_code == 200
    key = store.write_now(keys.create, "crm", "score", NOW)
    refused(client.get("/v1/model"), 401)
    assert client.get("/v1/model", headers=bearer(key)).status_code == 200
    store.write_now(keys.revoke, keys.id_of(key), NOW)
    refused(client.get("/v1/model"), 401)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"])
def test_without_keys_this_machine_is_let_in(client: TestClient, host: str) -> None:
    assert client.get("/v1/model", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["leads.example", "leads.example:8000", "localhost.example", "10.0.0.1", "127.0.0.1.example", "::1.x", ""]
)
def test_without_keys_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert "leads keys create" in refused(client.get("/v1/model", headers={"host": host}), 421)


@pytest.mark.parametrize("origin", ["https://shop.example", "null", "http://localhost:3000", "http://127.0.0.1"])
def test_without_keys_another_sites_page_is_refused(client: TestClient, origin: str) -> None:
    refused(client.post("/v1/queue/next", headers={"origin": origin}), 403)


def test_without_keys_our_own_pages_are_let_in(client: TestClient) -> None:
    assert client.post("/v1/score", json=LEAD, headers={"origin": LOCAL}).status_code == 200


def test_a_service_that_others_reach_is_not_open_without_keys(begin: Begin) -> None:
    client, _ = begin(host="0.0.0.0", open=True)  # noqa: S104 - that is the case
    refused(client.get("/v1/model"), 401)


def test_of_a_key_only_its_hash_is_kept(begin: Begin, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    client, store = begin(access_log=True)
    key = store.write_now(keys.create, "crm", "score", NOW)
    secret = key.split("_", 2)[2]
    assert client.post("/v1/score", json=LEAD, headers=bearer(key)).status_code == 200
    refused(client.get("/v1/queue", headers=bearer(key)), 403)
    refused(client.get("/v1/model", headers=bearer(key + "x")), 401)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert keys.hash_key(key).encode() in kept
    assert secret.encode() not in kept
    assert any(record.getMessage() == "request.answered" for record in caplog.records)
    assert secret not in json.dumps([record.__dict__ for record in caplog.records], default=repr)


def test_keys_are_all_different_and_hard_to_guess(keyed: Keyed) -> None:
    made = [keyed.store.write_now(keys.create, f"x{at}", "score", NOW) for at in range(20)]
    assert len({keys.id_of(key) for key in made}) == 20
    assert {len(key.split("_", 2)[2]) for key in made} == {43}


def test_an_unknown_key_takes_the_same_steps_as_a_known_one(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    truly = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return truly(one, other)

    known = keyed.store.read_now(keys.all_keys)
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for sent in (keyed.key["score"], "leads_000000000000_" + "x" * 43, "", "leads__", "_"):
        live_key(known, sent)
    assert compared == [(64, 64)] * 5


def test_the_hash_of_nothing_opens_nothing() -> None:
    assert live_key({}, "") is None


class SlowKeys:
    """Keys elsewhere: a read sees what is there when it begins, and ends when the test says."""

    def __init__(self) -> None:
        self.kept: Keys = {}
        self.begun = 0
        self.may_end = threading.Semaphore(0)

    def at_once(self) -> Keys | None:
        return None

    def read(self) -> Keys:
        found = self.kept
        self.begun += 1
        self.may_end.acquire()
        return found

    def close(self) -> None:
        pass


KEY = KnownKey("000000000000", "crm", "score", keys.hash_key("a key"), revoked=False)


def test_many_requests_share_one_read_but_never_one_that_began_before_them() -> None:
    async def scenario() -> None:
        elsewhere = SlowKeys()
        with closing(KeyCache(elsewhere)) as ring:
            early = asyncio.create_task(ring.keys())
            while elsewhere.begun == 0:
                await asyncio.sleep(0.001)
            elsewhere.kept = {KEY.key_id: KEY}
            late = [asyncio.create_task(ring.keys()) for _ in range(50)]
            await asyncio.sleep(0)
            elsewhere.may_end.release(2)
            assert await early == {}
            assert await asyncio.gather(*late) == [{KEY.key_id: KEY}] * 50
            assert elsewhere.begun == 2

    asyncio.run(scenario())


def test_a_client_that_leaves_does_not_spoil_the_read_of_others() -> None:
    async def scenario() -> None:
        elsewhere = SlowKeys()
        with closing(KeyCache(elsewhere)) as ring:
            leaving, staying = asyncio.create_task(ring.keys()), asyncio.create_task(ring.keys())
            await asyncio.sleep(0)
            leaving.cancel()
            elsewhere.may_end.release()
            assert await staying == {}

    asyncio.run(scenario())


def test_requests_that_came_together_share_a_look_and_the_next_one_looks_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        store, numbers = Store(f"sqlite:///{tmp_path}/leads.db"), count()
        prepare(store.database)

        async def ask_and_create() -> int:
            found = await ring.keys()
            store.write_now(keys.create, f"crm {next(numbers)}", "score", NOW)
            return len(found)

        with closing(store.database), closing(KeyCache(open_key_reads(store.database))) as ring:
            assert await asyncio.gather(*(ask_and_create() for _ in range(3))) == [0, 0, 0]
            assert len(await ring.keys()) == 3

    asyncio.run(scenario())


def test_a_file_that_is_locked_is_waited_for(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/leads.db")
    prepare(store.database)
    store.database.close()  # its connections; they are made again
    with closing(store.database), closing(sqlite3.connect(tmp_path / "leads.db")) as locked:
        locked.execute("PRAGMA locking_mode=EXCLUSIVE")
        locked.execute("PRAGMA journal_mode=DELETE")
        locked.execute("BEGIN EXCLUSIVE")
        reads = open_key_reads(store.database)
        assert reads.at_once() is None
        locked.rollback()
        locked.close()
        assert reads.at_once() == reads.read() == {}
        reads.close()


def test_a_connection_that_broke_is_made_again(postgresql: str) -> None:
    store = Store(new_database(postgresql))
    prepare(store.database)
    with closing(store.database):
        reads = open_key_reads(store.database)
        assert reads.read() == {}
        with store.database.writing() as connection:
            others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
            connection.exec_driver_sql(f"{others} and datname = current_database()")
        assert reads.read() == reads.read() == {}
        reads.close()
