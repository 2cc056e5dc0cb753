"""Works off what CRMs' hooks said, beside the requests: fetches the records that were named, and does what was said.

A CRM that is away, busy or refuses the token is left alone for a while, and its notices wait; they are given up for no
reason but a CRM that refuses them for days (`leads connect CRM NAME --retry`).
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.crm.api import CrmApi
from connectors.crm.crm import Crm, chunks
from connectors.crm.errors import MessageBroken
from connectors.crm.record import Raw, read_id
from connectors.http_failures import BatchRefused
from features.errors import LeadRefused
from serving.errors import NotReady, Refusal
from serving.event_log import log_event
from serving.operations.crm_leads import CrmLeads, name_parts
from serving.operations.crm_links import CrmAway, CrmLinks
from serving.store import Store, StoreUnavailable, crm_notices, outbox
from serving.store.crm_notices import LeasedNotice, Settlement
from serving.webhooks.schedule import wait_after

TOGETHER = 100
CLEAN_SECONDS = 3600.0
MODEL_SECONDS = 5.0
"""How long notices wait where there is no model to score with."""
UNKNOWN_SECONDS = 600.0
"""How long the notices of a connection wait that is no longer in crm.toml."""


@dataclass
class CrmIntake:
    """Works off the notices of all connections, as one of any number of processes that do."""

    store: Store
    links: CrmLinks
    leads: CrmLeads
    clock: Callable[[], datetime]
    _clean_at: float = field(default_factory=time.monotonic)

    async def round(self) -> int:
        """Work off what is due, at most `TOGETHER` notices; how many these were."""
        await self._clean()
        now = self._seconds()
        if not await self.store.read(crm_notices.is_due, now):
            return 0
        leased = await self.store.write(crm_notices.lease, now, TOGETHER)
        by_connection: dict[str, list[LeasedNotice]] = defaultdict(list)
        for one in leased:
            by_connection[one.notice.connection].append(one)
        for name, notices in by_connection.items():
            await self.store.write(crm_notices.settle, await self._work_off(name, notices))
        return len(leased)

    async def _clean(self) -> None:
        if time.monotonic() >= self._clean_at:
            await self.store.write(crm_notices.drop_old, self.clock())
            await self.store.write(outbox.drop_old, self.clock())  # there may be no webhook, which does it too
            self._clean_at = time.monotonic() + CLEAN_SECONDS

    async def _work_off(self, name: str, leased: Sequence[LeasedNotice]) -> list[Settlement]:
        """What became of one connection's notices; those that need no answer of the CRM do not wait for it."""
        crm = self.links.crms.get(name)
        if crm is None:
            until = self._seconds() + UNKNOWN_SECONDS
            return [_wait(one, "crm.toml has no such connection", until) for one in leased]
        fetched = {one.notice.lead_id for one in leased if one.notice.is_fetch}
        told = [one for one in leased if one.notice.lead_id not in fetched]
        named = [one for one in leased if one.notice.lead_id in fetched]
        return await self._apply(crm, told, {}) + (await self._fetch_and_apply(crm, named) if named else [])

    async def _fetch_and_apply(self, crm: Crm, leased: Sequence[LeasedNotice]) -> list[Settlement]:
        name = crm.connection.name
        record_ids = [*dict.fromkeys(one.notice.record_id for one in leased if one.notice.is_fetch)]
        try:
            records = await self.links.ask(name, lambda api: _fetch(crm, api, record_ids), self._seconds())
        except CrmAway as away:
            return [_wait(one, away.trouble, away.until) for one in leased]
        except (BatchRefused, MessageBroken) as refused:
            log_event("crm.refuses", logging.ERROR, connection=name, trouble=str(refused))
            return [self._fail(one, str(refused)) for one in leased]
        return await self._apply(crm, leased, records)

    async def _apply(self, crm: Crm, leased: Sequence[LeasedNotice], records: Mapping[str, Raw]) -> list[Settlement]:
        by_lead: dict[str, list[LeasedNotice]] = defaultdict(list)
        for one in leased:
            by_lead[one.notice.lead_id].append(one)
        settlements: list[Settlement] = []
        for lead_id, its in by_lead.items():
            settlements += await self._apply_one(crm, its, records.get(lead_id))
        return settlements

    async def _apply_one(self, crm: Crm, leased: Sequence[LeasedNotice], fetched: Raw | None) -> list[Settlement]:
        try:
            await self.leads.apply(crm.connection, [one.notice for one in leased], fetched, self.clock())
        except NotReady as none_yet:
            return [_wait(one, none_yet.detail, self._seconds() + MODEL_SECONDS) for one in leased]
        except StoreUnavailable:
            raise
        except LeadRefused as refused:
            parts = ", ".join(name_parts(refused.problems))
            return [self._fail(one, f"the lead cannot be read: {parts}") for one in leased]
        except (MessageBroken, Refusal) as refused:
            return [self._fail(one, str(refused)) for one in leased]
        except Exception as error:  # noqa: BLE001 - one lead must not hold up the others
            log_event("crm.lead_failed", logging.ERROR, error, connection=crm.connection.name)
            return [self._fail(one, type(error).__name__) for one in leased]
        return [Settlement(one) for one in leased]

    def _fail(self, one: LeasedNotice, trouble: str) -> Settlement:
        """An attempt that failed for the notice's own sake: it is tried again as webhooks are, then given up."""
        wait = wait_after(one.attempts + 1, None)
        return Settlement(one, trouble, None if wait is None else self._seconds() + wait)

    def _seconds(self) -> float:
        return self.clock().timestamp()


def _fetch(crm: Crm, api: CrmApi, record_ids: Sequence[str]) -> dict[str, Raw]:
    """The records that are there, by the ids of their leads."""
    found = [raw for some in chunks(record_ids, crm.most) for raw in crm.fetch(api, some)]
    return {read_id(raw, crm.connection): raw for raw in found}


def _wait(one: LeasedNotice, trouble: str, until: float) -> Settlement:
    return Settlement(one, trouble, until, counts=False)
