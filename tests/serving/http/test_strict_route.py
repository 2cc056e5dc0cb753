"""Typed bodies are read as strictly as those read by hand: after the gate, within limits, never two values of a key."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from serving.store import keys
from tests.serving.conftest import LOCAL
from tests.serving.models import Models
from training.model import ScoringModel

JSON = {"content-type": "application/json"}
ROUTES = {
    "contacts": ("POST", "/v1/leads/L-1/contacts"),
    "outcome": ("PUT", "/v1/leads/L-1/outcome"),
    "next": ("POST", "/v1/queue/next"),
    "spend": ("POST", "/v1/spend"),
    "batch": ("POST", "/v1/score/batch"),
    "patch": ("PATCH", "/v1/leads/L-1"),
}
BROKEN = {
    "nothing": b"",
    "half an object": b'{"agent": ',
    "NaN": b'{"value": NaN}',
    "a key twice": b'{"agent": "Ann", "agent": "Bob"}',
}

routes = pytest.mark.parametrize(("method", "path"), ROUTES.values(), ids=ROUTES)


@routes
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_is_no_strict_json_is_refused(client: TestClient, method: str, path: str, body: bytes) -> None:
    answer = client.request(method, path, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:leads:problem:json-broken")


@routes
@pytest.mark.parametrize("body", [b"null", b"[]", b"3"])
def test_what_is_no_object_is_refused_as_a_whole(client: TestClient, method: str, path: str, body: bytes) -> None:
    answer = client.request(method, path, content=body, headers=JSON)
    (fault,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert fault["pointer"] == ""
    assert fault["detail"].startswith("expected an object")


@routes
def test_a_body_that_is_too_large_or_not_json_is_refused(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path, content=b" " * 4_000_001, headers=JSON).status_code == 413
    assert client.request(method, path, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    packed = {**JSON, "content-encoding": "br"}
    assert client.request(method, path, content=b"{}", headers=packed).status_code == 415


@pytest.fixture(scope="module")
def guarded(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with a key, so that whoever has none is refused."""
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('guarded')}/leads.db")
    app = create_app(settings, Models(model))
    with TestClient(app, base_url=LOCAL) as client:
        app.state.service.store.write_now(keys.create, "crm", "admin", datetime.now(UTC))
        yield client


@routes
def test_a_caller_without_a_key_is_refused_whatever_the_body_is(guarded: TestClient, method: str, path: str) -> None:
    assert guarded.request(method, path, content=b"{", headers=JSON).status_code == 401
    assert guarded.request(method, path, content=b" " * 4_000_001, headers=JSON).status_code == 401


@routes
def test_every_wrong_part_of_a_typed_body_is_named(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path, json={"no such key": 1, "nor this": 2})
    assert answer.status_code in (404, 422)
    if answer.status_code == 422:
        assert {"/no such key", "/nor this"} <= {fault["pointer"] for fault in answer.json()["errors"]}
