"""`add_pages`: every page's routes and the files that they use, as part of the service."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from serving.pages import definitions, first_key, lead, leads, model, pictures, queue, report, sign_in
from serving.pages.rendering import STATIC


def add_pages(app: FastAPI) -> None:
    """Add the pages; `app.state.records` must be there before the first request."""
    for subject in (queue, leads, lead, report, definitions, model, pictures):
        app.include_router(subject.router)
    app.include_router(sign_in.public)
    app.include_router(sign_in.router)
    app.include_router(first_key.router)
    app.mount("/static", _Static(directory=STATIC), name="static")


class _Static(StaticFiles):
    """Files that browsers keep: an address changes with its content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        return answer
