"""A path as the client meant it, or refused: a lead's id in it is taken as sent.

Servers decode a path before it is routed. So a slash of the id, sent as %2F, is written otherwise between this layer
and the route; and bytes that are not UTF-8, which would be decoded to other characters, are refused.
"""

import re
from urllib.parse import unquote, unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import PathBroken
from serving.problems import problem_response

MARK = "\ue000"
"""Of Unicode's private use. An id may hold it all the same, so it is doubled where it was sent."""
SLASH = f"{MARK}\ue001"

_ENCODED_SLASH = re.compile(rb"%2f", re.IGNORECASE)
_WRITTEN = re.compile(f"{MARK}(.)", re.DOTALL)


class RawPaths:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = scope.get("raw_path", b"")  # optional in ASGI
        if scope["type"] == "http" and b"%" in sent:
            if not _is_utf8(unquote_to_bytes(sent)):
                broken = PathBroken("what is percent-encoded in a path must be UTF-8")
                await problem_response(broken.problem())(scope, receive, send)
                return
            parts = (unquote(part.decode("ascii")) for part in _ENCODED_SLASH.split(sent))
            scope["path"] = SLASH.join(part.replace(MARK, MARK + MARK) for part in parts)
        await self.app(scope, receive, send)


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def with_slashes(part: str) -> str:
    """A part of a routed path, as the client meant it."""
    return _WRITTEN.sub(lambda written: MARK if written[1] == MARK else "/", part)
