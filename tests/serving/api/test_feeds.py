"""Feeds that ad platforms pull: under a key of their scope, the same rows at each pull, and noted once."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from serving.store import Store, conversions, keys
from tests.serving.conftest import LOCAL, POLL_SECONDS, wait_until
from tests.serving.models import Models

ADS = """
[margin]
value = 1000.0
[google-ads]
conversion = "Qualified lead"
"""


@dataclass(frozen=True)
class Feed:
    """Asks for a feed when it is called."""

    ask: Callable[..., Any]
    store: Store
    client: TestClient
    keys: dict[str, str]

    def __call__(self, *words: str, **asked: Any) -> Any:
        return self.ask(*words, **asked)


@pytest.fixture(scope="module")
def feed(model, tmp_path_factory):
    """A service with ads.toml, a lead, and keys of two scopes; asks for a feed."""
    tmp_path = tmp_path_factory.mktemp("feed")
    (tmp_path / "ads.toml").write_text(ADS)
    url = f"sqlite:///{tmp_path}/leads.db"
    settings = Settings(database_url=url, poll_seconds=POLL_SECONDS, ads_file=str(tmp_path / "ads.toml"))
    app = create_app(settings, Models(model))
    with TestClient(app, base_url=LOCAL) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        store = app.state.service.store
        made = {
            scope: store.write_now(keys.create, scope, scope, datetime.now(UTC)) for scope in ("feed", "score", "admin")
        }
        put = client.put(
            "/v1/leads/L-1",
            json={"source": "ads", "fields": {"gclid": "Cj0KCQ-1"}},
            headers={"Authorization": f"Bearer {made['score']}"},
        )
        assert put.status_code == 201

        def ask(name="google-ads", scope="feed", basic=False, **query):
            secret = made.get(scope, scope)
            plain = base64.b64encode(f"any:{secret}".encode()).decode()
            sent = f"Basic {plain}" if basic else f"Bearer {secret}"
            return client.get(f"/v1/feeds/{name}.csv", params=query, headers={"Authorization": sent})

        yield Feed(ask, store, client, made)


def test_a_feed_has_the_same_rows_at_each_pull_and_notes_them_once(feed):
    first, second = feed(), feed(basic=True)

    assert first.status_code == second.status_code == 200
    assert first.headers["content-type"].startswith("text/csv")
    assert first.text.splitlines()[:2] == [
        "Parameters:TimeZone=+0000",
        "Google Click ID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency",
    ]
    assert first.text.splitlines()[2].startswith("Cj0KCQ-1,Qualified lead,")
    assert second.text == first.text
    assert len(feed.store.read_now(conversions.read_earlier, "google-ads")) == 1


def test_each_kind_of_click_id_is_a_feed_of_its_own(feed):
    other = feed(id="gbraid")

    assert other.text.splitlines()[1:] == [
        "GBRAID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency"
    ]
    assert feed(id="dclid").status_code == 422


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"scope": "score"}, 403),
        ({"scope": "wrong"}, 401),
        ({"scope": "wrong", "basic": True}, 401),
        ({"scope": "admin"}, 200),
        ({"name": "meta"}, 404),
        ({"name": "microsoft"}, 404),
    ],
)
def test_only_a_key_of_its_scope_opens_a_feed_that_is_set_up(feed, asked, status):
    answer = feed(**asked)

    assert answer.status_code == status
    assert "Cj0KC" not in answer.text or status == 200


def test_basic_is_taken_by_feeds_alone(feed):
    headers = {"Authorization": "Basic " + base64.b64encode(f"any:{feed.keys['score']}".encode()).decode()}

    assert feed.client.get("/v1/leads/L-1", headers=headers).status_code == 401
