"""What routes ask for, by name: the parts of the running service, as the composition root put them together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from serving.health import StoreHealth
from serving.operations.claims import Claims
from serving.operations.leads import LeadOperations
from serving.operations.report_cache import ReportCache, report_cache_of
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from serving.store import Store


@dataclass(frozen=True)
class Service:
    """What routes work with."""

    settings: Settings
    scorer: Scorer
    store: Store
    lead_operations: LeadOperations
    claims: Claims
    clock: Callable[[], datetime]
    metrics: Callable[[], bytes]
    health: StoreHealth
    workers: Callable[[], int | None]
    """How many workers run; None where there is one by itself."""
    running: set[tuple[str, str, str]] = field(default_factory=set)
    """Requests under an Idempotency-Key that are being answered."""


def service_of(request: Request) -> Service:
    """The service that a request came to, for code that reads its request by hand."""
    return cast(Service, request.app.state.service)


async def _get_service(request: Request) -> Service:
    return service_of(request)


ServiceDep = Annotated[Service, Depends(_get_service)]


async def _get_settings(service: ServiceDep) -> Settings:
    return service.settings


async def _get_scorer(service: ServiceDep) -> Scorer:
    return service.scorer


async def _get_store(service: ServiceDep) -> Store:
    return service.store


async def _get_lead_operations(service: ServiceDep) -> LeadOperations:
    return service.lead_operations


async def _get_claims(service: ServiceDep) -> Claims:
    return service.claims


async def _get_now(service: ServiceDep) -> datetime:
    return service.clock()


async def _get_reports(request: Request) -> ReportCache:
    return report_cache_of(request)


SettingsDep = Annotated[Settings, Depends(_get_settings)]
ScorerDep = Annotated[Scorer, Depends(_get_scorer)]
StoreDep = Annotated[Store, Depends(_get_store)]
LeadOperationsDep = Annotated[LeadOperations, Depends(_get_lead_operations)]
ClaimsDep = Annotated[Claims, Depends(_get_claims)]
NowDep = Annotated[datetime, Depends(_get_now)]
"""The service's time, once a request."""
ReportsDep = Annotated[ReportCache, Depends(_get_reports)]
