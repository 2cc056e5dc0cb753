"""What was told to the webhook, what could not be, and telling it again."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from serving.auth.gate import KeyedRoute, needs
from serving.deps import service_of
from serving.errors import NotFound
from serving.http.idempotency import answer_once, reply
from serving.http.openapi import problems, taking
from serving.schemas.responses import EventOut, EventsOut
from serving.store import outbox
from serving.store.idempotency import StoredResponse
from serving.store.outbox import EVENT_ID, State

LONGEST_PAGE = 200

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=KeyedRoute)


@router.get("", summary="Events for the webhook", responses=problems(422))
@needs("admin")
async def get_events(
    request: Request,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
    cursor: Annotated[str | None, Query(pattern=EVENT_ID, description="`next` of the page before.")] = None,
) -> EventsOut:
    """Those that wait, were sent within a week, or are dead: given up after the last attempt. The newest first."""
    found = await service_of(request).store.read(outbox.find_events, state, limit + 1, cursor)
    following = found[limit - 1].event_id if len(found) > limit else None
    return EventsOut(events=[EventOut(**asdict(status)) for status in found[:limit]], next=following)


@router.post(
    "/{event_id}/resend",
    status_code=202,
    summary="Send an event again",
    response_model=EventOut,
    responses=problems(400, 404, 409, 422),
    openapi_extra=taking(idempotent=True),
)
@needs("admin")
async def resend(request: Request, event_id: str) -> Response:
    """From its first attempt, under its old id, at `next_at`: now, or within a minute where it still waits."""
    request.state.body = b""  # it takes none
    return await answer_once(request, partial(_resend, event_id=event_id, now=service_of(request).clock()))


def _resend(connection: Connection, event_id: str, now: datetime) -> StoredResponse:
    status = None if "\0" in event_id else outbox.resend(connection, event_id, now)
    if status is None:
        raise NotFound("there is no such event; those that arrived are forgotten after a week")
    return reply(202, status, status.lead_id)
