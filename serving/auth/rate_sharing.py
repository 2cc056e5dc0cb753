"""Limits over all processes that serve a store: each tells once a second what it let through, and hears the rest.

Whoever asks many processes at once gets at most the burst from each within that second; what was too much is a debt
to be waited for, so over a few seconds they get their rate.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from serving.auth.rate_limit import RateLimit
from serving.repeating import repeating
from serving.store import Store, request_counts

SHARE_SECONDS = 1.0


@dataclass(frozen=True)
class SharedLimits:
    """What is limited over all processes: each key's requests, and wrong keys and secrets by `bucket_of` address."""

    requests: RateLimit
    wrong_keys: RateLimit


class RateSharing:
    """What this process and the others let through."""

    def __init__(self, limits: SharedLimits, store: Store) -> None:
        self._by_kind, self._store = {"": limits.requests, "sign-in": limits.wrong_keys}, store
        self._known: dict[str, int] | None = None

    async def round(self) -> int:
        """Tell and hear once; always 0, so that the next round waits.

        Raises:
            StoreUnavailable: where the store is away; what was not told then is never told.
        """
        own = self._take_counts()
        if own:
            total = await run_in_threadpool(self._store.write_now, request_counts.add, own)
        else:
            total = await self._store.read(request_counts.read)
        if self._known is not None:
            for name, count in total.items():
                self._charge(name, count - self._known.get(name, 0) - own[name])
        self._known = total
        return 0

    def _take_counts(self) -> Counter[str]:
        """What this process let through since the last round, by the store's names: a kind, if any, and who asked."""
        counts = {kind: limit.take_counts() for kind, limit in self._by_kind.items()}
        return Counter({f"{kind} {asker}".lstrip(): n for kind, taken in counts.items() for asker, n in taken.items()})

    def _charge(self, name: str, others: int) -> None:
        """Take from an asker's bucket what other processes let through."""
        kind, _, asker = name.rpartition(" ")
        limit = self._by_kind.get(kind)  # none where a newer replica limits what this one does not know
        if limit is not None and others > 0:
            limit.charge(asker, others)


@asynccontextmanager
async def sharing_rates(limits: SharedLimits, store: Store, workers: int) -> AsyncIterator[None]:
    """Share limits to the end of the block; one process with a file of its own has nobody to share them with."""
    if workers == 1 and store.database.is_sqlite:
        yield
        return
    async with repeating("rates", RateSharing(limits, store).round, SHARE_SECONDS):
        yield
