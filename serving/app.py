"""`create_app`: the composition root. Settings in, the service out; nothing is connected before it starts."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from serving.api import health, model, score
from serving.errors import add_handlers
from serving.openapi import describe
from serving.request_ids import RequestIds
from serving.scorer import ModelSource, Scorer, watching
from serving.settings import Settings
from training.registry import Registry, locate

ABOUT = (
    "Rates every new lead with a calibrated chance of being won, a grade, and the reasons. Errors are "
    "`application/problem+json` (RFC 9457). Every answer carries an `X-Request-ID`; send your own to find "
    "a request in the logs."
)


def create_app(settings: Settings, models: ModelSource | None = None) -> FastAPI:
    """The service, scoring with the registry's champion or with that of another source of models."""
    scorer = Scorer(models or Registry(locate(Path.cwd(), os.environ)), settings, _now)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with watching(scorer, settings.poll_seconds):
            yield

    app = FastAPI(
        title="Lead scoring",
        description=ABOUT,
        version=version("lead-scoring"),
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.settings, app.state.scorer = settings, scorer
    app.add_middleware(RequestIds, access_log=settings.access_log)
    add_handlers(app)
    for subject in (score, model, health):
        app.include_router(subject.router)
    app.openapi = describe(app, scorer)  # type: ignore[method-assign]
    return app


def _now() -> datetime:
    return datetime.now(UTC)
