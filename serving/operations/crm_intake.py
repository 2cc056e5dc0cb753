"""Works off what CRMs' hooks said, beside the requests: fetches the records that were named, and does what was said.

A CRM that is away, busy or refuses the token is left alone for a while, and its notices wait; they are lost for no
reason but a CRM that refuses them for days (`leads connect NAME --retry`).
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from connectors.crm.api import CrmApi
from connectors.crm.circuit_breaker import CircuitBreaker
from connectors.crm.crm import Crm
from connectors.crm.errors import CrmRefused, MessageBroken
from connectors.crm.record import Raw, read_id
from connectors.http_failures import AccessRefused, BatchRefused, NotTaken
from features.schema import LeadRefused
from serving.errors import NotReady, Refusal
from serving.event_log import log_event
from serving.operations.crm_leads import CrmLeads
from serving.store import Store, StoreUnavailable, crm_notices
from serving.store.crm_notices import LeasedNotice, Settlement
from serving.webhooks.schedule import wait_after

STOP_SECONDS = 2.0
TOGETHER = 100
CLEAN_SECONDS = 3600.0
MODEL_SECONDS = 5.0
"""How long notices wait where there is no model to score with."""


@dataclass
class CrmIntake:
    """Works off the notices of all connections, as one of any number of processes that do."""

    store: Store
    crms: Mapping[str, Crm]
    leads: CrmLeads
    clock: Callable[[], datetime]
    look_every: float
    """Seconds between two looks where there was nothing to do."""
    timeout: float = 20.0
    """Seconds that a CRM has for an answer."""
    _breakers: dict[str, CircuitBreaker] = field(default_factory=lambda: defaultdict(CircuitBreaker))
    _apis: dict[str, CrmApi] = field(default_factory=dict)
    _clean_at: float = field(default_factory=time.monotonic)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work beside the requests, from here to the end of the block."""
        if not self.crms:
            yield
            return
        stopping = asyncio.Event()
        task = asyncio.create_task(self._work_until(stopping), name="crm-intake")
        try:
            yield
        finally:
            stopping.set()
            await asyncio.wait({task}, timeout=STOP_SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            with ExitStack() as closing:
                for api in self._apis.values():
                    closing.push(api)

    def breaker(self, name: str) -> CircuitBreaker:
        """Whether a connection's CRM may be asked."""
        return self._breakers[name]

    async def round(self) -> int:
        """Work off what is due, at most `TOGETHER` notices; how many these were."""
        await self._clean()
        now = self.clock().timestamp()
        if not await self.store.read(crm_notices.is_due, now):
            return 0
        leased = await self.store.write(crm_notices.lease, now, TOGETHER)
        by_connection: dict[str, list[LeasedNotice]] = defaultdict(list)
        for one in leased:
            by_connection[one.notice.connection].append(one)
        for name, notices in by_connection.items():
            await self.store.write(crm_notices.settle, await self._work_off(name, notices))
        return len(leased)

    async def _work_until(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            done = 0
            try:
                done = await self.round()
            except StoreUnavailable as away:
                log_event("crm.store_unavailable", logging.WARNING, reason=str(away))
            except Exception as error:  # noqa: BLE001 - a fault here must not end the intake
                log_event("crm.failed", logging.ERROR, error)
            if not done:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), self.look_every)

    async def _clean(self) -> None:
        if time.monotonic() >= self._clean_at:
            await self.store.write(crm_notices.drop_old, self.clock())
            self._clean_at = time.monotonic() + CLEAN_SECONDS

    async def _work_off(self, name: str, leased: Sequence[LeasedNotice]) -> list[Settlement]:
        """What became of one connection's notices."""
        crm, now = self.crms.get(name), self.clock().timestamp()
        if crm is None:  # taken out of crm.toml; it may come back
            return [_wait(one, "crm.toml has no such connection", now + 600) for one in leased]
        by_lead: dict[str, list[LeasedNotice]] = defaultdict(list)
        for one in leased:
            by_lead[one.notice.lead_id].append(one)
        named = [one.notice.record_id for one in leased if one.notice.is_fetch]
        if not named:
            return await self._apply(crm, by_lead, {})
        breaker = self.breaker(name)
        if breaker.is_open(now):
            return [_wait(one, "the CRM is left alone for a while", breaker.until) for one in leased]
        try:
            records = await run_in_threadpool(self._fetch, crm, named)
        except (NotTaken, AccessRefused, CrmRefused) as failed:
            until = breaker.fail(now, getattr(failed, "wait", None))
            log_event("crm.away", logging.WARNING, connection=name, trouble=str(failed), seconds=round(until - now))
            return [_wait(one, str(failed), until) for one in leased]
        except BatchRefused as refused:
            log_event("crm.refuses", logging.ERROR, connection=name, trouble=str(refused))
            return [self._fail(one, str(refused)) for one in leased]
        breaker.succeed()
        return await self._apply(crm, by_lead, records)

    def _fetch(self, crm: Crm, record_ids: Sequence[str]) -> dict[str, Raw]:
        """The records that are there, by the ids of their leads."""
        name = crm.connection.name
        if name not in self._apis:
            self._apis[name] = crm.open_api(timeout=self.timeout)
        wanted = [*dict.fromkeys(record_ids)]
        found: dict[str, Raw] = {}
        for start in range(0, len(wanted), crm.most):
            for raw in crm.fetch(self._apis[name], wanted[start : start + crm.most]):
                found[read_id(raw, crm.connection)] = raw
        return found

    async def _apply(
        self, crm: Crm, by_lead: Mapping[str, Sequence[LeasedNotice]], records: Mapping[str, Raw]
    ) -> list[Settlement]:
        settlements: list[Settlement] = []
        for lead_id, leased in by_lead.items():
            settlements += await self._apply_one(crm, lead_id, leased, records)
        return settlements

    async def _apply_one(
        self, crm: Crm, lead_id: str, leased: Sequence[LeasedNotice], records: Mapping[str, Raw]
    ) -> list[Settlement]:
        notices = [one.notice for one in leased]
        try:
            await self.leads.apply(crm.connection, notices, records.get(lead_id), self.clock())
        except NotReady as none_yet:
            until = self.clock().timestamp() + MODEL_SECONDS
            return [_wait(one, none_yet.detail, until) for one in leased]
        except StoreUnavailable:
            raise
        except (LeadRefused, MessageBroken, Refusal) as refused:
            return [self._fail(one, type(refused).__name__) for one in leased]
        except Exception as error:  # noqa: BLE001 - one lead must not hold up the others
            log_event("crm.lead_failed", logging.ERROR, error, connection=crm.connection.name)
            return [self._fail(one, type(error).__name__) for one in leased]
        return [Settlement(one) for one in leased]

    def _fail(self, one: LeasedNotice, trouble: str) -> Settlement:
        """An attempt that failed for the notice's own sake: it is tried again as webhooks are, then given up."""
        wait = wait_after(one.attempts + 1, None)
        return Settlement(one, trouble, None if wait is None else self.clock().timestamp() + wait)


def _wait(one: LeasedNotice, trouble: str, until: float) -> Settlement:
    return Settlement(one, trouble, until, counts=False)
