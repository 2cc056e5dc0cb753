"""Work beside the requests until the service stops: a task of its own, or rounds one after the other."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from serving.event_log import log_event
from serving.store import StoreUnavailable

STOP_SECONDS = 2.0


@asynccontextmanager
async def working(name: str, run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run a task to the end of the block, where the event that it was given tells it to stop."""
    stopping = asyncio.Event()
    task = asyncio.create_task(run(stopping), name=name)
    try:
        yield
    finally:
        stopping.set()  # rather than cancelled, which would leave a connection in a thread's hands
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        task.cancel()  # for what hangs all the same
        await asyncio.gather(task, return_exceptions=True)


async def rest(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


@asynccontextmanager
async def repeating(name: str, work: Callable[[], Awaitable[int]], look_every: float) -> AsyncIterator[None]:
    """Do rounds of work to the end of the block; after one that found nothing, the next comes `look_every` later.

    What fails is logged as `name.failed`, and the work goes on.
    """
    async with working(name, partial(_repeat, name, work, look_every)):
        yield


async def _repeat(name: str, work: Callable[[], Awaitable[int]], look_every: float, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        done = 0
        try:
            done = await work()
        except StoreUnavailable as away:
            log_event(f"{name}.store_unavailable", logging.WARNING, reason=str(away))
        except Exception as error:  # noqa: BLE001 - a fault here must not end all later work
            log_event(f"{name}.failed", logging.ERROR, error)
        if not done:
            await rest(stopping, look_every)
