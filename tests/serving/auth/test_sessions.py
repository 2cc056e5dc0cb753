"""Sessions of people: the cookie, how it ends, and the token that every form brings back."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.testclient import TestClient
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from serving.app import create_app
from serving.auth.gate import KeyedRoute, caller_of, needs, session_of
from serving.auth.sessions import COOKIE, check_csrf, forget, keep, safe_return_path
from serving.settings import Settings
from serving.store import Store, keys, tables
from tests.serving.conftest import LOCAL
from tests.serving.models import Models

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HTML = {"accept": "text/html"}

pages = APIRouter(route_class=KeyedRoute)
entrance = APIRouter()


@pages.get("/test-page")
@needs("sales", by="session")
async def a_page(request: Request) -> Response:
    return HTMLResponse(f"{caller_of(request).name} {session_of(request).csrf_token}")


@pages.post("/test-form")
@needs("sales", by="session")
async def a_form(request: Request) -> Response:
    check_csrf(session_of(request), request.query_params.get("csrf"))
    return Response("done")


@entrance.post("/test-sign-in")
async def sign_in(request: Request) -> Response:
    state, response = request.app.state, Response()
    value = await state.sessions.sign_in(request.query_params["key"], request.headers["x-test-address"])
    keep(response, request, value, state.service.settings)
    return response


@entrance.post("/test-sign-out")
async def sign_out(request: Request) -> Response:
    response = Response()
    forget(response, request.app.state.service.settings)
    return response


class Site:
    """A service with pages, and a key for them."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings, Models())
        app.include_router(pages)
        app.include_router(entrance)
        self.client = TestClient(app, base_url=LOCAL, follow_redirects=False, headers=HTML)
        self.store = Store(settings.database_url)

    def new_key(self, scope: keys.Scope = "sales", name: str = "Ann") -> str:
        return self.store.write_now(keys.create, name, scope, NOW)

    def sign_in(
        self, key: str, address: str = "10.0.0.1", host: str = "localhost", scheme: str = "https"
    ) -> httpx2.Response:
        headers = {"x-test-address": address, "host": host, "origin": f"{scheme}://{host}"}
        return self.client.post("/test-sign-in", params={"key": key}, headers=headers)

    def page(self, cookie: str | None = None) -> httpx2.Response:
        headers = {"cookie": f"{COOKIE}={cookie}".encode("latin-1")} if cookie else {}
        return self.client.get("/test-page", headers=headers)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    made = Site(settings)
    with made.client:
        yield made
    made.store.database.close()


def is_sent_to_sign_in(answer: httpx2.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def test_who_signs_in_with_a_key_is_known_by_the_cookie(site: Site) -> None:
    key = site.new_key()
    assert site.sign_in(key).status_code == 200
    assert site.page().text.startswith("Ann ")
    assert site.page().headers.get("set-cookie") is None


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(site: Site) -> None:
    site.new_key()
    answer = site.client.get("/test-page?order=value&grade=A")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/test-page%3Forder%3Dvalue%26grade%3DA"
    posted = site.client.post("/test-form")
    assert (posted.status_code, posted.headers["location"]) == (303, "/sign-in")


def test_a_program_is_told_in_its_own_words(site: Site) -> None:
    site.new_key()
    answer = site.client.get("/test-page", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["title"]) == (401, "A key is needed")


def test_a_page_is_not_shown_for_a_key_in_a_header(site: Site) -> None:
    key = site.new_key()
    assert is_sent_to_sign_in(site.client.get("/test-page", headers={"authorization": f"Bearer {key}"}))


def test_the_session_has_the_scope_of_its_key(site: Site) -> None:
    site.sign_in(site.new_key("report"))
    assert site.page().status_code == 403
    assert site.client.get("/docs").status_code == 200


def test_a_session_is_no_key_of_the_api(site: Site) -> None:
    site.sign_in(site.new_key("admin"))
    assert site.client.get("/v1/queue").status_code == 401
    assert site.client.post("/v1/queue/next").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    key = site.new_key()
    here = site.sign_in(key).headers["set-cookie"]
    assert here.split("; ", 1)[1] == "HttpOnly; Max-Age=43200; Path=/; SameSite=lax"
    elsewhere = site.sign_in(key, host="leads.example").headers["set-cookie"]
    assert elsewhere.endswith("; Secure")
    assert key.split("_", 2)[2] not in here


def test_signing_out_takes_the_cookie_away(site: Site) -> None:
    site.sign_in(site.new_key())
    site.client.post("/test-sign-out")
    assert is_sent_to_sign_in(site.page())


@pytest.mark.parametrize("bad", ["", "x", "leads_000000000000_" + "x" * 43, "leads_{id}_" + "x" * 43])
def test_a_key_that_is_not_ours_signs_nobody_in(site: Site, bad: str) -> None:
    key_id = keys.id_of(site.new_key())
    answer = site.sign_in(bad.format(id=key_id))
    assert (answer.status_code, answer.headers.get("set-cookie")) == (401, None)


def test_revoking_the_key_ends_its_sessions_at_once(site: Site) -> None:
    key = site.new_key()
    site.sign_in(key)
    assert site.page().status_code == 200
    site.store.write_now(keys.revoke, keys.id_of(key), NOW)
    assert is_sent_to_sign_in(site.page())
    assert site.sign_in(key).status_code == 401


def test_a_cookie_that_was_tampered_with_is_no_session(site: Site) -> None:
    mine, other = site.new_key("report"), site.new_key("sales", "Ben")
    cookie = site.sign_in(mine).cookies[COOKIE]
    site.client.cookies.clear()
    payload, rest = cookie.split(".", 1)
    forged = URLSafeTimedSerializer("a guess", "session").dumps([keys.id_of(other), "x"])
    elsewhere = forged.split(".", 1)[0] + "." + rest
    for bad in (forged, elsewhere, payload, cookie[:-1], cookie + "x", cookie.swapcase(), "x", ".", "..", "é"):
        assert is_sent_to_sign_in(site.page(bad)), bad
    assert site.page(cookie).status_code == 403


def test_a_session_ends_after_twelve_hours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(NOW.timestamp())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now)
    cookie = site.sign_in(site.new_key()).cookies[COOKIE]
    site.client.cookies.clear()
    now += 12 * 3600
    assert site.page(cookie).status_code == 200
    now += 1
    assert is_sent_to_sign_in(site.page(cookie))


def test_every_worker_knows_the_session(settings: Settings) -> None:
    one, two = Site(settings), Site(settings)
    with one.client, two.client:
        cookie = one.sign_in(one.new_key()).cookies[COOKIE]
        assert two.page(cookie).text == one.page().text
    one.store.database.close()
    two.store.database.close()


def test_a_form_without_this_sessions_token_is_refused(site: Site) -> None:
    key = site.new_key()
    site.sign_in(key)
    others = site.page().text.split()[1]
    site.sign_in(key)
    own = site.page().text.split()[1]
    assert own != others
    assert site.client.post("/test-form", params={"csrf": own}).text == "done"
    for token in (others, own[:-1], own.upper(), "", "é", None):
        answer = site.client.post("/test-form", params={} if token is None else {"csrf": token})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:leads:problem:not-allowed"), token


def test_while_there_is_no_key_pages_are_open_and_forms_still_want_their_token(site: Site) -> None:
    name, token = site.page().text.rsplit(" ", 1)
    assert name == "this machine"
    assert site.client.post("/test-form", params={"csrf": token}).text == "done"
    assert site.client.post("/test-form").status_code == 403


def test_guessing_is_slowed_down_for_each_address(site: Site) -> None:
    key = site.new_key()
    answers = [site.sign_in("leads_x_y").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert site.sign_in("leads_x_y").headers["retry-after"] == "5"
    assert site.sign_in("leads_x_y", address="10.0.0.2").status_code == 401
    assert site.sign_in(key).status_code == 200


def test_a_good_key_is_never_counted(site: Site) -> None:
    key = site.new_key()
    assert [site.sign_in(key).status_code for _ in range(30)] == [200] * 30
    assert site.sign_in("leads_x_y").status_code == 401


def test_a_session_that_was_signed_out_is_dead_at_once_in_every_worker(settings: Settings) -> None:
    one, two = Site(settings), Site(settings)
    with one.client, two.client:
        cookie = one.sign_in(one.new_key()).cookies[COOKIE]
        other = one.sign_in(one.new_key("sales", "Ben")).cookies[COOKIE]
        token = two.page(cookie).text.split()[1]
        left = one.client.post("/sign-out", data={"csrf": token}, headers={"cookie": f"{COOKIE}={cookie}"})
        assert left.headers["location"] == "/sign-in"
        for worker in (one, two):
            worker.client.cookies.clear()
            assert is_sent_to_sign_in(worker.page(cookie))
            assert worker.page(other).status_code == 200
    one.store.database.close()
    two.store.database.close()


@pytest.mark.parametrize("host", ["leads.lan", "192.168.1.7", "192.168.1.7:8000"])
def test_signing_in_without_https_beyond_this_machine_is_refused_in_words(site: Site, host: str) -> None:
    key = site.new_key()
    plain = site.sign_in(key, host=host, scheme="http")
    assert (plain.status_code, plain.headers.get("set-cookie")) == (403, None)
    assert "https" in plain.json()["title"]
    assert "LEADS_PLAIN_HTTP" in plain.json()["detail"]
    assert "Secure" in site.sign_in(key, host=host).headers["set-cookie"]
    asked = site.client.get("/sign-in", headers={"host": host})
    assert "Signing in takes https" in asked.text
    for headers in ({"host": "localhost"}, {"host": host, "sec-fetch-site": "none"}):
        assert "takes https" not in site.client.get("/sign-in", headers=headers).text


def test_a_setting_takes_a_sign_in_without_https(settings: Settings) -> None:
    site = Site(settings.model_copy(update={"plain_http": True}))
    with site.client:
        answer = site.sign_in(site.new_key(), host="leads.lan", scheme="http")
        assert (answer.status_code, "Secure" in answer.headers["set-cookie"]) == (200, False)
        assert "takes https" not in site.client.get("/sign-in", headers={"host": "leads.lan"}).text
    site.store.database.close()


def test_two_live_keys_have_no_name_in_common(site: Site) -> None:
    first = site.new_key(name="Ann")
    for same in ("Ann", "ANN"):
        with pytest.raises(keys.NameTaken):
            site.new_key(name=same)
    site.store.write_now(keys.revoke, keys.id_of(first), NOW)
    site.new_key(name="Ann")


def test_keys_of_one_name_from_before_are_told_apart(site: Site) -> None:
    first, second = site.new_key(name="Ann"), site.new_key(name="Ben")
    with site.store.database.writing() as connection:
        connection.execute(tables.keys.update().values(name="Ann"))
    names = []
    for key in (first, second):
        site.sign_in(key)
        names.append(site.page().text.rsplit(" ", 1)[0])
    assert names == [f"Ann ({keys.id_of(key)})" for key in (first, second)]
    site.store.write_now(keys.revoke, keys.id_of(first), NOW)
    assert site.page().text.startswith("Ann ")
    assert "(" not in site.page().text


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("/leads/L-1?order=value", "/leads/L-1?order=value"),
        (None, "/"),
        ("", "/"),
        ("https://shop.example/", "/"),
        ("//shop.example/", "/"),
        ("/\\shop.example/", "/"),
        ("/\t/shop.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nset-cookie: x=1", "/"),
    ],
)
def test_after_the_sign_in_one_stays_on_this_site(asked: str | None, where: str) -> None:
    assert safe_return_path(asked) == where
