"""Data quality: how recent leads are filled in, beside those that the model learned from."""

from fastapi import APIRouter, Request, Response

from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.pages.data_quality.view import data_view
from serving.pages.model.cached import records_of
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.rendering import page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/model/data")
@needs("sales", "report", by="session")
async def data_quality(request: Request) -> Response:
    """What to look at, and every field."""
    service = service_of(request)
    quality = records_of(request).data_quality(service.scorer.champion.model.version)
    view = data_view(quality, page_context_of(request, service))
    return page("data.html", view, request, session_of(request))
