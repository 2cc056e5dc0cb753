"""How often somebody may ask: a token bucket for each, in this process."""

from collections import OrderedDict
from collections.abc import Callable

from language.text import mark
from serving.errors import TooManyRequests

MOST_BUCKETS = 10_000
"""Beyond this the one that asked longest ago is forgotten, which only gives it a full bucket."""


class RateLimit:
    """Lets each asker through `per_second` times a second, and `burst` times at once."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second, self._burst, self._clock = per_second, max(1.0, burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

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
        self._buckets[asker] = tokens - 1, now
        self._buckets.move_to_end(asker)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
