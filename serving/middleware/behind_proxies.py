"""The client behind our own proxies, and the path under which they serve us; outside of all that looks at either.

A proxy may keep the path or take it off: what comes with it loses it here, so every route and address of ours is
written without. `Location` gets it back on the way out; pages put it before their own links.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.auth.proxies import TrustedProxies


class ClientAddresses:
    """ASGI middleware: `scope["client"]` and `scope["scheme"]` as the trusted proxies tell them."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self.app, self.proxies = app, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            peer, _ = scope["client"]
            client, scheme = self.proxies.first_stranger(peer, scope["headers"])
            if client != peer:
                scope["client"] = (client, 0)
            if scheme in ("http", "https"):
                scope["scheme"] = scheme
        await self.app(scope, receive, send)


class RootPath:
    """ASGI middleware: takes the path `root` off a request, and puts it before where an answer leads to."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app, self.root = app, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, sent = scope["path"], scope.get("raw_path", b"")
        if path == self.root or path.startswith(self.root + "/"):
            scope["path"] = path[len(self.root) :] or "/"
            if sent.startswith(self.root.encode()):
                scope["raw_path"] = sent[len(self.root) :] or b"/"

        async def send_rooted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [self._add_root(name, value) for name, value in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_rooted)

    def _add_root(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        is_ours = name.lower() == b"location" and value.startswith(b"/")
        return (name, self.root.encode() + value) if is_ours else (name, value)
