"""A service with a crm.toml and a fake of each CRM: hooks in, and what became of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from connectors.crm.dynamics import Dynamics
from connectors.crm.salesforce import Salesforce
from serving.app import create_app
from serving.operations.crm_links import CrmLinks
from serving.settings import Settings
from serving.store import Store, crm_notices
from serving.store.tables import crm_notices as crm_notices_table
from serving.store.tables import metadata, outbox
from tests.connectors.crm import fake_crm, messages
from tests.connectors.crm.fake_crm import FakeCrm
from tests.serving.conftest import LOCAL, POLL_SECONDS, wait_until
from tests.serving.crm import app_of, service_of
from tests.serving.models import Models
from training.model import ScoringModel


class Hooked:
    """Sends a CRM's messages to its hook, and waits until they are done."""

    def __init__(self, client: TestClient, fake: FakeCrm) -> None:
        self.client, self.fake = client, fake

    @property
    def store(self) -> Store:
        return service_of(self.client).store

    @property
    def links(self) -> CrmLinks:
        return app_of(self.client).state.crm_links

    def send(self, name: str, body: bytes, headers: dict[str, str] | None = None, secret: str = messages.SECRET) -> Any:
        """The hook's answer to one message."""
        signed = messages.hubspot_headers(f"{LOCAL}/v1/hooks/{name}", body) if name == "hubspot" else {}
        query = "" if name in ("hubspot", "bitrix") else f"?secret={secret}"
        return self.client.post(f"/v1/hooks/{name}{query}", content=body, headers={**signed, **(headers or {})})

    def tell(self, name: str, body: bytes) -> None:
        """A message that is taken and worked off."""
        answer = self.send(name, body)
        assert answer.status_code == 200, answer.text
        self.wait()

    def wait(self) -> None:
        """Until nothing waits."""
        wait_until(lambda: not any(state == "waiting" for _, state in self.states()))

    def states(self) -> dict[tuple[str, str], int]:
        return self.store.read_now(crm_notices.count_states)

    def clear(self) -> None:
        """As if nothing had come yet: for the next test on the same service, once nothing is under way."""
        wait_until(lambda: not self._is_busy())
        self.fake.forget()
        for name, crm in self.links.crms.items():
            self.links.breaker(name).succeed()
            if isinstance(crm, Salesforce | Dynamics):
                crm.forget_token()
        self.store.write_now(
            lambda connection: [connection.execute(table.delete()) for table in metadata.sorted_tables]
        )

    def _is_busy(self) -> bool:
        """Whether a message or a score may be under way to or from a CRM."""
        with self.store.database.reading() as connection:
            return any(
                connection.execute(select(table).where(table.c.state == "waiting", table.c.trouble.is_(None))).first()
                for table in (crm_notices_table, outbox)
            )

    def lead(self, lead_id: str) -> dict[str, Any] | None:
        answer = self.client.get(f"/v1/leads/{lead_id}")
        return answer.json() if answer.status_code == 200 else None

    def waiting(self) -> list[str]:
        return [lead["lead_id"] for lead in self.client.get("/v1/queue").json()["leads"]]


@contextmanager
def hooked(
    model: ScoringModel,
    database_url: str,
    folder: Path,
    models: Models | None = None,
    clock: Any = None,
    writes: bool = True,
    max_rate: float = 10_000,
) -> Iterator[Hooked]:
    """A ready service, open to this machine, with a connection to each CRM, into which it `writes` scores or not."""
    with fake_crm.running() as fake, pytest.MonkeyPatch.context() as patched:
        text = messages.crm_toml(fake.url)
        (folder / "crm.toml").write_text(text if writes else text.replace("write = true\n", ""))
        patched.setattr("connectors.crm.api.Throttle.wait", lambda _: None)
        for name, value in messages.environment(fake.url).items():
            patched.setenv(name, value)
        settings = Settings(
            database_url=database_url,
            poll_seconds=POLL_SECONDS,
            open=True,
            crm_file=str(folder / "crm.toml"),
            max_rate=max_rate,
        )
        clocks = {} if clock is None else {"clock": clock}
        with TestClient(create_app(settings, models or Models(model), **clocks), base_url=LOCAL) as client:
            wait_until(lambda: models is not None or client.get("/readyz").status_code == 200)
            yield Hooked(client, fake)


def contact(object_id: int, **properties: Any) -> dict[str, Any]:
    """A contact of HubSpot."""
    return {
        "hs_object_id": str(object_id),
        "createdate": "2026-02-01T10:00:00Z",
        "lastmodifieddate": "2026-02-01T10:00:00Z",
        "hs_analytics_source": "search",
        "jobtitle": "Director",
        "email": "ann@example.com",
        "lifecyclestage": "lead",
        "hubspot_owner_id": "7",
        **properties,
    }


def milliseconds(time_text: str) -> int:
    return int(1000 * datetime.fromisoformat(time_text).timestamp())


def now_seconds() -> int:
    return int(time.time())
