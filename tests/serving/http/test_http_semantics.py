"""What HTTP promises of any service: HEAD, packed bodies, and ids that are nothing but text."""

import gzip
import json
import zlib
from contextlib import closing
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from serving.migrations import prepare
from serving.store.database import Database
from serving.store.keys import all_keys
from tests.serving.crm import Crm
from tests.serving.databases import new_database
from tests.serving.models import LEAD

GETS = ["/healthz", "/readyz", "/v1/model", "/v1/schema", "/v1/queue", "/openapi.json", "/docs", "/docs/docs.js"]
PAGES = ["/sign-in", "/queue", "/leads", "/model", "/static/pages.css"]
BODY = json.dumps(LEAD).encode()


@pytest.mark.parametrize("path", [*GETS, *PAGES])
def test_head_answers_what_get_would_without_the_body(client: TestClient, path: str) -> None:
    got, headed = client.get(path), client.head(path)
    assert (got.status_code, headed.status_code) == (200, 200)
    assert headed.content == b""
    varying = {"date", "x-request-id", "set-cookie", "last-modified", "etag"}
    assert {*headed.headers} - varying == {*got.headers} - varying
    assert headed.headers["content-type"] == got.headers["content-type"]


def test_head_of_what_is_not_there_or_takes_no_get(client: TestClient) -> None:
    assert client.head("/v1/leads/none").status_code == 404
    assert client.head("/nothing").status_code == 404
    refused = client.head("/v1/score")
    assert (refused.status_code, refused.headers["allow"], refused.content) == (405, "POST", b"")


def test_head_is_counted_as_what_it_is(client: TestClient) -> None:
    client.head("/v1/schema")
    assert 'leads_requests_total{code="200",method="HEAD",route="/v1/schema"}' in client.get("/metrics").text


def packed(client: TestClient, body: bytes, coding: str = "gzip") -> tuple[int, str]:
    headers = {"content-type": "application/json", "content-encoding": coding}
    answer = client.post("/v1/score", content=body, headers=headers)
    return answer.status_code, answer.json().get("type", "")


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
def test_a_body_in_gzip_is_read(client: TestClient, coding: str) -> None:
    assert packed(client, gzip.compress(BODY), coding) == (200, "")
    assert packed(client, BODY, "identity") == (200, "")


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, br", "compress"])
def test_another_coding_is_refused_and_told_which_is_taken(client: TestClient, coding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": coding}
    answer = client.post("/v1/score", content=BODY, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:leads:problem:coding-unknown")
    assert answer.headers["accept-encoding"] == "gzip, identity"


@pytest.mark.parametrize(
    "body",
    [BODY, b"", gzip.compress(BODY)[:-1], gzip.compress(BODY)[:12], gzip.compress(BODY) + b"x", zlib.compress(BODY)],
    ids=["plain", "empty", "cut", "a head", "more behind", "deflate"],
)
def test_what_only_says_that_it_is_gzip_is_refused(client: TestClient, body: bytes) -> None:
    assert packed(client, body) == (400, "urn:leads:problem:coding-broken")


def test_a_body_is_as_large_as_it_unpacks_to(client: TestClient) -> None:
    bomb = gzip.compress(b" " * 200_000_000)
    assert len(bomb) < 200_000
    assert packed(client, bomb) == (413, "urn:leads:problem:body-too-large")


MARKED = ["\ue000", "a\ue000b", "a/b", "\ue000\ue001", "\ue001", "a\ue000/\ue000", "/\ue000\ue000", "%2F", "a%2Fb", "%"]


@pytest.mark.parametrize("lead_id", MARKED)
def test_an_id_is_taken_as_sent_whatever_stands_for_a_slash_here(crm: Crm, lead_id: str) -> None:
    path = f"/v1/leads/{quote(lead_id, safe='')}"
    body = {name: value for name, value in LEAD.items() if name != "lead_id"}
    assert crm.client.put(path, json=body).json()["lead_id"] == lead_id
    assert crm.client.put(f"{path}/outcome", json={"status": "open"}).json()["lead_id"] == lead_id
    assert crm.waiting() == [lead_id]


def test_postgres_is_another_word_for_postgresql(postgresql: str) -> None:
    url = new_database(postgresql)
    assert url.startswith("postgresql")
    database = Database("postgres" + url[url.index("://") :])
    with closing(database):
        prepare(database)
        with database.reading() as connection:
            assert all_keys(connection) == {}


def test_many_unknown_properties_give_ten_warnings_and_a_count(crm: Crm) -> None:
    fields = LEAD["fields"] | {f"hs_{at}": at for at in range(500)} | {"job title": "astronaut"}
    warnings = crm.put("L-1", fields=fields)["warnings"]
    assert (len(warnings), warnings[-1]) == (11, "and 491 more like these")
    assert "the value of 'job title' was never seen in training" in warnings
    assert crm.queue()["leads"][0]["score"]["warnings"] == warnings
    assert crm.lead("L-1")["score"]["warnings"] == warnings
    ten = crm.put("L-2", fields={f"hs_{at}": at for at in range(10)})["warnings"]
    assert len(ten) == 10
