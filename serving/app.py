"""`create_app`: the composition root. Settings in, the service out; nothing is connected before it starts."""

import os
import time
from collections.abc import Callable
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
from serving.auth.key_uses import KeyUses
from serving.auth.proxies import TrustedProxies
from serving.auth.rate_limit import RateLimit
from serving.auth.rate_sharing import SharedLimits
from serving.auth.sessions import WRONG_KEYS_A_SECOND, WRONG_KEYS_AT_ONCE, Sessions
from serving.background_work import BackgroundWork
from serving.deps import Service
from serving.error_handlers import add_handlers
from serving.health import StoreHealth
from serving.http.direct_routes import DirectRoutes
from serving.http.openapi import describe
from serving.metrics.counters import Counters
from serving.metrics.gauges import Gauges, metrics_page
from serving.metrics.shared import Shared
from serving.middleware.behind_proxies import ClientAddresses, RootPath
from serving.middleware.body_timeout import BodyTimeout
from serving.middleware.head_requests import HeadRequests
from serving.middleware.outer_layers import LayeredApp
from serving.middleware.raw_paths import RawPaths
from serving.middleware.request_log import RequestLog
from serving.migrations import find_trouble
from serving.operations.build_report import make_report
from serving.operations.claims import Claims
from serving.operations.crm_links import CrmLinks
from serving.operations.leads import LeadOperations
from serving.operations.report_cache import ReportCache
from serving.operations.trainings import Trainings
from serving.pages.model.cached import Records
from serving.pages.report.routes import drawn
from serving.pages.routes import add_pages
from serving.scoring.champion import ModelSource
from serving.scoring.last_champion import LastChampion
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from serving.store import Store
from serving.store.key_reads import open_key_reads
from serving.store.outbox import Outbox
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


def create_app(
    settings: Settings, models: ModelSource | None = None, clock: Clock = _utc_now, shared: Shared | None = None
) -> FastAPI:
    """The service, scoring with the registry's champion or with that of another source of models.

    With `shared` it counts together with other workers.
    """
    counters = Counters(shared)
    source, kept = (models, None) if models else _registry(settings)
    connections = read_connections(Path(settings.crm_file))
    written = frozenset(name for name, one in connections.items() if one.section.write)
    outbox = Outbox(settings.webhook_url is not None, settings.webhook_least_change, written)
    scorer = Scorer(source, settings, clock, counters.scored, kept)
    service = _make_service(settings, scorer, outbox, clock, counters)
    crm_links = CrmLinks({name: make_crm(one) for name, one in connections.items()})
    work = _plan_work(service, source, crm_links, Trainings(service.store, settings, clock, counters.trained))
    app = LayeredApp(
        title="Lead scoring",
        description=ABOUT,
        version=version("lead-scoring"),
        lifespan=work.running,
        redirect_slashes=False,
        openapi_url=None,
    )
    app.state.service = service
    app.state.sessions = Sessions(service.store, work.key_cache, settings, clock, work.limits.wrong_keys)
    app.state.gate = Gate(settings, work.key_cache, app.state.sessions, work.key_uses, work.limits)
    app.state.records, app.state.reports, app.state.crm_links = work.records, work.reports, work.crm_links
    app.state.trainings = work.trainings
    _add_layers(app, service, counters)
    add_handlers(app)
    for subject in (score, leads, queue, spend, report, model, webhooks, feeds, hooks, metrics, health, docs):
        app.include_router(subject.router)
    add_pages(app)
    app.openapi = describe(app, scorer, settings.root_path)  # type: ignore[method-assign]
    return app


def _make_service(settings: Settings, scorer: Scorer, outbox: Outbox, clock: Clock, counters: Counters) -> Service:
    store = Store(settings.database_url, counters.committed)
    health = StoreHealth(partial(find_trouble, store.database))
    page = metrics_page(counters, Gauges(scorer, store, clock, health, counters.running))
    rules = settings.queue_rules
    lead_operations, claims = LeadOperations(rules, outbox), Claims(rules, outbox, SystemRandom())
    return Service(settings, scorer, store, lead_operations, claims, clock, page, health, counters.running)


def _plan_work(service: Service, source: ModelSource, crm_links: CrmLinks, trainings: Trainings) -> BackgroundWork:
    settings, store, clock = service.settings, service.store, service.clock
    languages = LANGUAGES if settings.language == "auto" else (settings.language,)
    reports = ReportCache(lambda ask: drawn(make_report(store, source, settings, clock(), ask), languages))
    key_cache = KeyCache(open_key_reads(store.database))
    requests = RateLimit(settings.max_rate, settings.max_rate, time.monotonic)
    wrong_keys = RateLimit(WRONG_KEYS_A_SECOND, WRONG_KEYS_AT_ONCE, time.monotonic)
    limits = SharedLimits(requests, wrong_keys)
    records = Records(service, source)
    return BackgroundWork(service, records, reports, crm_links, key_cache, KeyUses(), limits, trainings)


def _add_layers(app: LayeredApp, service: Service, counters: Counters) -> None:
    """What a request passes before its route; of either kind, the last one added is the first that it meets."""
    settings = service.settings
    app.add_middleware(RawPaths)
    app.add_middleware(HeadRequests)
    app.add_middleware(BodyTimeout, seconds=settings.read_seconds)
    hot = [*score.router.routes, *leads.router.routes]
    app.add_outer_layer(DirectRoutes, routes=hot, service=service, gate=app.state.gate)
    if settings.root_path:
        app.add_outer_layer(RootPath, root=settings.root_path)
    if settings.trusted_proxies:
        app.add_outer_layer(ClientAddresses, proxies=TrustedProxies.parse(settings.trusted_proxies))
    app.add_outer_layer(RequestLog, answered=counters.answered, access_log=settings.access_log)
