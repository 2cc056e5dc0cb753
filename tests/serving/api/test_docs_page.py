"""/docs in a browser: it shows every route, under a strict policy, and asks no other site for anything."""

import re
import shutil
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import wait_until
from tests.serving.models import Models
from training.model import ScoringModel

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def test_the_page_allows_no_inline_script_and_nothing_of_other_sites(client: TestClient) -> None:
    page = client.get("/docs")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "//" not in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page.text)
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"


def test_everything_the_page_is_made_of_is_here(client: TestClient) -> None:
    parts = re.findall(r'(?:src|href)="([^"]+)"', client.get("/docs").text)
    assert len(parts) == 6
    for part in parts:
        assert client.get(part).status_code == 200


@pytest.mark.parametrize("name", ["x.js", "swagger-ui-bundle.js.map", "..%2Fapp.py", "%2Fetc%2Fpasswd"])
def test_no_other_file_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404


@pytest.fixture
def url(model: ScoringModel, settings: Settings) -> Iterator[str]:
    """A service that a browser can reach."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(create_app(settings, Models(model)), log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_browser_shows_every_route_and_can_send_a_key(url: str) -> None:
    browsers = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not shutil.which(CHROMIUM):
        pytest.skip("there is no Chromium; `apt-get install chromium` brings it")
    asked: list[str] = []
    complaints: list[str] = []
    with browsers.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{url}/docs")
        page.wait_for_selector("text=Score one lead")
        shown = page.locator(".opblock-summary-path").all_inner_texts()
        page.click("button.authorize")
        page.wait_for_selector("text=Made by leads keys create")
        browser.close()
    assert {"/v1/score", "/v1/model"} <= {path.replace("\u200b", "") for path in shown}
    assert complaints == []
    assert all(place.startswith((f"{url}/", "data:")) for place in asked)
