"""Idempotency-Key: a POST that is sent again under its key is answered again, and not done again.

The answer is kept in the commit of what was done. A second request is refused while the first runs in this process
(409), or where its body is another (422); in another process it waits for the first one's commit and repeats it.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

from fastapi import Request, Response
from pydantic_core import to_json
from sqlalchemy import Connection

from serving.auth.gate import caller_of
from serving.deps import service_of
from serving.errors import Fault, KeyInUse, KeyReused, RequestRefused
from serving.store import idempotency
from serving.store.idempotency import IdempotentRequest, StoredResponse

HEADER = "idempotency-key"
_ACCEPTED = re.compile(r"[\x21-\x7e]{1,200}")

Change = Callable[[Connection], StoredResponse]


def reply(status: int, answer: object, lead_id: str | None = None) -> StoredResponse:
    """An answer to be kept and sent; `answer` is a model, dataclass or plain data, None for an empty body."""
    return StoredResponse(status, "" if answer is None else to_json(answer).decode(), lead_id)


async def answer_once(request: Request, change: Change) -> Response:
    """Run a change of the store, once under an Idempotency-Key where the client sent one, and answer with its reply."""
    service, asked = service_of(request), _asked(request)
    if asked is None:
        return _response(await service.store.write(change))
    if asked.first in service.running:
        raise KeyInUse("the first request under this Idempotency-Key is still being answered; try again shortly")
    service.running.add(asked.first)
    try:
        made, repeated = await service.store.write(_once, asked, change, service.clock())
    finally:
        service.running.discard(asked.first)
    response = _response(made)
    if repeated:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def has_key(request: Request) -> bool:
    """Whether the client wants to be answered once."""
    return HEADER in request.headers


def _once(
    connection: Connection, asked: IdempotentRequest, change: Change, now: datetime
) -> tuple[StoredResponse, bool]:
    known = idempotency.find(connection, asked)
    if known is None:
        made = change(connection)
        idempotency.keep(connection, asked, made, now)
        return made, False
    body_hash, made = known
    if body_hash != asked.body_hash:
        raise KeyReused("this Idempotency-Key was used for another request; use a new key for each")
    return made, True


def _asked(request: Request) -> IdempotentRequest | None:
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not _ACCEPTED.fullmatch(sent):
        fault = Fault(detail="expected 1 to 200 visible ASCII characters", parameter="Idempotency-Key")
        raise RequestRefused("a header cannot be used", [fault])
    body = hashlib.sha256(request.url.query.encode() + b"\0" + request.state.body).hexdigest()
    return IdempotentRequest(caller_of(request).key_id, request.url.path, sent, body)


def _response(made: StoredResponse) -> Response:
    return Response(made.answer, made.status, media_type="application/json" if made.answer else None)
