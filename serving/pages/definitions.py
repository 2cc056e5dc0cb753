"""The definitions page: the metric contract, a row a number."""

from fastapi import APIRouter, Request, Response

from serving.auth.gate import needs, session_of
from serving.pages.page_route import PageRoute
from serving.pages.rendering import page
from serving.pages.report.view import contract

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/definitions")
@needs("sales", "report", by="session")
async def definitions(request: Request) -> Response:
    """What every number means."""
    return page("definitions.html", contract(), request, session_of(request))
