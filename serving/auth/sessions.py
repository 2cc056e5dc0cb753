"""Sign-ins of people: a key in, a signed cookie out, and from the cookie who it is.

A session names its key and is looked up with it at each request, so it ends with the key, or once somebody signed out,
in every process. Used by pages so:

    value = await sessions.sign_in(key, address)   # raises Unauthorized, TooManyRequests
    keep(response, request, value, settings)       # sets the cookie; `forget(response, settings)` removes it
    await sessions.end(session)                    # and no copy of the cookie is good for anything
    session.csrf_token                             # a hidden field of every form …
    check_csrf(session, form.get("csrf"))          # … and back; raises Forbidden
    where = safe_return_path(request.query_params.get("next"))
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadData, URLSafeTimedSerializer

from language.text import mark
from serving.auth.key_cache import KeyCache, live_key
from serving.auth.loopback import is_loopback, without_port
from serving.auth.rate_limit import RateLimit, bucket_of
from serving.errors import Forbidden, HttpsNeeded, Unauthorized
from serving.settings import Settings
from serving.store import ended_sessions
from serving.store.keys import Keys, KnownKey, Scope, get_or_make_secret
from serving.store.store import Store

COOKIE = "leads_session"
SIGN_IN = "/sign-in"
NO_TLS = mark(
    "this page came without https, so a browser keeps no sign-in, and a key that is typed here can be read on its way; "
    "serve it behind https, or set LEADS_PLAIN_HTTP=true on a network where nobody listens"
)
WRONG_KEYS_A_SECOND, WRONG_KEYS_AT_ONCE = 0.2, 10


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key, by itself or through a person who signed in with it."""

    key_id: str
    name: str
    scope: Scope

    @classmethod
    def of(cls, key: KnownKey) -> "Caller":
        """The caller that sent this key."""
        return cls(key.key_id, key.name, key.scope)


OPEN = Caller("open", "this machine", "admin")
"""Whoever asks while no key was ever created."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a person."""

    caller: Caller
    csrf_token: str
    session_id: str


class Sessions:
    """Signs people in and knows them again."""

    def __init__(
        self, store: Store, ring: KeyCache, settings: Settings, clock: Callable[[], datetime], wrong_keys: RateLimit
    ) -> None:
        self._store, self._ring, self._seconds = store, ring, round(3600 * settings.session_hours)
        self._clock, self._wrong_keys = clock, wrong_keys
        self._kept: str | None = None

    async def sign_in(self, key: str, address: str) -> str:
        """The cookie's value for a live key, asked for from a network address.

        A good key is never counted: colleagues share an address, and a key of 256 bits is not found by trying.

        Raises:
            Unauthorized: where the key is none of ours, or revoked.
            TooManyRequests: after too many wrong keys from one address.
        """
        known = live_key(await self._ring.keys(), key.strip())
        if known is None:
            self._wrong_keys.take(bucket_of(address))
            raise Unauthorized("this key is not known, or was revoked")
        return await self.open_for(known.key_id)

    async def open_for(self, key_id: str) -> str:
        """The cookie's value for a key that whoever asks has shown to be theirs."""
        value = _signer(await self._read_secret()).dumps([key_id, secrets.token_urlsafe(16)])
        return value.decode() if isinstance(value, bytes) else value

    async def find(self, cookie: str | None) -> Session | None:
        """The session behind a cookie; None where it is not ours, ran out, or its key was revoked."""
        if not cookie:
            return None
        secret = await self._read_secret()
        try:
            key_id, session_id = _signer(secret).loads(cookie, max_age=self._seconds)
        except BadData:
            return None
        keys = await self._ring.keys()
        known = keys.get(key_id)
        if known is None or known.revoked or await self._store.read(ended_sessions.has_ended, session_id):
            return None
        return _make_session(secret, Caller(known.key_id, _own_name(known, keys), known.scope), session_id)

    async def end(self, session: Session) -> None:
        """End a sign-in, in every process, before this returns."""
        if session.caller != OPEN:
            now = self._clock()
            until = now + timedelta(seconds=self._seconds)
            await self._store.write(ended_sessions.end, session.session_id, until, now)

    async def has_keys(self) -> bool:
        """Whether a key was ever created."""
        return bool(await self._ring.keys())

    async def open_anonymous(self) -> Session:
        """The session of whoever is on this machine while no key was ever created."""
        return _make_session(await self._read_secret(), OPEN, "open")

    async def _read_secret(self) -> str:
        if self._kept is None:
            self._kept = await self._store.write(get_or_make_secret, "sessions")
        return self._kept


def check_csrf(session: Session, brought: object) -> None:
    """Compare, in constant time, what a form brought.

    Raises:
        Forbidden: where it is not this session's.
    """
    token = brought if isinstance(brought, str) else ""
    if not hmac.compare_digest(session.csrf_token.encode(), token.encode()):
        raise Forbidden(mark("the form was not made for this sign-in; load the page again, then send it"))


def keep(response: Response, request: Request, value: str, settings: Settings) -> None:
    """Set the session's cookie; only a browser on this machine may send it without TLS, unless the settings say so.

    Raises:
        HttpsNeeded: where the browser came without TLS, and so would drop the cookie without a word.
    """
    is_secure = not (settings.plain_http or _is_on_this_machine(request))
    if is_secure and _came_without_tls(request):
        raise HttpsNeeded(NO_TLS)
    response.set_cookie(
        COOKIE,
        value,
        max_age=round(3600 * settings.session_hours),
        path=settings.root_path or "/",
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, settings: Settings) -> None:
    """Remove the session's cookie."""
    response.delete_cookie(COOKIE, path=settings.root_path or "/", httponly=True, samesite="lax")


def is_probably_plain_http(request: Request, settings: Settings) -> bool:
    """Whether a browser that asks for a page would lose its cookie.

    What comes through a TLS proxy looks the same to us, but browsers of today say over TLS which site they come from.
    """
    if settings.plain_http or _is_on_this_machine(request):
        return False
    return request.url.scheme == "http" and "sec-fetch-site" not in request.headers


def _came_without_tls(request: Request) -> bool:
    """Whether the form was sent without TLS: its origin is the browser's own view of that, whatever stands between."""
    origin = request.headers.get("origin", "null")
    return (request.url.scheme if origin == "null" else urlsplit(origin).scheme) == "http"


def _is_on_this_machine(request: Request) -> bool:
    return is_loopback(without_port(request.headers.get("host", "")))


def safe_return_path(asked: str | None) -> str:
    """Where to go after the sign-in: a path of this service, never another site."""
    path = asked or "/"
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, "session", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"})


def _make_session(secret: str, caller: Caller, session_id: str) -> Session:
    """The form token follows from the session's id and the secret, so that nothing is kept for it."""
    csrf_token = hmac.digest(secret.encode(), f"csrf {session_id}".encode(), "sha256").hex()
    return Session(caller, csrf_token, session_id)


def _own_name(key: KnownKey, keys: Keys) -> str:
    """The name under which its holder claims. Keys made before names were unique may share one; then the id tells."""
    name = key.name.casefold()
    is_shared = any(not other.revoked and other.name.casefold() == name for other in keys.values() if other is not key)
    return f"{key.name} ({key.key_id})" if is_shared else key.name
