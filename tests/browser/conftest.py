"""Debian's Chromium before a real server on a small real model; skipped, in words, where there is no browser."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI

from analytics.report import Report
from serving.app import create_app
from serving.operations.report_cache import ReportCache
from serving.pages.report.routes import drawn
from serving.settings import Settings
from serving.store.keys import Scope, create
from tests.serving.conftest import wait_until
from tests.serving.crm import NOW, Clock
from tests.serving.databases import new_file_store
from tests.serving.models import LEAD, Models, train_model
from tests.serving.reports import made_report
from tests.serving.served import served
from training.model import ScoringModel

CHROMIUM = Path(os.environ.get("LEADS_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_S = 15


class Shop:
    """A running service with keys and leads."""

    def __init__(self, url: str, app: FastAPI, clock: Clock) -> None:
        self.url, self.app, self.clock = url, app, clock
        self._store = app.state.service.store
        self._crm = self.key("CRM", "score")

    def key(self, name: str, scope: Scope = "sales") -> str:
        return self._store.write_now(create, name, scope, self.clock())

    def put(self, path: str, **facts: Any) -> None:
        """Put a lead; `path` is its id as it stands in a URL."""
        body = {name: value for name, value in LEAD.items() if name != "lead_id"} | {"created_at": NOW.isoformat()}
        self._send("PUT", path, body | facts)

    def contact(self, lead_id: str, **contact: Any) -> None:
        """Say that a lead was called just now."""
        self._send("POST", f"{lead_id}/contacts", {"started_at": self.clock().isoformat()} | contact)

    def outcome(self, lead_id: str, status: str, **said: Any) -> None:
        """Say what became of a lead."""
        self._send("PUT", f"{lead_id}/outcome", {"status": status} | said)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> None:
        headers = {"authorization": f"Bearer {self._crm}"}
        url = f"{self.url}/v1/leads/{path}"
        httpx2.request(method, url, json=body, headers=headers, timeout=PATIENCE_S).raise_for_status()

    def lead(self, lead_id: str) -> dict[str, Any]:
        """What the store holds of a lead."""
        headers = {"authorization": f"Bearer {self._crm}"}
        return (
            httpx2.get(f"{self.url}/v1/leads/{lead_id}", headers=headers, timeout=PATIENCE_S).raise_for_status().json()
        )


class Watch:
    """A browser's page, and all that it did beside what was asked of it."""

    def __init__(self, page: Any, shop: Shop) -> None:
        self.page, self.shop = page, shop
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._note_dialog)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _note_message(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _note_dialog(self, dialog: Any) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def sign_in(self, key: str) -> None:
        """Without a mouse: the field gets the focus with the first frame, and what is typed before that is lost."""
        self.page.goto(f"{self.shop.url}/queue")
        self.page.wait_for_function("document.activeElement.name === 'key'")
        self.page.keyboard.type(key)
        assert self.page.input_value("[name=key]") == key
        self.go("Enter")

    def go(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def text(self) -> str:
        return " ".join(self.page.inner_text("main").split())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser."""
    driver = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed; `make install` brings it")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}; `apt-get install chromium`, or name one in LEADS_CHROMIUM")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    return train_model()


@pytest.fixture
def shop(model: ScoringModel, tmp_path: Path) -> Iterator[Shop]:
    """A server of the test's own on a free port, with an empty store, on a Tuesday morning."""
    clock = Clock()
    promises = "A=15m B=15m C=15m D=15m"
    app = create_app(Settings(database_url=new_file_store(tmp_path), promises=promises), Models(model), clock)
    with served(app) as url:
        yield Shop(url, app, clock)


@pytest.fixture(scope="session")
def report() -> Report:
    """A report made by hand, with something in each of its parts."""
    return drawn(made_report(), ("en", "ru"))


@contextmanager
def keep_report(shop: Shop, report: Report) -> Iterator[None]:
    """Within the block, the service has this report."""
    reports = ReportCache(lambda _: report)
    shop.app.state.reports = reports
    wait_until(lambda: reports.find() is not None)
    yield
    reports.close()


@pytest.fixture
def open_page(chromium: Any, shop: Shop) -> Iterator[Callable[..., Watch]]:
    """Opens a browser of the test's own; a page that complains or asks another host fails the test."""
    watches: list[Watch] = []
    contexts: list[Any] = []

    def open_one(**given: Any) -> Watch:
        contexts.append(chromium.new_context(**given))
        page = contexts[-1].new_page()
        page.set_default_timeout(1_000 * PATIENCE_S)
        watches.append(Watch(page, shop))
        return watches[-1]

    yield open_one
    for context in contexts:
        context.close()
    for watch in watches:
        assert watch.hosts == {urlsplit(shop.url).netloc}
        assert watch.complaints == []
