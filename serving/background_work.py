"""What runs beside the requests, from the service's start to its end: webhooks, rescoring, CRMs, trainings, caches."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass

from fastapi import FastAPI

from serving.auth.key_cache import KeyCache
from serving.auth.key_uses import KeyUses, write_key_uses
from serving.auth.rate_sharing import SharedLimits, sharing_rates
from serving.clock_steps import watch_clock
from serving.deps import Service
from serving.event_log import log_event
from serving.migrations import prepare
from serving.operations.crm_leads import CrmLeads
from serving.operations.crm_links import CrmLinks
from serving.operations.crms import working_with_crms
from serving.operations.report_cache import ReportCache
from serving.operations.rescore import Rescorer
from serving.operations.trainings import Trainings
from serving.pages.model.cached import Records
from serving.scoring.champion_watch import ChampionWatch
from serving.store import Store, StoreUnavailable
from serving.webhooks.delivery import Receiver, deliver_webhooks


@dataclass(frozen=True)
class BackgroundWork:
    """The parts that work by themselves."""

    service: Service
    records: Records
    reports: ReportCache
    crm_links: CrmLinks
    key_cache: KeyCache
    key_uses: KeyUses
    limits: SharedLimits
    trainings: Trainings

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """The store made ready, and everything at work to the end of the block: the application's lifespan."""
        service = self.service
        store, scorer, clock, every = service.store, service.scorer, service.clock, service.settings.poll_seconds
        _prepare(store)
        with suppress(StoreUnavailable):
            await self.key_cache.keys()  # so that metrics can be read when the store goes away
        watch = ChampionWatch(scorer, every)
        crm_leads = CrmLeads(store, scorer, service.lead_operations, service.settings)
        with (
            store.running(),
            closing(self.key_cache),
            closing(self.reports),
            watch.running(),
            self.records.warming(),
        ):
            async with (
                deliver_webhooks(store, Receiver.of(service.settings), clock),
                Rescorer(store, scorer, watch, service.lead_operations, every).running(),
                working_with_crms(store, self.crm_links, crm_leads, clock, every),
                watch_clock(store, clock, service.settings.queue_rules.lease),
                write_key_uses(self.key_uses, store, clock),
                sharing_rates(self.limits, store, service.settings.workers),
                self.trainings.running(),
            ):
                yield


def _prepare(store: Store) -> None:
    try:
        prepare(store.database)
    except StoreUnavailable as away:  # `leads serve` looked before it began: it was there, and may come back
        log_event("store.unavailable", logging.WARNING, away, reason=str(away))
