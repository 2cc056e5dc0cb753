"""How often somebody may ask: a token bucket for each, in this process.

Where other processes let the same askers through, `serving.auth.rate_sharing` takes from the buckets what those did.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from hashlib import sha256

from language.text import mark
from serving.errors import TooManyRequests

MOST_BUCKETS = 10_000
"""Beyond this the one that asked longest ago is forgotten, which only gives it a full bucket."""


ADDRESS_BUCKETS = 1_024
"""As many rows at most do network addresses take in the store, which never learns one."""


class RateLimit:
    """Lets each asker through `per_second` times a second, and `burst` times at once."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second, self._burst, self._clock = per_second, max(1.0, burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._taken: Counter[str] | None = None

    def take(self, asker: str) -> None:
        """Count one more request.

        Raises:
            TooManyRequests: saying when the next one is taken.
        """
        now = self._clock()
        tokens, at = self._buckets.get(asker, (self._burst, now))
        tokens = min(self._burst, tokens + self._per_second * (now - at))
        if tokens < 1:
            seconds = (1 - tokens) / self._per_second
            raise TooManyRequests(mark("more requests than are taken from one caller; see Retry-After"), seconds)
        if self._taken is not None:
            self._taken[asker] += 1
        self._put(asker, tokens - 1, now)

    def take_counts(self) -> Counter[str]:
        """How many requests of each asker were let through since this was asked last; counted from the first time."""
        taken, self._taken = self._taken, Counter()
        return taken or Counter()

    def charge(self, asker: str, requests: int) -> None:
        """Take from an asker's bucket what other processes let through, also where that leaves a debt."""
        now = self._clock()
        tokens, at = self._buckets.get(asker, (self._burst, now))
        self._put(asker, min(self._burst, tokens + self._per_second * (now - at)) - requests, now)

    def _put(self, asker: str, tokens: float, now: float) -> None:
        self._buckets[asker] = tokens, now
        self._buckets.move_to_end(asker)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)


def bucket_of(address: str) -> str:
    """The bucket, of `ADDRESS_BUCKETS`, in which a network address counts, with the few others that share it."""
    return str(int.from_bytes(sha256(address.encode()).digest()[:8]) % ADDRESS_BUCKETS)
