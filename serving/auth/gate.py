"""Who may do what: a request in, its caller out, or a refusal before any of its body is read (a hook's proves it).

Each route says next to itself which scopes it takes; a route of a `KeyedRoute` router that says nothing is not made:

    router = APIRouter(prefix="/v1/leads", tags=["leads"], route_class=KeyedRoute)

    @router.put("/{lead_id}", ...)
    @needs("score")                          # below the router's decorator; admin may always
    async def put_lead(request: Request, ...) -> ...:
        caller = caller_of(request)          # .key_id, .name, .scope

`needs("score", "sales")`, `needs(*ANY)`, `needs("admin")`; `needs(*ANY, by="either")` also takes a signed-in session,
`needs("sales", by="session")` is a page: without a session it leads to the sign-in page, and `session_of(request)` is
the session. The route's 401, 403, 421, 429 and 503 and its security scheme are documented by themselves.
`needs(by="secret")` is a hook, whose route verifies its caller itself, by a connection's secret or signature, and then
counts it by `Gate.count_hook`, or by `Gate.count_wrong_secret`.
While no key was ever created, only a service in open mode answers (`serving.auth.open_mode`), and health.
"""

import asyncio
import base64
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from language.text import mark
from serving.auth.key_cache import KeyCache, live_key
from serving.auth.key_uses import KeyUses
from serving.auth.loopback import is_loopback
from serving.auth.open_mode import check_local
from serving.auth.rate_limit import RateLimit, bucket_of
from serving.auth.rate_sharing import SharedLimits
from serving.auth.sessions import COOKIE, OPEN, SIGN_IN, Caller, Session, Sessions
from serving.errors import OutOfScope, Unauthorized
from serving.health import PATIENCE_SECONDS
from serving.problems import problem_responses
from serving.settings import Settings
from serving.store.errors import StoreUnavailable
from serving.store.keys import Keys, KnownKey, Scope

ANY: tuple[Scope, ...] = ("score", "sales", "team", "report")
NO_KEY_YET = mark("no key was made yet; open the link that `leads serve` printed, or run `leads keys create`")
BODY_METHODS = {"POST", "PUT", "PATCH"}

By = Literal["key", "session", "either", "secret"]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Need:
    """The scopes of which a route's caller has one, and how it shows that."""

    scopes: frozenset[Scope]
    by: By
    without_store: bool = False
    basic: bool = False


def needs(
    *scopes: Scope, by: By = "key", without_store: bool = False, basic: bool = False
) -> Callable[[Endpoint], Endpoint]:
    """Mark a route with the scopes that it takes besides `admin`, and whether by a key or by a person's session.

    Whoever leads a team may do whatever `sales` may. One that works `without_store` takes the keys that were known last
    while the store is away; one that is `basic` takes a key as the password of HTTP Basic too, under any name.
    """

    def add_need(endpoint: Endpoint) -> Endpoint:
        above: set[Scope] = {"team", "admin"} if "sales" in scopes else {"admin"}
        endpoint.need = Need(frozenset(above.union(scopes)), by, without_store, basic)  # type: ignore[attr-defined]
        return endpoint

    return add_need


class KeyedRoute(APIRoute):
    """A route that looks at its caller first; raises `TypeError` where it does not say what it needs."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        need = getattr(endpoint, "need", None)
        if need is None:
            raise TypeError(f"{path}: put @needs(…) below the router's decorator")
        self.need: Need = need
        slow = [408] if BODY_METHODS & set(given.get("methods") or ()) else []
        given["responses"] = problem_responses(401, 403, *slow, 421, 429, 503) | (given.get("responses") or {})
        given["openapi_extra"] = (given.get("openapi_extra") or {}) | {"security": _security(need)}
        super().__init__(path, endpoint, **given)
        taken = "the connection's own secret" if need.by == "secret" else _describe_scopes(need.scopes)
        self.description += f"\n\nTakes {taken}."

    def get_route_handler(self) -> Handler:
        """The route's own handler behind its gate: a dependency would cost 40 µs more."""
        handler, need = super().get_route_handler(), self.need

        async def admitted(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            if (failed := request.scope.get("failed")) is not None:  # on its way past the routes
                raise failed
            try:
                if "caller" not in request.scope:  # put there by the gate alone
                    await gate.admit(request, need)
            except Unauthorized:
                if need.by == "key" or "text/html" not in request.headers.get("accept", ""):
                    raise
                return _redirect_to_sign_in(request)
            return await handler(request)

        return admitted


class Gate:
    """Lets callers through to routes."""

    def __init__(
        self, settings: Settings, ring: KeyCache, sessions: Sessions, uses: KeyUses, limits: SharedLimits
    ) -> None:
        self._ring, self._sessions, self._uses, self._limits = ring, sessions, uses, limits
        self._hook_rates = RateLimit(settings.max_rate, settings.max_rate, time.monotonic)
        self._opens = settings.open and is_loopback(settings.host)

    async def admit(self, request: Request, need: Need) -> None:
        """Find the caller, for `caller_of` and `session_of`, and check that the route is theirs.

        Raises:
            Unauthorized: without a live key or session.
            OutOfScope: where the scope does not cover the route.
            TooManyRequests: beyond the caller's rate.
            WrongHost: in open mode, under a name that others may have.
        """
        if need.by == "secret":
            return
        caller = await self._identify_caller(request, need)
        self._limits.requests.take(caller.key_id)
        if caller.scope not in need.scopes:
            raise OutOfScope(
                f"a key of scope `{caller.scope}` may not do this; it takes {_describe_scopes(need.scopes)}",
                _in_order(need.scopes)[0],
            )
        request.scope["caller"] = caller
        if caller is not OPEN:
            self._uses.note(caller.key_id)

    def count_hook(self, connection: str) -> None:
        """Count a message that a connection's secret proved to be its CRM's; raises `TooManyRequests`."""
        self._hook_rates.take(connection)

    def count_wrong_secret(self, address: str) -> None:
        """Count a message of nobody known, by its address, with wrong keys at the sign-in; raises `TooManyRequests`."""
        self._limits.wrong_keys.take(bucket_of(address))

    async def _identify_caller(self, request: Request, need: Need) -> Caller:
        by = need.by
        keys = await self._read_keys(need)
        if not keys and self._opens:
            check_local(request)
            if by != "key" and not need.without_store:
                request.scope["session"] = await self._sessions.open_anonymous()
            return OPEN
        if not keys:
            raise Unauthorized(NO_KEY_YET)
        sent = request.headers.get("authorization")
        if by == "session" or (by == "either" and sent is None):
            session = await self._sessions.find(request.cookies.get(COOKIE))
            if session is None:
                raise Unauthorized(f"sign in at {SIGN_IN}" + (" or send a key" if by == "either" else ""))
            request.scope["session"] = session
            return session.caller
        return Caller.of(_sent_key(keys, _bearer_of(sent) if need.basic else sent))

    async def _read_keys(self, need: Need) -> Keys:
        """The keys; those of before where the store is away, and the route works without."""
        if not need.without_store:
            return await self._ring.keys()
        try:
            return await asyncio.wait_for(self._ring.keys(), PATIENCE_SECONDS)
        except (StoreUnavailable, TimeoutError) as away:
            if self._ring.last is None:
                raise StoreUnavailable from away
            return self._ring.last


def caller_of(request: Request) -> Caller:
    """Who asks, on a route that `needs` a scope."""
    return cast(Caller, request.scope["caller"])


def session_of(request: Request) -> Session:
    """The signed-in person's session, on a route that is reached by session."""
    return cast(Session, request.scope["session"])


def _bearer_of(authorization: str | None) -> str | None:
    """HTTP Basic's password as a bearer; any other header as it is."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return authorization
    try:
        return f"Bearer {base64.b64decode(encoded.strip(), validate=True).decode().partition(':')[2]}"
    except ValueError:
        return None


def _sent_key(keys: Keys, authorization: str | None) -> KnownKey:
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("send the header Authorization: Bearer leads_…; `leads keys create` makes a key")
    known = live_key(keys, key.strip())
    if known is None:
        raise Unauthorized("this key is not known, or was revoked")
    return known


def _redirect_to_sign_in(request: Request) -> Response:
    """To the sign-in page, and from there back to where one wanted to look."""
    path = request.scope["raw_path"].decode("ascii")
    asked = path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?next={quote(asked)}" if request.method == "GET" else ""
    return RedirectResponse(SIGN_IN + back, 303)


def _describe_scopes(scopes: frozenset[Scope]) -> str:
    return "a key of scope " + " or ".join(f"`{scope}`" for scope in _in_order(scopes))


def _in_order(scopes: frozenset[Scope]) -> list[Scope]:
    return sorted(scopes, key=[*ANY, "feed", "admin"].index)


def _security(need: Need) -> list[dict[str, list[str]]]:
    schemes = {"key": ("key",), "session": ("session",), "either": ("key", "session"), "secret": ("secret",)}
    return [{scheme: sorted(need.scopes)} for scheme in schemes[need.by]]
