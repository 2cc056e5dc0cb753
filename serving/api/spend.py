"""Money spent to get leads: told by whoever buys them, a day or many at once."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Response

from features.lead import Spend
from serving.auth.gate import needs
from serving.http.idempotency import IdempotencyDep, stored_response
from serving.http.parameters import SpendBody
from serving.http.strict_route import ApiRoute
from serving.problems import problem_responses
from serving.schemas.responses import SpendOut
from serving.store import Connection, spend
from serving.store.idempotency import StoredResponse

router = APIRouter(prefix="/v1/spend", tags=["report"], route_class=ApiRoute)


@router.post(
    "",
    summary="Tell what was spent",
    response_model=SpendOut,
    responses=problem_responses(400, 409, 413, 415, 422),
)
@needs("report")
async def put_spend(spent: SpendBody, idempotency: IdempotencyDep) -> Response:
    """Up to 1,000 amounts, all of them or none. One for a day, source and campaign that is known replaces it."""
    return await idempotency.answer(partial(_put_spend, spent=spent))


def _put_spend(connection: Connection, spent: Sequence[Spend]) -> StoredResponse:
    spend.put(connection, spent)
    return stored_response(200, SpendOut(stored=len(spent)))
