"""The service under a path behind a real nginx with TLS: links, redirects, files, cookies, and who is behind it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest

from serving.app import create_app
from serving.settings import Settings
from serving.store import Store, keys
from tests.serving.databases import new_file_store
from tests.serving.models import LEAD, Models
from tests.serving.nginx import Nginx, nginx
from tests.serving.served import served
from training.model import ScoringModel

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ROOT = "/leads-app"
OPERATIONS = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
DOCUMENTED_URL = "http://127.0.0.1:8000"
KEEPS_PATH = OPERATIONS.split("```nginx\n")[1].split("```")[0]
"""As the documentation has it."""
TAKES_PATH_OFF = KEEPS_PATH.replace(DOCUMENTED_URL, f"{DOCUMENTED_URL}/")
AS_IT_COMES = f"location {ROOT}/ {{ proxy_pass {DOCUMENTED_URL}; }}"
ADDRESSES = re.compile(r'(?:href|src|action|srcset)="([^"#]+)')
ONLY_POSTED = re.compile(r"/(queue/\w+|sign-out|report/agreed|report/agreed/[\w/-]+)$")


class Site:
    """The service, as people and programs beyond nginx see it."""

    def __init__(self, proxy: Nginx, key: dict[str, str]) -> None:
        self.proxy, self.key = proxy, key

    def program(self) -> httpx2.Client:
        return httpx2.Client(
            base_url=self.proxy.tls_url + ROOT,
            verify=self.proxy.trust,
            headers={"authorization": f"Bearer {self.key['crm']}", "host": self.proxy.host},
        )

    def browser(self, address: str = "127.0.0.1") -> httpx2.Client:
        """Somebody's browser, which connects from an address of theirs."""
        transport = httpx2.HTTPTransport(verify=self.proxy.trust, local_address=address)
        headers = {"host": self.proxy.host, "accept": "text/html", "sec-fetch-site": "same-origin"}
        return httpx2.Client(base_url=self.proxy.tls_url, transport=transport, headers=headers)

    def sign_in(self, browser: httpx2.Client, key: str, **headers: str) -> httpx2.Response:
        origin = f"https://{self.proxy.host}"
        return browser.post(f"{ROOT}/sign-in", data={"key": key}, headers={"origin": origin} | headers)


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_file_store(tmp_path_factory.mktemp("behind-nginx"))


@pytest.fixture(scope="module")
def url(model: ScoringModel, store_url: str) -> Iterator[str]:
    settings = Settings(database_url=store_url, root_path=f"{ROOT}/", trusted_proxies="127.0.0.1")
    with served(create_app(settings, Models(model))) as url:
        yield url


@pytest.fixture(scope="module")
def key(store_url: str) -> dict[str, str]:
    scopes: dict[str, keys.Scope] = {"crm": "score", "ann": "sales", "root": "admin"}
    with closing(Store(store_url).database) as database, database.writing() as connection:
        return {name: keys.create(connection, name, scope, NOW) for name, scope in scopes.items()}


@pytest.fixture
def site(request: pytest.FixtureRequest, url: str, key: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    locations = getattr(request, "param", KEEPS_PATH).replace(DOCUMENTED_URL, url)
    with nginx(tmp_path / "nginx", locations) as proxy:
        yield Site(proxy, key)


@pytest.mark.parametrize("site", [KEEPS_PATH, TAKES_PATH_OFF], indirect=True, ids=["keeps", "takes off"])
def test_every_address_of_every_page_leads_back_through_the_proxy(site: Site) -> None:
    body = {name: value for name, value in LEAD.items() if name != "lead_id"}
    with site.program() as crm:
        assert crm.put("/v1/leads/L-1", json=body).status_code in (200, 201)
        assert crm.get("/openapi.json").json()["servers"] == [{"url": ROOT}]
    with site.browser() as browser:
        asked = browser.get(f"{ROOT}/queue?order=wait")
        assert (asked.status_code, asked.headers["location"]) == (303, f"{ROOT}/sign-in?next=/queue%3Forder%3Dwait")
        wrong = site.sign_in(browser, "leads_x_y")
        assert wrong.status_code == 401
        answer = site.sign_in(browser, site.key["root"])
        assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/")
        assert answer.headers["set-cookie"].endswith(f"; HttpOnly; Max-Age=43200; Path={ROOT}; SameSite=lax; Secure")
        seen: set[str] = set()
        for path in (
            "/",
            "/queue",
            "/day",
            "/search",
            "/leads",
            "/leads/L-1",
            "/model",
            "/definitions",
            "/report",
            "/docs",
        ):
            page = browser.get(ROOT + path, follow_redirects=True)
            assert page.status_code in (200, 202), path
            seen |= {urljoin(str(page.url), at) for at in ADDRESSES.findall(page.text)}
        ours = {at for at in seen if not at.startswith(("mailto:", "tel:"))}
        assert all(at.startswith(f"{site.proxy.tls_url}{ROOT}/") for at in ours), ours
        assert len(ours) > 20
        for address in ours:
            status = browser.get(address, follow_redirects=True).status_code
            assert status in (200, 202) or (status == 405 and ONLY_POSTED.search(address)), address


def test_a_persons_day_works_under_the_path(site: Site) -> None:
    with site.program() as crm:
        body = {name: value for name, value in LEAD.items() if name != "lead_id"}
        for lead_id in ("a%2Fb", "L-2"):
            assert crm.put(f"/v1/leads/{lead_id}", json=body).status_code in (200, 201)
        assert crm.get("/v1/leads/a%2Fb").json()["lead_id"] == "a/b"
    with site.browser() as browser:
        site.sign_in(browser, site.key["ann"])
        page = browser.get(f"{ROOT}/leads/a%2Fb").text
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        claimed = browser.post(f"{ROOT}/queue/claim", data={"csrf": token[1], "lead_id": "a/b"})
        assert claimed.headers["location"] == f"{ROOT}/queue?lead=a%2Fb"
        called = {"csrf": token[1], "lead_id": "a/b", "result": "callback", "back": "/queue?lead=a%2Fb"}
        back = browser.post(f"{ROOT}/queue/call", data=called)
        assert back.headers["location"].startswith(f"{ROOT}/queue?lead=a%2Fb&call=ct_")
        cookie = browser.cookies["leads_session"]
        left = browser.post(f"{ROOT}/sign-out", data={"csrf": token[1]})
        assert left.headers["location"] == f"{ROOT}/sign-in"
        assert f"Path={ROOT}" in left.headers["set-cookie"]
        assert browser.get(f"{ROOT}/queue", headers={"cookie": f"leads_session={cookie}"}).status_code == 303


def test_wrong_keys_are_counted_for_whoever_is_behind_the_proxy(site: Site) -> None:
    """127.0.0.1 is nginx; 127.0.0.2 and 127.0.0.3 are people in the same house."""
    with site.browser("127.0.0.2") as attacker, site.browser("127.0.0.3") as colleague:
        assert [site.sign_in(attacker, "leads_x_y").status_code for _ in range(11)] == [401] * 10 + [429]
        assert site.sign_in(attacker, "leads_x_y", **{"x-forwarded-for": "203.0.113.9"}).status_code == 429
        forged = [site.sign_in(attacker, "leads_x_y", forwarded=f"for=203.0.113.{at}").status_code for at in range(12)]
        assert (forged[0], forged[-1]) == (401, 429), "counted, together, for the proxy"
        assert site.sign_in(colleague, "leads_x_y").status_code == 401
        assert [site.sign_in(colleague, site.key["ann"]).status_code for _ in range(20)] == [303] * 20
        assert site.sign_in(attacker, site.key["ann"]).status_code == 303


@pytest.mark.parametrize("site", [AS_IT_COMES], indirect=True)
def test_nginx_as_it_comes_serves_people_too(site: Site) -> None:
    """It changes the host, and says nothing of TLS or of who asks."""
    with site.browser() as browser:
        assert site.sign_in(browser, site.key["ann"]).status_code == 303
        assert browser.get(f"{ROOT}/queue").status_code == 200
        elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
        assert site.sign_in(browser, site.key["ann"], **elsewhere).status_code == 403


def test_without_tls_beyond_this_machine_the_sign_in_page_says_that_it_is_needed(site: Site) -> None:
    with ExitStack() as closing_:
        headers = {"host": f"leads.lan:{site.proxy.port}", "accept": "text/html"}
        browser = closing_.enter_context(httpx2.Client(base_url=site.proxy.url, headers=headers))
        assert "Signing in takes https" in browser.get(f"{ROOT}/sign-in").text
        origin = {"origin": f"http://leads.lan:{site.proxy.port}"}
        answer = browser.post(f"{ROOT}/sign-in", data={"key": site.key["ann"]}, headers=origin)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert "LEADS_PLAIN_HTTP" in answer.text


def test_the_service_itself_is_reached_without_the_path(url: str, key: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {key['crm']}"}
    for root in (url, url + ROOT):
        assert httpx2.get(f"{root}/readyz").status_code == 200
        assert httpx2.get(f"{root}/v1/model", headers=headers).status_code == 200
    assert httpx2.get(f"{url}{ROOT}x/readyz").status_code == 404
