"""Clients that would like another protocol: they are answered in the one that they asked in."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest

from serving.app import create_app
from serving.settings import Settings
from tests.serving.databases import new_file_store
from tests.serving.models import LEAD, Models
from tests.serving.served import served
from training.model import ScoringModel

PUT_JAVA = Path(__file__).parent / "java_client" / "Put.java"
BODY = json.dumps({name: value for name, value in LEAD.items() if name != "lead_id"}).encode()
WISH = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"


@pytest.fixture(scope="module")
def url(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(database_url=new_file_store(tmp_path_factory.mktemp("upgrades")), open=True)
    with served(create_app(settings, Models(model))) as url:
        yield url


def test_javas_own_client_puts_and_gets_leads(url: str) -> None:
    if shutil.which("javac") is None:
        pytest.skip("there is no javac; `make tools` brings it")
    program = ["java", str(PUT_JAVA), url, BODY.decode()]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["201", "200"] * 3, done.stderr


def put(lead_id: str, wish: bytes = WISH, framing: bytes = b"", body: bytes = BODY) -> tuple[bytes, bytes]:
    """A request's head and body."""
    framing = framing or f"Content-Length: {len(body)}\r\n".encode()
    start = f"PUT /v1/leads/{lead_id} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n".encode()
    return start + wish + framing + b"\r\n", body


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])


def answers(url: str, *parts: bytes, count: int) -> list[int]:
    """The statuses of `count` answers on one connection, on which these parts were sent one by one."""
    parts_of = urlsplit(url)
    with socket.create_connection((str(parts_of.hostname), int(str(parts_of.port))), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            connection.sendall(part)
        read = connection.makefile("rb")
        return [_status(read) for _ in range(count)]


def _status(read: IO[bytes]) -> int:
    status = int(read.readline().split()[1])
    length = 0
    while line := read.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    read.read(length)
    return status


def test_a_body_behind_a_wish_for_another_protocol_is_read_however_it_comes(url: str) -> None:
    head, body = put("U-1")
    assert answers(url, head + body, count=1) == [201]
    assert answers(url, head, body, count=1) == [200]
    assert answers(url, head, body[:7], body[7:], count=1) == [200]
    assert answers(url, *((head + body)[at : at + 1] for at in range(len(head + body))), count=1) == [200]
    in_chunks, _ = put("U-2", framing=b"Transfer-Encoding: chunked\r\n")
    assert answers(url, in_chunks + chunked(BODY), count=1) == [201]


@pytest.mark.parametrize("wanted", [b"websocket", b"h2c", b"TLS/1.0, h2c", b"foo/2"])
def test_the_connection_goes_on_in_the_protocol_that_it_has(url: str, wanted: bytes) -> None:
    wish = b"Connection: keep-alive, Upgrade\r\nUpgrade: " + wanted + b"\r\n"
    head, body = put("U-3", wish)
    look = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + wish + b"\r\n"
    plain = b"".join(put("U-4", b""))
    expected = [200, 201, 200, 201, 200]
    sent = [look, head, body, look, plain, look]
    assert [status // 100 for status in answers(url, *sent, count=5)] == [status // 100 for status in expected]
    assert [status // 100 for status in answers(url, b"".join(sent), count=5)] == [2] * 5


def test_what_follows_a_request_is_not_taken_for_its_body(url: str) -> None:
    """Two lengths, a length and chunks: refused as ever, also beside a wish."""
    for framing in (
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    ):
        head, body = put("U-5", framing=framing)
        assert answers(url, head + body, count=1) == [400]
    assert answers(url, b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", count=1)[0] >= 400
