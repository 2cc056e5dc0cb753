"""`add_pages`: every page's routes and the files that they use, as part of the service."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from serving.pages import chart_files
from serving.pages.lead.routes import router as lead_router
from serving.pages.leads.routes import router as leads_router
from serving.pages.model.routes import router as model_router
from serving.pages.queue.routes import router as queue_router
from serving.pages.rendering import STATIC
from serving.pages.report.routes import router as report_router
from serving.pages.sign_in.routes import public as front_door_router
from serving.pages.sign_in.routes import router as sign_in_router

ROUTERS = (
    queue_router,
    leads_router,
    lead_router,
    report_router,
    model_router,
    chart_files.router,
    front_door_router,
    sign_in_router,
)


def add_pages(app: FastAPI) -> None:
    """Add the pages; `app.state.records` must be there before the first request."""
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _Static(directory=STATIC), name="static")


class _Static(StaticFiles):
    """Files that browsers keep: an address changes with its content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        return answer
