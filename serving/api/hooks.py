"""Hooks of CRMs: what they send is verified and stored, and only then acknowledged; leads are made of it later."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter
from starlette.concurrency import run_in_threadpool

from connectors.crm.crm import Crm
from connectors.crm.errors import CrmRefused, MessageBroken, NotGenuine
from connectors.crm.message import Message, Notice
from serving.auth.gate import Gate, needs
from serving.deps import NowDep, StoreDep
from serving.errors import HookNotSetUp, MessageRefused, NotFound, Unauthorized
from serving.http.openapi import HOOK_REQUEST, Document
from serving.http.strict_json import read_bytes
from serving.http.strict_route import ApiRoute
from serving.problems import problem_responses
from serving.schemas.types import check_id
from serving.settings import Settings
from serving.store import crm_notices
from serving.store.crm_notices import StoredNotice

STORED: dict[int | str, Document] = {
    200: {"description": "Stored; in the form that the CRM takes for that", "content": {"application/json": {}}}
}

router = APIRouter(prefix="/v1/hooks", tags=["CRMs"], route_class=ApiRoute)


@router.post(
    "/{connection}",
    summary="What a CRM tells of its leads",
    response_class=Response,
    responses=STORED | problem_responses(404, 413, 422),
    openapi_extra=HOOK_REQUEST,
)
@needs(by="secret")
async def post_hook(
    connection: Annotated[str, PathParameter(description="A connection of crm.toml.")],
    request: Request,
    store: StoreDep,
    now: NowDep,
    secret: Annotated[
        str | None, Query(description="The connection's secret, for CRMs that have but an address.")
    ] = None,
) -> Response:
    """In the CRM's own format, under its signature or the connection's secret; crm.toml sets a connection up.

    Answered once it is stored: the same again, or in another order, does nothing twice.
    """
    crm = request.app.state.crm_links.crms.get(connection)
    if crm is None:
        raise NotFound("there is no such connection in crm.toml")
    del secret  # `verify` reads it
    settings: Settings = request.app.state.service.settings
    message = await _read_message(request, settings.max_body_bytes)
    await _admit(request, crm, message)
    with _as_refusals():
        notices = await run_in_threadpool(crm.read_notices, message)
    if notices:
        await store.write(crm_notices.add, [_stored(crm, one, now) for one in notices])
    acknowledgement = crm.acknowledge()
    return Response(acknowledgement.body, media_type=acknowledgement.content_type)


async def _read_message(request: Request, most: int) -> Message:
    body = await read_bytes(request, most)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Message(request.method, str(request.url), dict(request.query_params), headers, body)


async def _admit(request: Request, crm: Crm, message: Message) -> None:
    """Count a message against the CRM's rate if it is proved to be its own, else against the address it came from."""
    gate: Gate = request.app.state.gate
    try:
        with _as_refusals():
            await run_in_threadpool(crm.verify, message)
    except (Unauthorized, MessageRefused):
        gate.count_wrong_secret(request.client.host if request.client else "")
        raise
    gate.count_hook(crm.connection.name)


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except NotGenuine as stranger:
        raise Unauthorized(str(stranger)) from None
    except MessageBroken as broken:
        raise MessageRefused(str(broken)) from None
    except CrmRefused as refused:
        raise HookNotSetUp(str(refused)) from None


def _stored(crm: Crm, notice: Notice, now: datetime) -> StoredNotice:
    """A notice under the lead's id here."""
    prefix = crm.connection.section.prefix
    try:
        lead_id = check_id(prefix + notice.record_id)
        into_id = None if notice.into is None else check_id(prefix + notice.into)
    except ValueError as refused:
        raise MessageRefused(f"a record's id: {refused}") from None
    return StoredNotice(
        crm.connection.name, lead_id, notice.record_id, notice.kind, notice.happened_at, notice.record, into_id, now
    )
