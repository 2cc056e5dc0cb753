"""What routes ask for, by name: the parts of the running service, as the composition root puts them together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from fastapi import Request

from serving.health import StoreHealth
from serving.operations.claims import Claims
from serving.operations.leads import LeadOperations
from serving.scoring.champion_watch import ChampionWatch
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
    watch: ChampionWatch
    health: StoreHealth
    workers: Callable[[], int | None]
    """How many workers run; None where there is one by itself."""
    running: set[tuple[str, str, str]] = field(default_factory=set)
    """Requests under an Idempotency-Key that are being answered."""


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    return cast(Service, request.app.state.service)
