"""The two hot routes, answered before FastAPI's routing where a request is plainly right.

`POST /v1/score` and `PUT /v1/leads/{lead_id}` cost FastAPI more than the score itself. Here a request passes the same
gate, the same scorer and the same store. Whatever is unusual about it, a header, a query, a body that may be refused,
goes to the route of its name as if nothing had been read: that one says what is wrong, so both refuse alike.
"""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.auth.gate import Gate, KeyedRoute
from serving.deps import Service
from serving.http.lead_bytes import read_plain_lead, score_bytes
from serving.http.parameters import parse_lead_id, parse_reasons
from serving.operations.put_lead import score_put
from serving.schemas.presenters import put_answer
from serving.schemas.requests import LeadIn
from training.model import REASONS, Score

SCORE, LEADS = "/v1/score", "/v1/leads/"
PLAIN_TYPES = (b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8")
UNUSUAL_HEADERS = frozenset({b"content-encoding", b"idempotency-key"})

Answer = tuple[int, Score]


class DirectRoutes:
    """ASGI app around a router, within all middlewares and handlers of exceptions."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], service: Service, gate: Gate) -> None:
        self.app, self._service, self._gate = app, service, gate
        self._score_route = _find_route(routes, "POST", SCORE)
        self._put_route = _find_route(routes, "PUT", LEADS + "{lead_id}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path, method = scope["path"], scope["method"]
            if method == "POST" and path == SCORE:
                await self._answer(self._score_route, None, scope, receive, send)
                return
            if method == "PUT" and path.startswith(LEADS) and "/" not in path[len(LEADS) :]:
                await self._answer(self._put_route, path[len(LEADS) :], scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _answer(self, route: KeyedRoute, part: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to one of the routes; `part` is what its path says of the lead."""
        scope["route"] = route
        await self._gate.admit(Request(scope), route.need)
        reasons = _read_reasons(scope["query_string"]) if _is_plain(scope["headers"]) else None
        if reasons is None:
            await self.app(scope, receive, send)
            return
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        lead = self._read_lead(message, part)
        if lead is None:
            await self.app(scope, _receive_again(message, receive), send)
            return
        status, score = self._score(lead, reasons) if part is None else await self._put(lead, reasons)
        body = score_bytes(score)
        length = (b"content-length", str(len(body)).encode())
        headers = [length, (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _read_lead(self, message: Message, part: str | None) -> LeadIn | None:
        """The lead of a body that came in one piece; None where the route is to read it."""
        settings = self._service.settings
        body = message.get("body", b"")
        if message.get("more_body", False) or len(body) > settings.max_body_bytes:
            return None
        try:
            return read_plain_lead(body, settings.max_text, None if part is None else parse_lead_id(part))
        except ValueError:  # no id
            return None

    def _score(self, lead: LeadIn, reasons: int) -> Answer:
        return 200, self._service.scorer.score(lead, reasons)

    async def _put(self, lead: LeadIn, reasons: int) -> Answer:
        service = self._service
        put = await service.lead_operations.put_when_compared(service.store, score_put(service.scorer, lead))
        return (201 if put.created else 200), put_answer(put, reasons)


def _find_route(routes: Sequence[BaseRoute], method: str, path: str) -> KeyedRoute:
    keyed = (route for route in routes if isinstance(route, KeyedRoute))
    return next(route for route in keyed if route.path == path and method in (route.methods or ()))


def _is_plain(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the body is JSON as it stands, and nothing is asked that the routes alone do."""
    is_json = False
    for name, value in headers:
        if name == b"content-type":
            is_json = value in PLAIN_TYPES
        elif name in UNUSUAL_HEADERS:
            return False
    return is_json


def _read_reasons(query: bytes) -> int | None:
    """How many reasons a query asks for; None for any other query."""
    if not query:
        return REASONS
    try:
        return parse_reasons(query[len(b"reasons=") :].decode()) if query.startswith(b"reasons=") else None
    except ValueError:
        return None


def _receive_again(message: Message, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """What gives a message that was taken once more, then those behind it."""
    waiting = [message]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
