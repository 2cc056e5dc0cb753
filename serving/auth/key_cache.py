"""The keys as they are now: every request sees what was committed before it arrived, so revocation works at once.

A caller never takes the answer to a question that was asked before it came, but those that wait share one. An SQLite
file is looked at in passing, which costs microseconds; a server elsewhere is asked in a thread.
"""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor

from serving.store.key_reads import KeyReads
from serving.store.keys import Keys, KnownKey, hash_key, id_of

_NOBODY = hash_key("")


class KeyCache:
    """All keys, never out of date."""

    def __init__(self, reads: KeyReads) -> None:
        self._reads = reads
        self._thread = ThreadPoolExecutor(1, "keys")
        self._seen: Keys | None = None
        self.last: Keys | None = None
        """What was read last, for what must work while the store is away."""
        self._asked: asyncio.Task[Keys] | None = None
        self._next: asyncio.Task[Keys] | None = None

    async def keys(self) -> Keys:
        """Every key ever created, from a read that began after this call.

        Raises:
            StoreUnavailable: where the database cannot be reached.
        """
        if self._seen is not None:
            return self._seen
        found = self._reads.at_once()
        if found is None:
            return await self._join_read()
        self._seen = self.last = found
        asyncio.get_running_loop().call_soon(self._look_again)  # runs behind all that had come by now
        return found

    def _look_again(self) -> None:
        self._seen = None

    async def _join_read(self) -> Keys:
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._read_after(self._asked))
        return await asyncio.shield(self._next)

    async def _read_after(self, asked: "asyncio.Task[Keys] | None") -> Keys:
        if asked is not None and not asked.done():
            await asyncio.wait([asked])
        self._asked, self._next = self._next, None  # from here on whoever comes is too late for this answer
        self.last = await asyncio.get_running_loop().run_in_executor(self._thread, self._reads.read)
        return self.last

    def close(self) -> None:
        """Give the connection back."""
        self._thread.shutdown()
        self._reads.close()


def live_key(keys: Keys, key: str) -> KnownKey | None:
    """The known and live key that was sent.

    Takes the same steps, with a comparison in constant time, whether or not there is a key of that id.
    """
    known = keys.get(id_of(key))
    same = hmac.compare_digest(hash_key(key), known.hash if known else _NOBODY)
    return known if same and known is not None and not known.revoked else None
