"""What one client may take from the others: requests a second, and patience."""

import asyncio
import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from serving.app import create_app
from serving.auth.rate_limit import MOST_BUCKETS, RateLimit
from serving.errors import TooManyRequests
from serving.middleware.header_limits import HeaderLimits
from serving.settings import Settings
from serving.store import Store, keys
from tests.serving.conftest import LOCAL
from tests.serving.databases import new_file_store
from tests.serving.models import LEAD, Models
from tests.serving.served import served
from training.model import ScoringModel

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
SLOW_CLIENTS = 200
BODY = json.dumps(LEAD).encode()
HEAD = b"POST /v1/score HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def is_taken(rates: RateLimit, asker: str = "a") -> bool:
    try:
        rates.take(asker)
    except TooManyRequests:
        return False
    return True


def test_a_burst_is_taken_and_then_only_as_many_as_the_rate_allows() -> None:
    clock = Clock()
    rates = RateLimit(2, 3, clock)
    assert [is_taken(rates) for _ in range(5)] == [True, True, True, False, False]
    clock.now = 0.5
    assert [is_taken(rates) for _ in range(2)] == [True, False]
    clock.now = 100.0
    assert [is_taken(rates) for _ in range(4)] == [True, True, True, False]


def test_one_asker_takes_nothing_from_another() -> None:
    rates = RateLimit(1, 1, Clock())
    assert [is_taken(rates, asker) for asker in ("a", "a", "b")] == [True, False, True]


@given(
    st.floats(0.1, 100),
    st.floats(1, 50),
    st.lists(st.floats(0, 2), max_size=200),
)
def test_never_more_are_taken_than_the_burst_and_the_rate_together(
    rate: float, burst: float, waits: list[float]
) -> None:
    clock = Clock()
    rates = RateLimit(rate, burst, clock)
    taken = 0
    for wait in waits:
        clock.now += wait
        taken += is_taken(rates)
        assert taken <= burst + rate * clock.now + 1e-6


def test_many_askers_are_not_remembered_for_ever() -> None:
    rates = RateLimit(1, 1, Clock())
    for number in range(MOST_BUCKETS + 5):
        rates.take(str(number))
    assert not is_taken(rates, str(MOST_BUCKETS))
    assert is_taken(rates, "0")


def test_a_key_that_asks_too_often_is_told_when_to_ask_again(model: ScoringModel, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_rate": 0.25}), Models(model))
    with TestClient(app, base_url=LOCAL) as client:
        store = Store(settings.database_url)
        one, other = (store.write_now(keys.create, name, "report", NOW) for name in ("one", "other"))
        store.database.close()
        first, second = (client.get("/v1/schema", headers={"authorization": f"Bearer {one}"}) for _ in range(2))
        assert first.status_code != 429
        assert (second.status_code, second.headers["retry-after"]) == (429, "4")
        assert second.headers["content-type"] == "application/problem+json"
        assert second.json()["type"] == "urn:leads:problem:too-many-requests"
        assert client.get("/v1/schema", headers={"authorization": f"Bearer {other}"}).status_code != 429
        assert client.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def url(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that waits five seconds for a body."""
    database_url = new_file_store(tmp_path_factory.mktemp("limits"))
    settings = Settings(database_url=database_url, read_seconds=5, open=True)
    with served(create_app(settings, Models(model))) as url:
        yield url


def connected(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=20)


@pytest.mark.parametrize("length", [b"content-length: %d" % len(BODY), b"transfer-encoding: chunked"])
def test_slow_clients_hold_nobody_up_and_are_refused_in_the_end(url: str, length: bytes) -> None:
    begun = HEAD + length + b"\r\n\r\n" + (BODY[:10] if b"content" in length else b"a\r\n" + BODY[:10] + b"\r\n")
    with ExitStack() as opened:
        slow = [opened.enter_context(closing(connected(url))) for _ in range(SLOW_CLIENTS)]
        for client in slow:
            client.sendall(begun)
        with httpx2.Client(base_url=url) as quick:
            assert [quick.post("/v1/score", json=LEAD).status_code for _ in range(10)] == [200] * 10
        assert select.select(slow, [], [], 0)[0] == []  # these were answered while all the others were waited for
        answers = [client.recv(4096) for client in slow]
        assert {answer.splitlines()[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}
        assert b"connection: close" in answers[0].lower()
        assert httpx2.post(f"{url}/v1/score", json=LEAD).status_code == 200


def test_a_body_that_trickles_in_within_the_time_is_taken(url: str) -> None:
    with closing(connected(url)) as client:
        client.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(BODY))
        for start in range(0, len(BODY), 50):
            client.sendall(BODY[start : start + 50])
            time.sleep(0.01)
        assert client.recv(4096).startswith(b"HTTP/1.1 200")


class HastyHeads(HeaderLimits):
    seconds = 0.3
    most_bytes = 4_000


async def answers_of(*sent: bytes) -> list[bytes]:
    """What a bare application answers to clients that send these, all at once, until it ends their connections."""

    async def application(scope: dict, receive: object, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(application, port=0, http=HastyHeads, lifespan="off", log_config=None, timeout_keep_alive=1)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        return await asyncio.gather(*(answer_of(port, bytes_) for bytes_ in sent))
    finally:
        await server.shutdown()


async def answer_of(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def test_a_head_that_never_ends_ends_its_connection() -> None:
    whole = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    endless = b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 1_000
    large_body = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n" + b" " * 5_000
    sent = (whole, whole * 3, large_body, b"", b"GET / HT", whole + b"GET", endless)
    answers = asyncio.run(answers_of(*sent))
    assert [answer.count(b"HTTP/1.1 204") for answer in answers] == [1, 3, 1, 0, 0, 1, 0]
