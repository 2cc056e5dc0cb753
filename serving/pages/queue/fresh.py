"""New leads of the best grade, for the script that announces them on a page that is open."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from language.text import gettext as _
from serving.auth.gate import needs
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.middleware.security_headers import with_security_headers
from serving.pages import formatting
from serving.pages.lines import lead_url
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.person import person_of
from serving.pages.rendering import address
from serving.queue_rules import QueueEntry
from serving.store import Connection, leads
from serving.store.queue import find_fresh
from training.model import GRADES

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/queue/fresh")
@needs("sales", by="session")
async def fresh(request: Request) -> Response:
    """The free leads of the best grade that came since a moment, each with whom to call and how likely they buy."""
    service = service_of(request)
    context = page_context_of(request, service)
    since = _read_moment(request.query_params.get("since", ""))
    found, fields = await service.store.read(_find_leads, since, context.now)
    told = [
        {
            "text": f"{person_of(entry.lead_id, fields[entry.lead_id], context.schema).title}, "
            f"{formatting.in_hundred(entry.probability)}",
            "url": address(service.settings.root_path, lead_url(entry.lead_id)),
        }
        for entry in found
    ]
    return with_security_headers(JSONResponse({"leads": told}))


def _find_leads(connection: Connection, since: datetime, now: datetime) -> tuple[list[QueueEntry], dict[str, Any]]:
    found = find_fresh(connection, GRADES[0], since, now)
    return found, dict(leads.find_fields(connection, [entry.lead_id for entry in found]))


def _read_moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise RequestRefused(_("since must be a time in Unix seconds")) from None
