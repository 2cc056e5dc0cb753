"""Notices that the machine's clock was set back, and then shortens what would wait too long. Beside the requests."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

from serving.event_log import log_event
from serving.repeating import rest, working
from serving.store import Store, StoreUnavailable, overlong_waits

LOOK_SECONDS = 1.0
STEP_SECONDS = 2.0
"""Corrections of a clock that runs are smaller, and do no harm."""


class ClockSteps:
    """Compares the clock with one that nobody sets."""

    def __init__(self, clock: Callable[[], datetime], seconds: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._seconds = clock, seconds
        self._ahead = self._now_ahead()

    def seconds_back(self) -> float:
        """By how much the clock was set back since this was asked last; 0 where it was not."""
        before, self._ahead = self._ahead, self._now_ahead()
        back = before - self._ahead
        return back if back > STEP_SECONDS else 0.0

    def _now_ahead(self) -> float:
        return self._clock().timestamp() - self._seconds()


@asynccontextmanager
async def watch_clock(store: Store, clock: Callable[[], datetime], lease: timedelta) -> AsyncIterator[None]:
    """Shorten what waits too long: at the start, and when the clock was set back; to the end of the block."""
    async with working("clock-steps", partial(_watch, store, clock, lease)):
        yield


async def _watch(store: Store, clock: Callable[[], datetime], lease: timedelta, stopping: asyncio.Event) -> None:
    steps = ClockSteps(clock)
    is_due = True
    while not stopping.is_set():
        back = steps.seconds_back()
        if back:
            log_event("clock.set_back", logging.WARNING, seconds=round(back, 1))
        if back or is_due:
            is_due = not await _shorten_waits(store, lease, clock())
        await rest(stopping, LOOK_SECONDS)


async def _shorten_waits(store: Store, lease: timedelta, now: datetime) -> bool:
    """Whether it could be done; where the store is away it is tried again."""
    try:
        if await store.read(overlong_waits.has_any, lease, now):
            count = await store.write(overlong_waits.shorten_all, lease, now)
            log_event("clock.waits_shortened", waits=count)
    except StoreUnavailable:
        return False
    except Exception as error:  # noqa: BLE001 - told; the next step of the clock is another chance
        log_event("clock.waits_not_shortened", logging.ERROR, error)
    return True
