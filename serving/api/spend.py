"""Money spent to get leads: told by whoever buys them, a day or many at once."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from features.lead import Spend
from serving.auth.gate import KeyedRoute, needs
from serving.http.idempotency import answer_once, reply
from serving.http.openapi import problems, taking
from serving.http.request_parsing import spend_in
from serving.schemas.requests import SpendIn
from serving.schemas.responses import SpendOut
from serving.store import spend
from serving.store.idempotency import StoredResponse

router = APIRouter(prefix="/v1/spend", tags=["report"], route_class=KeyedRoute)


@router.post(
    "",
    summary="Tell what was spent",
    response_model=SpendOut,
    responses=problems(400, 409, 413, 415, 422),
    openapi_extra=taking(SpendIn, idempotent=True),
)
@needs("report")
async def put_spend(request: Request) -> Response:
    """Up to 1,000 amounts, all of them or none. One for a day, source and campaign that is known replaces it."""
    return await answer_once(request, partial(_put, spent=await spend_in(request)))


def _put(connection: Connection, spent: Sequence[Spend]) -> StoredResponse:
    spend.put(connection, spent)
    return reply(200, SpendOut(stored=len(spent)))
