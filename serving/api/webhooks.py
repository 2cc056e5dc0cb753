"""What was told to the webhook, what could not be, and telling it again."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from serving.auth.gate import needs
from serving.deps import NowDep, StoreDep
from serving.errors import NotFound
from serving.http.idempotency import IdempotencyDep, stored_response
from serving.http.strict_route import ApiRoute
from serving.problems import problem_responses
from serving.schemas.responses import EventOut, EventsOut
from serving.store import Connection, outbox
from serving.store.idempotency import StoredResponse
from serving.store.outbox import EVENT_ID, State

LONGEST_PAGE = 200

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=ApiRoute)


@router.get("", summary="Events for the webhook", responses=problem_responses(422))
@needs("admin")
async def get_events(
    store: StoreDep,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
    cursor: Annotated[str | None, Query(pattern=EVENT_ID, description="`next` of the page before.")] = None,
) -> EventsOut:
    """Those that wait, were sent within a week, or are dead: given up after the last attempt. The newest first."""
    found = await store.read(outbox.find_events, state, limit + 1, cursor)
    following = found[limit - 1].event_id if len(found) > limit else None
    return EventsOut(events=[EventOut(**asdict(event)) for event in found[:limit]], next=following)


@router.post(
    "/{event_id}/resend",
    status_code=202,
    summary="Send an event again",
    response_model=EventOut,
    responses=problem_responses(400, 404, 409, 422),
)
@needs("admin")
async def resend(event_id: str, idempotency: IdempotencyDep, now: NowDep) -> Response:
    """From its first attempt, under its old id, at `next_at`: now, or within a minute where it still waits."""
    return await idempotency.answer(partial(_resend, event_id=event_id, now=now))


def _resend(connection: Connection, event_id: str, now: datetime) -> StoredResponse:
    event = None if "\0" in event_id else outbox.resend(connection, event_id, now)
    if event is None:
        raise NotFound("there is no such event; those that arrived are forgotten after a week")
    return stored_response(202, event, event.lead_id)
