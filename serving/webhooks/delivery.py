"""Sends what lies in the outbox: leases events, posts each, notes how it went. One task a process; ends with it.

At least once: an event counts as sent only after a 2xx, so a receiver may see one twice, under the same
`webhook-id`. The order is not kept. To a receiver that answers 410 nothing more is sent.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx2

from connectors.retry_after import parse_retry_after
from serving.event_log import log_event
from serving.repeating import rest, working
from serving.settings import Settings
from serving.store import Store, StoreUnavailable, outbox
from serving.store.outbox import Attempt, Leased
from serving.webhooks import signing
from serving.webhooks.causes import describe_error
from serving.webhooks.schedule import SCHEDULE, wait_after
from serving.webhooks.trust import ssl_context

TOGETHER = 16
"""Attempts under way at once in a process."""
MOST_ANSWER = 64_000
"""Bytes of an answer that are read, so that the connection can be used again."""
CLEAN_SECONDS = 3600.0
GONE = 410
DISABLED = "the receiver said that it is gone (HTTP 410): nothing is sent to it until `leads webhooks resend`"


@dataclass(frozen=True)
class Receiver:
    """Where events go, signed by each of the secrets."""

    url: str
    secrets: tuple[bytes, ...]
    ca_file: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Receiver | None":
        """The settings' webhook; None where there is none."""
        if settings.webhook_url is None:
            return None
        secrets = signing.parse_secrets(settings.webhook_secrets.get_secret_value())
        return cls(settings.webhook_url, secrets, settings.webhook_ca_file)

    @property
    def name(self) -> str:
        """What the store knows it by; its URL may be secret."""
        return hashlib.sha256(self.url.encode()).hexdigest()


@dataclass(frozen=True)
class Pace:
    """Seconds to wait after each failed attempt, for an answer, and between looks at an outbox that was empty."""

    schedule: Sequence[float] = SCHEDULE
    timeout: float = 10.0
    look_every: float = 1.0


PACE = Pace()


@dataclass(frozen=True)
class _Failure:
    trouble: str
    asked: float | None = None
    is_gone: bool = False


class Delivery:
    """Sends a store's events to a receiver, as one of any number of processes that do."""

    def __init__(
        self,
        store: Store,
        receiver: Receiver,
        client: httpx2.AsyncClient,
        clock: Callable[[], datetime],
        pace: Pace,
    ) -> None:
        self._store, self._receiver, self._client, self._clock = store, receiver, client, clock
        self._pace = pace
        self._clean_at = time.monotonic()

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until told to stop, and end after the attempts that are under way. What fails, fails an attempt."""
        while not stopping.is_set():
            if not await self._guarded_round():
                await rest(stopping, self._pace.look_every)

    async def round(self) -> int:
        """Send what is due, at most `TOGETHER` events; how many these were."""
        await self._clean()
        now = self._clock().timestamp()
        if not await self._store.read(outbox.is_due, now):
            return 0
        leased = await self._store.write(outbox.lease, now, TOGETHER)
        if await self._store.read(outbox.receiver_gone_since, self._receiver.name) is None:
            attempts = await asyncio.gather(*map(self._attempt, leased))
        else:
            attempts = [Attempt(each, DISABLED, None) for each in leased]
        await self._store.write(outbox.settle, attempts, self._clock())
        return len(leased)

    async def _guarded_round(self) -> int:
        try:
            return await self.round()
        except StoreUnavailable as away:
            log_event("webhooks.store_unavailable", logging.WARNING, reason=str(away))
        except Exception as error:  # noqa: BLE001 - a fault here must not end all sending
            log_event("webhooks.failed", logging.ERROR, error)
        return 0

    async def _attempt(self, leased: Leased) -> Attempt:
        failure = await self._post(leased)
        if failure is None:
            return Attempt(leased, None, None)
        if failure.is_gone:
            await self._disable()
            return Attempt(leased, DISABLED, None)
        wait = wait_after(leased.attempts + 1, failure.asked, self._pace.schedule)
        level, name = (logging.ERROR, "webhooks.dead") if wait is None else (logging.WARNING, "webhooks.not_taken")
        log_event(name, level, event_id=leased.event_id, attempts=leased.attempts + 1, trouble=failure.trouble)
        again_at = None if wait is None else self._clock().timestamp() + wait
        return Attempt(leased, failure.trouble, again_at, wait)

    async def _disable(self) -> None:
        if await self._store.write(outbox.mark_receiver_gone, self._receiver.name, self._clock()):
            log_event("webhooks.disabled", logging.ERROR, reason=DISABLED)

    async def _post(self, leased: Leased) -> _Failure | None:
        body = leased.body.encode()
        signed = signing.headers(leased.event_id, body, self._clock().timestamp(), self._receiver.secrets)
        try:
            async with asyncio.timeout(self._pace.timeout):
                return await self._answer_to(body, {"content-type": "application/json", **signed})
        except TimeoutError:
            return _Failure(f"no answer within {self._pace.timeout:g} s")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return _Failure(describe_error(error))

    async def _answer_to(self, body: bytes, headers: dict[str, str]) -> _Failure | None:
        async with self._client.stream("POST", self._receiver.url, content=body, headers=headers) as answer:
            read = 0
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read > MOST_ANSWER:
                    break
        if answer.is_success:
            return None
        asked = parse_retry_after(answer.headers.get("retry-after"), self._clock())
        return _Failure(f"HTTP {answer.status_code}", asked, is_gone=answer.status_code == GONE)

    async def _clean(self) -> None:
        if time.monotonic() >= self._clean_at:
            await self._store.write(outbox.drop_old, self._clock())
            self._clean_at = time.monotonic() + CLEAN_SECONDS


@asynccontextmanager
async def deliver_webhooks(
    store: Store, receiver: Receiver | None, clock: Callable[[], datetime], pace: Pace = PACE
) -> AsyncIterator[None]:
    """Send beside the service, to the end of the block; what is under way then is cut off and sent again later."""
    if receiver is None:
        yield
        return
    trust = ssl_context(receiver.ca_file)
    async with (
        httpx2.AsyncClient(follow_redirects=False, timeout=pace.timeout, trust_env=False, verify=trust) as client,
        working("webhooks", Delivery(store, receiver, client, clock, pace).run),
    ):
        yield
