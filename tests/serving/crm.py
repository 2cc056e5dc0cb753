"""A CRM as a test plays it: leads in, contacts and outcomes after them, over HTTP."""

from datetime import UTC, datetime
from typing import Any, cast

from fastapi import FastAPI
from fastapi.testclient import TestClient

from serving.deps import Service
from tests.serving.models import LEAD

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
"""A Tuesday morning."""


class Clock:
    """A time that a test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def app_of(client: TestClient) -> FastAPI:
    """The application that a client calls."""
    assert isinstance(client.app, FastAPI)
    return client.app


def service_of(client: TestClient) -> Service:
    """The service behind a client."""
    return cast(Service, app_of(client).state.service)


class Crm:
    """Calls a running service."""

    def __init__(self, client: TestClient, clock: Clock) -> None:
        self.client, self.clock = client, clock

    @property
    def service(self) -> Service:
        return service_of(self.client)

    def put(self, lead_id: str, **facts: Any) -> dict[str, Any]:
        """Put a lead of all facts filled, but for those given; its score, and `status` of the answer."""
        body = {name: value for name, value in LEAD.items() if name != "lead_id"} | facts
        return self._told(self.client.put(f"/v1/leads/{lead_id}", json=body))

    def lead(self, lead_id: str) -> dict[str, Any]:
        return self._told(self.client.get(f"/v1/leads/{lead_id}"))

    def contact(self, lead_id: str, **contact: Any) -> dict[str, Any]:
        sent = {"started_at": self.clock().isoformat()} | contact
        return self._told(self.client.post(f"/v1/leads/{lead_id}/contacts", json=sent))

    def outcome(self, lead_id: str, status: str, **said: Any) -> dict[str, Any]:
        return self._told(self.client.put(f"/v1/leads/{lead_id}/outcome", json={"status": status} | said))

    def queue(self, **asked: Any) -> dict[str, Any]:
        return self._told(self.client.get("/v1/queue", params=asked))

    def waiting(self, **asked: Any) -> list[str]:
        """The leads of the queue, in its order."""
        return [lead["lead_id"] for lead in self.queue(**asked)["leads"]]

    def next(self, agent: str, **wanted: Any) -> str | None:
        """The lead that the agent is given."""
        answer = self.client.post("/v1/queue/next", json={"agent": agent} | wanted)
        return None if answer.status_code == 204 else answer.json()["claim"] and answer.json()["lead"]["lead_id"]

    def _told(self, answer: Any) -> dict[str, Any]:
        assert answer.is_success, answer.text
        return answer.json() | {"status_code": answer.status_code}
