"""A lead's id in a path may hold a slash, sent as %2F: routes must not take it for one of their own.

Servers decode a path before it is routed, so between this layer and the route another character stands for it.
"""

import re
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

STAND_IN = "\ue000"
"""Of Unicode's private use: no CRM's ids hold it."""

_ENCODED = re.compile(rb"%2f", re.IGNORECASE)


class EncodedSlashes:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = scope.get("raw_path", b"")  # optional in ASGI
        if scope["type"] == "http" and _ENCODED.search(sent):
            path = _ENCODED.sub(quote(STAND_IN).encode(), sent)
            scope = {**scope, "path": unquote(path.decode("ascii"))}
        await self.app(scope, receive, send)


def with_slashes(part: str) -> str:
    """A part of a routed path, as the client meant it."""
    return part.replace(STAND_IN, "/")
