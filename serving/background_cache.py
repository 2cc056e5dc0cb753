"""Values that take longer than a request may: made in a thread, kept, and made anew while the old one still serves."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from serving.event_log import log_event

STOP_SECONDS = 5.0
NEVER = (None, float("-inf"))
"""No value, due at once."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BackgroundCache(Generic[Key, Value]):
    """The newest `make(key)` of up to `most` keys, made one after the other beside the requests.

    One that is older than `seconds` is still shown while it is made anew. Where making it raises, that is logged as
    `event`, the value goes on as it was (`failed` where there was none), and it is tried again after `retry_seconds`.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[Key], Value],
        seconds: float,
        *,
        failed: Value | None = None,
        retry_seconds: float | None = None,
        most: int = 1,
        event: str = "pages.not_refreshed",
        level: int = logging.INFO,
    ) -> None:
        self._name, self._make, self._failed, self._most = name, make, failed, most
        self._event, self._level = event, level
        self._seconds, self._retry_seconds = seconds, seconds if retry_seconds is None else retry_seconds
        self._kept: OrderedDict[Key, tuple[Value | None, float]] = OrderedDict()
        self._asked: OrderedDict[Key, None] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._maker: threading.Thread | None = None
        self._closed = False

    def find(self, key: Key) -> Value | None:
        """The value that was made last; None while the first one is being made."""
        with self._lock:
            value, due = self._kept.get(key, NEVER)
            if time.monotonic() < due:
                self._kept.move_to_end(key)
            elif not self._closed:
                if len(self._asked) < self._most:
                    self._asked.setdefault(key)
                if self._maker is None:
                    self._maker = threading.Thread(target=self._make_until_done, name=self._name, daemon=True)
                    self._maker.start()
            return value

    async def find_fresh(self, key: Key, grace_seconds: float = 0.0) -> Value | None:
        """As `find`; one that has been due for `grace_seconds` is made anew first, unless that is under way."""
        with self._lock:
            is_old = time.monotonic() >= self._kept.get(key, NEVER)[1] + grace_seconds
        if is_old:
            await run_in_threadpool(self.refresh, key)
        return self.find(key)

    def refresh(self, key: Key) -> None:
        """Make it now, where nothing is being made. Never raises."""
        if self._making.acquire(blocking=False):
            try:
                self._keep_newest(key)
            finally:
                self._making.release()

    def close(self) -> None:
        """Make nothing more, and wait a little for what is being made: it may use what is closed next."""
        self._closed = True
        if self._making.acquire(timeout=STOP_SECONDS):
            self._making.release()

    def _make_until_done(self) -> None:
        """Make what is asked for until nothing is."""
        while True:
            with self._lock:
                if self._closed or not self._asked:
                    self._maker = None
                    return
                key = next(iter(self._asked))
            with self._making:
                _, due = self._kept.get(key, NEVER)
                if time.monotonic() >= due:  # it may have been refreshed meanwhile
                    self._keep_newest(key)
            with self._lock:
                del self._asked[key]

    def _keep_newest(self, key: Key) -> None:
        if self._closed:
            return
        value: Value | None
        try:
            value, seconds = self._make(key), self._seconds
        except Exception as error:  # noqa: BLE001 - told, and tried again
            log_event(self._event, self._level, error, what=self._name)
            value, seconds = self._kept.get(key, (self._failed, 0.0))[0], self._retry_seconds
        with self._lock:
            self._kept[key] = (value, time.monotonic() + seconds)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
