"""A CRM's API over HTTP: one call, paced, its answer read, and every way in which it can fail told apart."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import httpx2

from connectors.http_failures import AccessRefused, BatchRefused, NotTaken, check_status

TIMEOUT_SECONDS = 30.0
LONGEST_WAIT = 120.0
"""Seconds that a CRM may ask a command to wait; for more, the command ends and is run again."""


class Throttle:
    """Keeps calls at least so many seconds apart, whoever makes them."""

    def __init__(self, per_second: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._gap, self._sleep = 1.0 / per_second, sleep
        self._next, self._lock = 0.0, threading.Lock()

    def wait(self) -> None:
        """Wait for one's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)


@dataclass(frozen=True)
class Patience:
    """Seconds to wait after each failed attempt of a call, and who waits; by default no attempt is repeated."""

    waits: tuple[float, ...] = ()
    sleep: Callable[[float], None] = time.sleep


AT_ONCE = Patience()
PATIENT = Patience((1.0, 5.0, 20.0, 60.0))
"""For a command that somebody waits for."""


class Authorization(Protocol):
    """Who gives a call its headers."""

    def authorize(self, api: "CrmApi") -> Mapping[str, str]:
        """The headers of a call."""

    def renew(self, api: "CrmApi") -> bool:
        """Whether there is another token, where the one of before was refused."""


class CrmApi:
    """Calls a CRM at its endpoint. A redirect is not followed, for a token must not travel elsewhere."""

    def __init__(
        self,
        endpoint: str,
        authorization: Authorization,
        per_second: float,
        patience: Patience = AT_ONCE,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._endpoint, self._authorization, self._patience = endpoint, authorization, patience
        self._throttle = Throttle(per_second)
        self._client = httpx2.Client(timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def call(
        self,
        method: str,
        path: str,
        content: object = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON that a call is answered with; None for an answer without a body. `headers` stand beside the token's.

        Raises:
            NotTaken: where the CRM is away or busy, after the last attempt.
            AccessRefused: where the token is refused, or may not do this.
            BatchRefused: where the CRM does not take the call as it is.
        """
        for wait in (*self._patience.waits, None):
            try:
                return self._authorized(method, path, content, params, headers or {})
            except NotTaken as failed:
                asked = failed.wait or 0.0
                if wait is None or asked > LONGEST_WAIT:
                    raise
                self._patience.sleep(max(wait, asked))
        raise AssertionError("unreachable")

    def _authorized(
        self, method: str, path: str, content: object, params: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Any:
        """The call once more where its token ran out and another is to be had."""
        try:
            return self.send(method, path, {**headers, **self._authorization.authorize(self)}, content, params)
        except AccessRefused:
            if not self._authorization.renew(self):
                raise
            return self.send(method, path, {**headers, **self._authorization.authorize(self)}, content, params)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: object = None,
        params: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Any:
        """One attempt, with headers that are given; raises as `call`."""
        self._throttle.wait()
        try:
            answer = self._client.request(
                method, self._endpoint + path, headers=dict(headers), params=params, data=form, **_body(content)
            )
            text = answer.text
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise NotTaken(f"no whole answer ({type(error).__name__})") from None
        check_status(answer.status_code, answer.headers.get("retry-after"))
        if not text.strip():
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise NotTaken("an answer that is no JSON") from None


@contextmanager
def expecting_known_shapes() -> Iterator[None]:
    """Take answers of other shapes than are known for refusals: a CRM may change its API at any time."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as odd:
        raise BatchRefused(f"an answer of another shape than is known ({type(odd).__name__})") from odd


def _body(content: object) -> dict[str, Any]:
    return {} if content is None else {"json": content}


def get_list(answer: object, *path: str) -> list[Any]:
    """The list at a path of an answer; raises `BatchRefused` where the answer is of another shape than is known."""
    found: object = answer
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise BatchRefused(f"an answer without {'.'.join(path)}: has the CRM's API changed?")
    return found
