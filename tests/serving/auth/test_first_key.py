"""Before there is a key: the service as it starts by itself, behind nginx as it comes, and in open mode."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.auth.bind_check import say_who_may_come_in
from serving.migrations import prepare
from serving.settings import Settings
from serving.store import Store, first_key, keys
from tests.serving.conftest import LOCAL
from tests.serving.live import live, printed_by
from tests.serving.models import LEAD, Models
from tests.serving.nginx import nginx
from tests.serving.served import served
from training.model import ScoringModel

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
AS_IT_COMES = "location / {{ proxy_pass {url}; }}"
ASKED = [
    ("GET", "/v1/queue"),
    ("DELETE", "/v1/leads/L-1"),
    ("POST", "/v1/queue/next"),
    ("PUT", "/v1/leads/L-1"),
    ("GET", "/v1/model"),
    ("GET", "/v1/report"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/queue"),
    ("GET", "/leads/L-1"),
]


def token_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+/first-key\?token=([\w-]{43})\n", text)
    assert found, text
    return found[1]


def test_without_a_key_only_health_is_answered_and_the_printed_link_makes_the_first_one_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        live(f"sqlite:///{tmp_path}/leads.db", log, workers=2, open="false") as service,
        nginx(tmp_path / "nginx", AS_IT_COMES.format(url=service.url)) as proxy,
    ):
        for url in (service.url, proxy.url):
            for method, path in ASKED:
                answer = httpx2.request(method, url + path)
                assert answer.status_code == 401, path
                assert "leads keys create" in answer.text
            assert httpx2.get(f"{url}/healthz").status_code == httpx2.get(f"{url}/readyz").status_code == 200
        token = token_in(printed_by(log).read_text())
        assert token not in log.read_text()
        link = f"{service.url}/first-key"
        assert "Make the key" in httpx2.get(link, params={"token": token}).text
        for wrong in ("", "x", token[:-1], token + "x"):
            assert httpx2.post(link, data={"token": wrong, "name": "Ann"}).status_code == 403
        with ThreadPoolExecutor(8) as people:
            asked = [people.submit(httpx2.post, link, data={"token": token, "name": f"Ann {at}"}) for at in range(8)]
            made = [done.result() for done in asked]
        assert sorted(answer.status_code for answer in made) == [200] + [403] * 7
        shown = next(answer.text for answer in made if answer.status_code == 200)
        key = re.search(r"<code>(leads_[^<]+)</code>", shown)
        assert key
        assert httpx2.get(f"{service.url}/v1/queue", headers={"authorization": f"Bearer {key[1]}"}).status_code == 200
        assert httpx2.get(link, params={"token": token}).status_code == 403
        assert httpx2.get(f"{proxy.url}/v1/queue").status_code == 401


@pytest.fixture
def open_app(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, Models()), base_url=LOCAL) as client:
        yield client


PROXIES = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "leads.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Server": "edge",
    "Forwarded": "for=203.0.113.7",
    "Via": "1.1 edge",
    "X-Real-IP": "203.0.113.7",
    "True-Client-IP": "203.0.113.7",
    "CF-Connecting-IP": "203.0.113.7",
    "X-Original-Host": "leads.example",
    "X-Envoy-External-Address": "203.0.113.7",
}


@pytest.mark.parametrize("header", PROXIES)
def test_open_mode_answers_nothing_that_came_through_a_proxy(open_app: TestClient, header: str) -> None:
    assert open_app.get("/v1/queue").status_code == 200
    assert open_app.get("/v1/queue", headers={header: PROXIES[header]}).status_code == 403
    assert open_app.get("/v1/queue", headers={header: ""}).status_code == 403
    assert open_app.get("/healthz", headers={header: PROXIES[header]}).status_code == 200


def test_open_mode_is_closed_to_nginx_as_it_comes(settings: Settings, model: ScoringModel, tmp_path: Path) -> None:
    with (
        served(create_app(settings, Models(model))) as url,
        nginx(tmp_path / "nginx", AS_IT_COMES.format(url=url)) as proxy,
    ):
        body = {name: value for name, value in LEAD.items() if name != "lead_id"}
        assert httpx2.put(f"{url}/v1/leads/L-1", json=body).status_code == 201
        assert httpx2.get(f"{proxy.url}/v1/queue").status_code == 403
        assert httpx2.delete(f"{proxy.url}/v1/leads/L-1").status_code == 403
        assert httpx2.get(f"{url}/v1/leads/L-1").status_code == 200


def test_open_mode_is_told_at_the_start(
    settings: Settings, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    say_who_may_come_in(settings, "http://127.0.0.1:8000", NOW)
    told = [(record.getMessage(), vars(record)["fields"]) for record in caplog.records]
    assert told == [("service.open", {"to": "this machine, without a key"})]
    assert capsys.readouterr().out == ""


def test_a_service_is_not_open_unless_it_was_asked_for(settings: Settings) -> None:
    with TestClient(create_app(settings.model_copy(update={"open": False}), Models()), base_url=LOCAL) as client:
        assert client.get("/v1/queue").status_code == 401
        assert "no key was made yet" in client.get("/queue", headers={"accept": "text/html"}).text


def test_a_link_works_for_a_quarter_of_an_hour(store: Store) -> None:
    token = store.write_now(first_key.offer, NOW)
    late = NOW + timedelta(minutes=15, seconds=1)
    assert store.write_now(first_key.redeem, token, "Ann", late) is None
    assert store.write_now(first_key.redeem, token, "Ann", late - timedelta(seconds=2)).startswith("leads_")


def test_each_start_offers_a_link_until_one_was_used(store: Store) -> None:
    first, second = (store.write_now(first_key.offer, NOW) for _ in range(2))
    assert store.write_now(first_key.redeem, second, "Ann", NOW)
    assert store.write_now(first_key.redeem, first, "Ben", NOW) is None
    assert store.write_now(first_key.offer, NOW) is None


def test_a_key_that_was_made_otherwise_ends_the_link_for_good(store: Store) -> None:
    token = store.write_now(first_key.offer, NOW)
    key = store.write_now(keys.create, "crm", "score", NOW)
    assert store.write_now(first_key.redeem, token, "Ann", NOW) is None
    store.write_now(keys.revoke, keys.id_of(key), NOW)
    assert store.write_now(first_key.redeem, token, "Ann", NOW) is None


def test_nothing_is_printed_where_there_are_keys(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    closed, store = settings.model_copy(update={"open": False}), Store(settings.database_url)
    with closing(store.database):
        prepare(store.database)
        say_who_may_come_in(closed, "http://127.0.0.1:8000", NOW)
        token_in(capsys.readouterr().out)
        store.write_now(keys.create, "crm", "score", NOW)
        say_who_may_come_in(closed, "http://127.0.0.1:8000", NOW)
        assert capsys.readouterr().out == ""
