"""`create_app`: the composition root. Settings in, the service out; nothing is connected before it starts."""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from random import SystemRandom

from fastapi import FastAPI

from connectors.crm.config import read_connections
from connectors.crm.crms import make_crm
from language.choice import LANGUAGES
from serving.api import docs, feeds, health, hooks, leads, metrics, model, queue, report, score, spend, webhooks
from serving.auth.gate import Gate
from serving.auth.key_cache import KeyCache
from serving.auth.key_uses import KeyUses, write_key_uses
from serving.auth.proxies import TrustedProxies
from serving.auth.rate_sharing import sharing_rates
from serving.auth.sessions import Sessions
from serving.clock_steps import watch_clock
from serving.deps import Service
from serving.error_handlers import add_handlers
from serving.event_log import log_event
from serving.health import StoreHealth
from serving.http.direct_routes import DirectRoutes
from serving.http.openapi import describe
from serving.metrics.counters import Counters
from serving.metrics.gauges import Gauges, metrics_page
from serving.metrics.shared import Shared
from serving.middleware.behind_proxies import ClientAddresses, RootPath
from serving.middleware.body_timeout import BodyTimeout
from serving.middleware.head_requests import HeadRequests
from serving.middleware.raw_paths import RawPaths
from serving.middleware.request_log import RequestLog
from serving.migrations import find_trouble, prepare
from serving.operations.build_report import make_report
from serving.operations.claims import Claims
from serving.operations.crm_leads import CrmLeads
from serving.operations.crm_links import CrmLinks
from serving.operations.crms import working_with_crms
from serving.operations.leads import LeadOperations
from serving.operations.report_cache import ReportCache
from serving.operations.rescore import Rescorer
from serving.pages.model.cached import Records
from serving.pages.report.routes import drawn
from serving.pages.routes import add_pages
from serving.scoring.champion import ModelSource
from serving.scoring.champion_watch import ChampionWatch
from serving.scoring.last_champion import LastChampion
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from serving.store import Store, StoreUnavailable
from serving.store.key_reads import open_key_reads
from serving.store.outbox import Outbox
from serving.webhooks.delivery import Receiver, deliver_webhooks
from training.registry import Registry, answer_within, locate

Clock = Callable[[], datetime]

ABOUT = (
    "Rates every new lead with a calibrated chance of being won, a grade, and the reasons. Errors are "
    "`application/problem+json` (RFC 9457). Every answer carries an `X-Request-ID`; send your own to find "
    "a request in the logs."
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _registry(settings: Settings) -> tuple[Registry, LastChampion]:
    """The registry that the environment names, or that of the working directory, and its last champion."""
    answer_within(settings.poll_seconds)
    location = locate(Path.cwd(), os.environ)
    return Registry(location), LastChampion(Path(settings.champion_file).resolve(), location.tracking_uri)


def _prepare(store: Store) -> None:
    try:
        prepare(store.database)
    except StoreUnavailable as away:  # `leads serve` looked before it began: it was there, and may come back
        log_event("store.unavailable", logging.WARNING, away, reason=str(away))


def create_app(
    settings: Settings, models: ModelSource | None = None, clock: Clock = _utc_now, shared: Shared | None = None
) -> FastAPI:
    """The service, scoring with the registry's champion or with that of another source of models.

    With `shared` it counts together with other workers.
    """
    counters = Counters(shared)
    source, kept = (models, None) if models else _registry(settings)
    scorer = Scorer(source, settings, clock, counters.scored, kept)
    watch = ChampionWatch(scorer, settings.poll_seconds)
    store = Store(settings.database_url, counters.committed)
    store_health = StoreHealth(partial(find_trouble, store.database))
    connections = read_connections(Path(settings.crm_file))
    written = frozenset(name for name, one in connections.items() if one.section.write)
    outbox = Outbox(settings.webhook_url is not None, settings.webhook_least_change, written)
    rules = settings.queue_rules
    claims = Claims(rules, outbox, SystemRandom())
    page = metrics_page(counters, Gauges(scorer, store, clock, store_health, counters.running))
    lead_operations = LeadOperations(rules, outbox)
    rescorer = Rescorer(store, scorer, watch, lead_operations, settings.poll_seconds)
    crm_links = CrmLinks({name: make_crm(one) for name, one in connections.items()})
    crm_leads = CrmLeads(store, scorer, lead_operations, settings)
    work_with_crms = partial(working_with_crms, store, crm_links, crm_leads, clock, settings.poll_seconds)
    service = Service(settings, scorer, store, lead_operations, claims, clock, page, store_health, counters.running)
    records = Records(service, source)
    languages = LANGUAGES if settings.language == "auto" else (settings.language,)
    reports = ReportCache(lambda ask: drawn(make_report(store, source, settings, clock(), ask), languages))
    key_cache = KeyCache(open_key_reads(store.database))
    sessions, key_uses = Sessions(store, key_cache, settings, clock), KeyUses()
    gate = Gate(settings, key_cache, sessions, key_uses)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        _prepare(store)
        with suppress(StoreUnavailable):
            await key_cache.keys()  # so that metrics can be read when the store goes away
        with (
            store.running(),
            closing(key_cache),
            closing(reports),
            watch.running(),
            records.warming(),
        ):
            async with (
                deliver_webhooks(store, Receiver.of(settings), clock),
                rescorer.running(),
                work_with_crms(),
                watch_clock(store, clock, rules.lease),
                write_key_uses(key_uses, store, clock),
                sharing_rates(gate.rates, store, settings.workers),
            ):
                yield

    app = FastAPI(
        title="Lead scoring",
        description=ABOUT,
        version=version("lead-scoring"),
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
    )
    app.state.service, app.state.sessions = service, sessions
    app.state.gate = gate
    app.state.records, app.state.reports, app.state.crm_links = records, reports, crm_links
    app.add_middleware(RawPaths)
    app.add_middleware(HeadRequests)
    app.add_middleware(BodyTimeout, seconds=settings.read_seconds)
    hot = [*score.router.routes, *leads.router.routes]
    app.add_middleware(DirectRoutes, routes=hot, service=service, gate=gate)
    if settings.root_path:
        app.add_middleware(RootPath, root=settings.root_path)
    if settings.trusted_proxies:
        app.add_middleware(ClientAddresses, proxies=TrustedProxies.parse(settings.trusted_proxies))
    app.add_middleware(RequestLog, answered=counters.answered, access_log=settings.access_log)
    add_handlers(app)
    for subject in (score, leads, queue, spend, report, model, webhooks, feeds, hooks, metrics, health, docs):
        app.include_router(subject.router)
    add_pages(app)
    app.openapi = describe(app, scorer, settings.root_path)  # type: ignore[method-assign]
    return app
