"""Sign-ins of people: a key in, a signed cookie out, and from the cookie who it is.

A session names its key and is looked up with it at each request, so it ends with the key. Used by pages so:

    value = await sessions.sign_in(key, address)   # raises KeyRefused, TooManyRequests
    keep(response, request, value, settings)       # sets the cookie; `forget(response)` removes it
    session.csrf_token                             # a hidden field of every form …
    check_csrf(session, form.get("csrf"))          # … and back; raises NotAllowed
    where = return_to(request.query_params.get("next"))
"""

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadData, URLSafeTimedSerializer

from serving.access.key_ring import KeyRing, live_key
from serving.access.loopback import is_loopback, without_port
from serving.access.rates import Rates
from serving.errors import KeyRefused, NotAllowed
from serving.settings import Settings
from serving.store.keys import KnownKey, Scope, secret_of
from serving.store.store import Store

COOKIE = "leads_session"
SIGN_IN = "/sign-in"
ATTEMPTS_A_SECOND, ATTEMPTS_AT_ONCE = 0.2, 10


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


class Sessions:
    """Signs people in and knows them again."""

    def __init__(self, store: Store, ring: KeyRing, settings: Settings) -> None:
        self._store, self._ring, self._seconds = store, ring, round(3600 * settings.session_hours)
        self._attempts = Rates(ATTEMPTS_A_SECOND, ATTEMPTS_AT_ONCE, time.monotonic)
        self._kept: str | None = None

    async def sign_in(self, key: str, address: str) -> str:
        """The cookie's value for a live key, asked for from a network address.

        Raises:
            KeyRefused: where the key is none of ours, or revoked.
            TooManyRequests: after too many attempts from one address.
        """
        self._attempts.take(address)
        known = live_key(await self._ring.keys(), key.strip())
        if known is None:
            raise KeyRefused("this key is not known, or was revoked")
        value = _signer(await self._secret()).dumps([known.key_id, secrets.token_urlsafe(16)])
        return value.decode() if isinstance(value, bytes) else value

    async def find(self, cookie: str | None) -> Session | None:
        """The session behind a cookie; None where it is not ours, ran out, or its key was revoked."""
        if not cookie:
            return None
        secret = await self._secret()
        try:
            key_id, session_id = _signer(secret).loads(cookie, max_age=self._seconds)
        except BadData:
            return None
        known = (await self._ring.keys()).get(key_id)
        return None if known is None or known.revoked else _session(secret, Caller.of(known), session_id)

    async def opened(self) -> Session:
        """The session of whoever is on this machine while no key was ever created."""
        return _session(await self._secret(), OPEN, "open")

    async def _secret(self) -> str:
        if self._kept is None:
            self._kept = await self._store.write(secret_of, "sessions")
        return self._kept


def check_csrf(session: Session, brought: object) -> None:
    """Compare, in constant time, what a form brought.

    Raises:
        NotAllowed: where it is not this session's.
    """
    token = brought if isinstance(brought, str) else ""
    if not hmac.compare_digest(session.csrf_token.encode(), token.encode()):
        raise NotAllowed("the form was not made for this sign-in; load the page again, then send it")


def keep(response: Response, request: Request, value: str, settings: Settings) -> None:
    """Set the session's cookie; only a browser on this machine may send it without TLS."""
    response.set_cookie(
        COOKIE,
        value,
        max_age=round(3600 * settings.session_hours),
        secure=not is_loopback(without_port(request.headers.get("host", ""))),
        httponly=True,
        samesite="lax",
    )


def forget(response: Response) -> None:
    """Remove the session's cookie."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def return_to(asked: str | None) -> str:
    """Where to go after the sign-in: a path of this service, never another site."""
    path = asked or "/"
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, "session", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"})


def _session(secret: str, caller: Caller, session_id: str) -> Session:
    """The form token follows from the session's id and the secret, so that nothing is kept for it."""
    return Session(caller, hmac.digest(secret.encode(), f"csrf {session_id}".encode(), "sha256").hex())
