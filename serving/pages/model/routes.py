"""The model page: whether it can be trusted, and what would make it better."""

from fastapi import APIRouter, Request, Response

from serving.auth.gate import needs, session_of
from serving.deps import Service, service_of
from serving.pages.model.cached import Records, records_of
from serving.pages.model.known import Known
from serving.pages.model.view import model_view
from serving.pages.notices import notice_of
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.rendering import page
from serving.store import overview

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/model")
@needs("sales", "report", by="session")
async def model(request: Request) -> Response:
    """Promised against delivered, champion and challenger, and what feeds them."""
    service = service_of(request)
    context = page_context_of(request, service)
    known = await known_of(service, records_of(request), context)
    session = session_of(request)
    view = model_view(known, context, may_administer=session.caller.scope == "admin")
    return page("model.html", view, request, session, notice_of(request))


async def known_of(service: Service, records: Records, context: PageContext) -> Known:
    """What the registry and the store say of the models."""
    version = context.model.version if context.model else None
    rescored = None if version is None else await service.store.read(overview.count_rescored, version)
    return Known(await records.overview(version), records.delivered, rescored, service.settings.mlflow_url)
