"""Which keys were used lately: noted in passing, written to the store once a minute, beside the requests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from serving.event_log import log_event
from serving.repeating import rest, working
from serving.store import Store, StoreUnavailable, key_uses

WRITE_SECONDS = 60.0


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

    async def run(stopping: asyncio.Event) -> None:
        is_last = False
        while not is_last:
            await rest(stopping, seconds)
            is_last = stopping.is_set()
            await uses.write(store, clock())

    async with working("key-uses", run):
        yield
