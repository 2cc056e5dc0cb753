"""Erased rows leave SQLite's write-ahead log, also where a reader holds it when they are erased: it is tried again."""

import logging
import threading
from collections.abc import Callable

from serving.event_log import log_event
from serving.store.errors import StoreUnavailable

AGAIN_SECONDS = 1.0
MOST_SECONDS = 30.0
STOP_SECONDS = 2.0


class LogTruncation:
    """Empties the log when it starts and after each `ask`; tries again, ever more rarely, until it could.

    `forget` says whether it could. What an earlier process could not is done at the start.
    """

    def __init__(self, forget: Callable[[], bool], again_seconds: float = AGAIN_SECONDS) -> None:
        self._forget, self._again_seconds = forget, again_seconds
        self._asked, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._truncate_until_stopped, name="store-forgetting", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._asked.set()
        self._thread.start()

    def stop(self) -> None:
        """End; what is not forgotten by then is when the service starts again."""
        self._stopped.set()
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def ask(self) -> None:
        """Have it tried soon."""
        self._asked.set()

    def _truncate_until_stopped(self) -> None:
        while self._asked.wait() and not self._stopped.is_set():
            self._asked.clear()
            self._truncate_with_retries()

    def _truncate_with_retries(self) -> None:
        wait = self._again_seconds
        while not self._try_truncate():
            if wait == self._again_seconds:
                log_event("store.erased_rows_remain", logging.WARNING, reason="a reader holds the database's log open")
            if self._stopped.wait(wait):
                return
            wait = min(2 * wait, MOST_SECONDS)
        if wait > self._again_seconds:
            log_event("store.erased_rows_gone")

    def _try_truncate(self) -> bool:
        try:
            return self._forget()
        except StoreUnavailable:
            return False
