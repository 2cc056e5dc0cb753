"""One limit over all processes that serve a store: each tells once a second what it let through, and hears the rest.

A key that asks many processes at once gets at most its burst from each within that second; what was too much is a debt
to be waited for, so over a few seconds it gets its rate.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

from serving.auth.rate_limit import RateLimit
from serving.repeating import repeating
from serving.store import Store, request_counts

SHARE_SECONDS = 1.0


class RateSharing:
    """What this process and the others let through."""

    def __init__(self, rates: RateLimit, store: Store) -> None:
        self._rates, self._store = rates, store
        self._known: dict[str, int] | None = None

    async def round(self) -> int:
        """Tell and hear once; always 0, so that the next round waits.

        Raises:
            StoreUnavailable: where the store is away; what was not told then is never told.
        """
        own = self._rates.take_counts()
        if own:
            total = await run_in_threadpool(self._store.write_now, request_counts.add, own)
        else:
            total = await self._store.read(request_counts.read)
        if self._known is not None:
            for key_id, count in total.items():
                others = count - self._known.get(key_id, 0) - own[key_id]
                if others > 0:
                    self._rates.charge(key_id, others)
        self._known = total
        return 0


@asynccontextmanager
async def sharing_rates(rates: RateLimit, store: Store, workers: int) -> AsyncIterator[None]:
    """Share a limit to the end of the block; one process with a file of its own has nobody to share it with."""
    if workers == 1 and store.database.is_sqlite:
        yield
        return
    async with repeating("rates", RateSharing(rates, store).round, SHARE_SECONDS):
        yield
