"""Each request under an id, the client's or made here: in its answer's X-Request-ID and its log lines.

The outermost of our layers, so it is also where a fault of ours is logged and answered, and where requests are counted.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.error_handlers import unexpected_failure
from serving.event_log import log_event, request_id

HEADER = b"x-request-id"

_ACCEPTED = re.compile(rb"[A-Za-z0-9._:-]{1,64}")

Answered = Callable[[str | None, str, int | None, float], None]
"""Is told each request's route, method, status and seconds."""


class RequestLog:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, answered: Answered, access_log: bool = False) -> None:
        self.app, self.answered, self.access_log = app, answered, access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = _read_request_id(scope)
        request_id.set(known)
        status: int | None = None
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, known.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - the client gets an answer, the log the place
            log_event("request.failed", logging.ERROR, error, route=_route_template(scope))
            if status is None:
                await unexpected_failure()(scope, receive, send_with_id)
        route, seconds = _route_template(scope), time.perf_counter() - started
        self.answered(route, scope["method"], status, seconds)
        if self.access_log:
            took = round(1000 * seconds, 2)
            log_event("request.answered", method=scope["method"], route=route, status=status, took_ms=took)


def _read_request_id(scope: Scope) -> str:
    sent = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return sent.decode() if _ACCEPTED.fullmatch(sent) else secrets.token_hex(8)


def _route_template(scope: Scope) -> str | None:
    """The route's template: a path itself may hold a lead's id."""
    return getattr(scope.get("route"), "path", None)
