"""`add_pages`: every page's routes and the files that they use, as part of the service."""

from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.types import Scope

from serving.pages import chart_files
from serving.pages.admin.routes import router as admin_router
from serving.pages.compression import pack_file
from serving.pages.data_quality.routes import router as data_router
from serving.pages.day.routes import router as day_router
from serving.pages.grades.routes import router as grades_router
from serving.pages.lead.routes import router as lead_router
from serving.pages.leads.routes import router as leads_router
from serving.pages.model.routes import router as model_router
from serving.pages.page_route import not_found_page
from serving.pages.queue.call_routes import router as call_router
from serving.pages.queue.fresh import router as fresh_router
from serving.pages.queue.routes import router as queue_router
from serving.pages.rendering import STATIC
from serving.pages.report.agreed_routes import router as agreed_router
from serving.pages.report.routes import router as report_router
from serving.pages.score_file.routes import router as score_file_router
from serving.pages.search.routes import router as search_router
from serving.pages.sign_in.routes import public as front_door_router
from serving.pages.sign_in.routes import router as sign_in_router
from serving.pages.team.routes import router as team_router
from serving.pages.try_lead.routes import router as try_router

ROUTERS = (
    queue_router,
    call_router,
    fresh_router,
    day_router,
    team_router,
    search_router,
    leads_router,
    lead_router,
    report_router,
    agreed_router,
    model_router,
    grades_router,
    data_router,
    try_router,
    score_file_router,
    admin_router,
    chart_files.router,
    front_door_router,
    sign_in_router,
)

NO_PAGE = (404, 405)
"""Of an address that there is not, and of one that only a form is sent to."""

Handler = Callable[[Request, Exception], Awaitable[Response]]


def add_pages(app: FastAPI) -> None:
    """Add the pages; `app.state.records` must be there before the first request."""
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    answer_program = cast(Handler, app.exception_handlers[HTTPException])

    async def page_or_problem(request: Request, error: Exception) -> Response:
        answer = await answer_program(request, error)
        if answer.status_code not in NO_PAGE or not _is_browser(request):
            return answer
        found = await not_found_page(request)
        found.status_code = answer.status_code
        if "Allow" in answer.headers:
            found.headers["Allow"] = answer.headers["Allow"]
        return found

    app.add_exception_handler(HTTPException, page_or_problem)


def _is_browser(request: Request) -> bool:
    """Whether a page is asked for, and not something of the API."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return "text/html" in request.headers.get("accept", "") and not path.startswith("/v1/")


class _Static(StaticFiles):
    """Files that browsers keep: an address changes with its content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if isinstance(answer, FileResponse):
            answer = pack_file(answer, Headers(scope=scope).get("accept-encoding", ""))
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        return answer
