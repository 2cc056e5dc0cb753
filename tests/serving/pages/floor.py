"""A sales floor: a service, its keys, and people at browsers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.app import create_app
from serving.settings import Settings
from serving.store.keys import Scope, create
from tests.serving.conftest import POLL_SECONDS, wait_until
from tests.serving.crm import NOW, Clock
from tests.serving.models import LEAD, Models
from training.model import ScoringModel

BROWSER = {"accept": "text/html,application/xhtml+xml"}
STATIC = Path(__file__).parents[3] / "serving" / "static"
UTC_ZONE = ZoneInfo("UTC")


class Floor:
    """A service, its keys, and people who sign in at browsers of their own."""

    def __init__(self, app: FastAPI, source: Models, clock: Clock) -> None:
        self.app, self.source, self.clock = app, source, clock
        self.store = app.state.service.store
        self._keys: dict[tuple[str, Scope], str] = {}
        self._crm = self.key("CRM", "score")

    def key(self, name: str, scope: Scope) -> str:
        """Somebody's key, always the same."""
        if (name, scope) not in self._keys:
            self._keys[name, scope] = self.store.write_now(create, name, scope, self.clock())
        return self._keys[name, scope]

    def put(self, lead_id: str = "L-1", **facts: object) -> None:
        body = {name: value for name, value in LEAD.items() if name != "lead_id"} | {"created_at": NOW.isoformat()}
        headers = {"authorization": f"Bearer {self._crm}"}
        answer = TestClient(self.app).put(f"/v1/leads/{lead_id}", json=body | facts, headers=headers)
        assert answer.is_success, answer.text

    def tell(self, path: str, **body: object) -> dict[str, Any]:
        """Post something of a lead, as a CRM does; the answer."""
        headers = {"authorization": f"Bearer {self._crm}"}
        answer = TestClient(self.app).post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def stranger(self) -> "Person":
        return Person(TestClient(self.app, base_url="http://localhost", headers=BROWSER, follow_redirects=False))

    def person(self, name: str | None = None, scope: Scope = "sales") -> "Person":
        """Somebody who is signed in; Ann, where nobody is named, whose other keys go by other names."""
        name = name or ("Ann" if scope == "sales" else f"Ann for {scope}")
        person = self.stranger()
        answer = person.client.post("/sign-in", data={"key": self.key(name, scope), "next": "/queue"})
        assert answer.status_code == 303, answer.text
        return person


class Person:
    """Somebody at a browser without script."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def page(self, path: str = "/queue") -> str:
        """A page's text, entities resolved and white space folded."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return text_of(answer.text)

    def send(self, path: str, **form: str) -> Response:
        """Send a form as a page of ours would, with its token."""
        token = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/try").text)
        assert token, "every page has a form with a token"
        return self.client.post(path, data={"csrf": token[1]} | form)

    def act(self, path: str, **form: str) -> str:
        """Send a form and follow it; the text of the page that it led to."""
        answer = self.send(path, **form)
        assert answer.status_code == 303, answer.text
        return self.page(answer.headers["location"])


def text_of(html: str) -> str:
    shown = re.sub(r"<(script|style|head).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


@contextmanager
def opened(url: str, model: ScoringModel, clock: Clock, **settings: Any) -> Iterator[Floor]:
    """A ready service on an empty store."""
    promises, source = "A=15m B=15m C=15m D=15m", Models(model)
    told = Settings(database_url=url, poll_seconds=POLL_SECONDS, promises=promises, **settings)
    app = create_app(told, source, clock)
    with TestClient(app) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield Floor(app, source, clock)
