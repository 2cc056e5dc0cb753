"""Values that take longer than a page may: made in a thread, kept, and made anew while the old one still serves."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from serving.event_log import log_event

STOP_SECONDS = 5.0

T = TypeVar("T")


class CachedValue(Generic[T]):
    """The newest value of `make`; older than `seconds`, it is made again beside the requests."""

    def __init__(self, name: str, make: Callable[[], T], seconds: float) -> None:
        self._name, self._make, self._seconds = name, make, seconds
        self._value: T | None = None
        self._made = float("-inf")
        self._making = threading.Lock()
        self._closed = False

    @property
    def value(self) -> T | None:
        """What was made last; None while nothing was."""
        is_due = time.monotonic() - self._made > self._seconds
        if is_due and not self._closed and not self._making.locked():
            threading.Thread(target=self.refresh, name=self._name, daemon=True).start()
        return self._value

    def refresh(self) -> None:
        """Make it now. Never raises: whatever is wrong, the old value goes on."""
        if not self._making.acquire(blocking=False):
            return
        try:
            if self._closed:
                return
            self._value = self._make()
        except Exception as error:  # noqa: BLE001 - told, and tried again when the old value is due
            log_event("pages.not_refreshed", error=error, what=self._name)
        finally:
            self._made = time.monotonic()
            self._making.release()

    def close(self) -> None:
        """Make nothing more, and wait for what is being made: it may use what is closed next."""
        self._closed = True
        if self._making.acquire(timeout=STOP_SECONDS):
            self._making.release()
