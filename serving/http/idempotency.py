"""Idempotency-Key: a POST that is sent again under its key is answered again, and not done again.

The answer is kept in the commit of what was done. A second request is refused while the first runs in this process
(409), or where its body is another (422); in another process it waits for the first one's commit and repeats it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import Depends, Request, Response
from pydantic_core import to_json

from serving.auth.gate import caller_of
from serving.deps import service_of
from serving.errors import KeyInUse, KeyReused
from serving.http.parameters import IdempotencyKey
from serving.store import Connection, idempotency
from serving.store.idempotency import IdempotentRequest, StoredResponse

Change: TypeAlias = Callable[[Connection], StoredResponse]


def stored_response(status: int, answer: object, lead_id: str | None = None) -> StoredResponse:
    """An answer to be kept and sent; `answer` is a model, dataclass or plain data, None for an empty body."""
    return StoredResponse(status, "" if answer is None else to_json(answer).decode(), lead_id)


@dataclass(frozen=True)
class Idempotency:
    """The request at hand, and the Idempotency-Key that it came under; None where it came without."""

    request: Request
    key: str | None

    async def answer(self, change: Change) -> Response:
        """Run a change of the store, once under the key where there is one, and answer with its response.

        Raises:
            KeyInUse: while the first request under the key is being answered.
            KeyReused: where the key was used for another request.
        """
        service = service_of(self.request)
        if self.key is None:
            return _response(await service.store.write(change))
        asked = _identify(self.request, self.key)
        if asked.first in service.running:
            raise KeyInUse("the first request under this Idempotency-Key is still being answered; try again shortly")
        service.running.add(asked.first)
        try:
            made, repeated = await service.store.write(_change_once, asked, change, service.clock())
        finally:
            service.running.discard(asked.first)
        response = _response(made)
        if repeated:
            response.headers["Idempotency-Replayed"] = "true"
        return response


async def _idempotency(request: Request, key: IdempotencyKey = None) -> Idempotency:
    return Idempotency(request, key)


IdempotencyDep = Annotated[Idempotency, Depends(_idempotency)]


def _change_once(
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


def _identify(request: Request, key: str) -> IdempotentRequest:
    """Who asked what under the key; a route without a body has read none."""
    sent: bytes = getattr(request.state, "body", b"")
    body_hash = hashlib.sha256(request.url.query.encode() + b"\0" + sent).hexdigest()
    return IdempotentRequest(caller_of(request).key_id, request.url.path, key, body_hash)


def _response(made: StoredResponse) -> Response:
    return Response(made.answer, made.status, media_type="application/json" if made.answer else None)
