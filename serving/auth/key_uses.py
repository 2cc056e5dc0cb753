"""Which keys were used lately: noted in passing, written to the store once a minute, beside the requests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from serving.event_log import log_event
from serving.store import Store, StoreUnavailable, key_uses

WRITE_SECONDS = 60.0
STOP_SECONDS = 2.0


class KeyUses:
    """The keys that were used since they were written last."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def note(self, key_id: str) -> None:
        """Note that a key was used just now."""
        self._used.add(key_id)

    async def write(self, store: Store, now: datetime) -> None:
        """Write what was noted; where the store is away, it is written next time."""
        used = set(self._used)
        try:
            if used:
                await store.write(key_uses.note, used, now)
        except StoreUnavailable:
            return
        except Exception as error:  # noqa: BLE001 - told; whoever works does not wait for it
            log_event("keys.uses_not_written", logging.ERROR, error)
            return
        self._used -= used


@asynccontextmanager
async def write_key_uses(
    uses: KeyUses, store: Store, clock: Callable[[], datetime], seconds: float = WRITE_SECONDS
) -> AsyncIterator[None]:
    """Write what is noted again and again, and once more at the end of the block."""
    stopping = asyncio.Event()

    async def run() -> None:
        is_last = False
        while not is_last:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), seconds)
            is_last = stopping.is_set()
            await uses.write(store, clock())

    task = asyncio.create_task(run(), name="key-uses")
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
