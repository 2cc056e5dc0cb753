"""The two hot routes, answered before FastAPI's routing where a request is plainly right.

`POST /v1/score` and `PUT /v1/leads/{lead_id}` cost FastAPI more than the score itself. Here a request passes the same
gate, the same scorer and the same store. Whatever is unusual about it, a header, a query, a body that may be refused,
goes to the route of its name as if nothing had been read: that one says what is wrong, so both refuse alike.
"""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.auth.gate import Gate, KeyedRoute
from serving.deps import Service
from serving.http.lead_bytes import read_plain_lead, score_bytes
from serving.http.parameters import parse_lead_id, parse_reasons
from serving.middleware.body_timeout import receive_within, too_slow
from serving.operations.put_lead import score_put
from serving.schemas.presenters import put_answer
from serving.schemas.requests import SentLead
from training.model import REASONS

SCORE, LEADS = "/v1/score", "/v1/leads/"
PLAIN_TYPES = (b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8")
UNUSUAL_HEADERS = frozenset({b"content-encoding", b"idempotency-key"})


class DirectRoutes:
    """ASGI middleware. What fails here is raised again by the route of its name, so it is answered as there."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], service: Service, gate: Gate) -> None:
        self.app, self._service, self._gate = app, service, gate
        self._score_route = _find_route(routes, "POST", SCORE)
        self._put_route = _find_route(routes, "PUT", LEADS + "{lead_id}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        route, part, reasons = found
        taken: list[Message] = []
        try:
            await self._gate.admit(Request(scope), route.need)
            taken.append(await receive_within(receive, self._service.settings.read_seconds))
            lead = self._read_lead(taken[0], part)
            answer = None if lead is None else await self._answer(lead, part, reasons)
        except TimeoutError:
            scope["failed"], answer = too_slow(self._service.settings.read_seconds), None
        except Exception as error:  # noqa: BLE001 - it is raised again where exceptions are answered
            scope["failed"], answer = error, None
        if answer is None:
            await self.app(scope, _receive_again(taken, receive), send)
            return
        scope["route"] = route
        status, body = answer
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _find(self, scope: Scope) -> tuple[KeyedRoute, str | None, int] | None:
        """The route that a plain request is for, what its path says of the lead, and how many reasons it asks for."""
        path, method, part = scope["path"], scope["method"], None
        if method == "POST" and path == SCORE:
            route = self._score_route
        elif method == "PUT" and path.startswith(LEADS) and b"%" not in scope.get("raw_path", b"%"):
            route, part = self._put_route, path[len(LEADS) :]
        else:
            return None
        reasons = _read_reasons(scope["query_string"])
        if reasons is None or not _is_plain(scope["headers"]) or (part is not None and "/" in part):
            return None
        return route, part, reasons

    def _read_lead(self, message: Message, part: str | None) -> SentLead | None:
        """The lead of a body that came in one piece; None where the route is to read it."""
        settings = self._service.settings
        body = message.get("body", b"")
        if message.get("more_body", False) or not body or len(body) > settings.max_body_bytes:
            return None
        try:
            return read_plain_lead(body, settings.max_text, None if part is None else parse_lead_id(part))
        except ValueError:  # no id
            return None

    async def _answer(self, lead: SentLead, part: str | None, reasons: int) -> tuple[int, bytes]:
        """Status and body."""
        service = self._service
        if part is None:
            return 200, score_bytes(service.scorer.score(lead, reasons))
        put = await service.lead_operations.put_when_compared(service.store, score_put(service.scorer, lead))
        return (201 if put.created else 200), score_bytes(put_answer(put, reasons))


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


def _receive_again(taken: list[Message], receive: Receive) -> Callable[[], Awaitable[Message]]:
    """What gives the messages that were taken once more, then those behind them."""

    async def receive_again() -> Message:
        return taken.pop(0) if taken else await receive()

    return receive_again
