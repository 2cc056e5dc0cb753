"""Grades and scores: how recent leads are spread, and what if A began elsewhere."""

from fastapi import APIRouter, Request, Response

from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.pages.grades.view import grades_view
from serving.pages.model.cached import records_of
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.rendering import page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/model/grades")
@needs("sales", "report", by="session")
async def grades(request: Request) -> Response:
    """The spread, under the thresholds that were asked for."""
    service = service_of(request)
    recent = await records_of(request).recent_scores()
    context = page_context_of(request, service)
    view = grades_view(recent, service.scorer.champion.model, request.query_params, context)
    return page("grades.html", view, request, session_of(request))
