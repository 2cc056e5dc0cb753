"""How many leads wait: counted each time while they are few, kept for some seconds where that takes a while."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from serving.queue_rules import QueueFilter
from serving.store import Connection, queue

FEW = 20_000
KEPT_SECONDS = 10.0
"""Or twenty times as long as counting took."""
MOST_KEPT = 256

Counts = tuple[int, int]
"""All that the filters let through, and those of them that are overdue."""


class QueueCounts:
    """The counts of each filter; where there are more than a few, those of the last seconds."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._lock = seconds, threading.Lock()
        self._kept: OrderedDict[QueueFilter, tuple[Counts, float]] = OrderedDict()

    def find(self, connection: Connection, ask: QueueFilter, at: datetime) -> Counts:
        """The counts at a moment, or lately."""
        with self._lock:
            counts, until = self._kept.get(ask, ((0, 0), 0.0))
        if self._seconds() < until:
            return counts
        began = self._seconds()
        counts = queue.count(connection, ask, at)
        took = self._seconds() - began
        with self._lock:
            self._kept.pop(ask, None)
            if counts[0] > FEW:
                self._kept[ask] = counts, self._seconds() + max(KEPT_SECONDS, 20 * took)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return counts
