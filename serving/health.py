"""What is wrong with the store that the service stands on, in words for `/readyz`: no names, addresses or values."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from serving.background import run_in_background
from serving.event_log import log_event

PATIENCE_SECONDS = 3.5
"""Longer than connecting may take, which has a reason of its own."""
FRESH_SECONDS = 1.0
SILENT = "the database cannot be reached: it does not answer"


@dataclass(frozen=True)
class _Asked:
    answer: "Future[str | None]"
    since: float

    def is_fresh(self, now: float) -> bool:
        return not self.answer.done() or now - self.since < FRESH_SECONDS

    def patience(self, now: float) -> float:
        return max(0.0, self.since + PATIENCE_SECONDS - now)


class StoreHealth:
    """Asks whether the store can be worked with: once for all who want to know at the same time, and never for long."""

    def __init__(self, check: Callable[[], str | None]) -> None:
        self._check = check
        self._asking = threading.Lock()
        self._asked: _Asked | None = None

    async def trouble(self) -> str | None:
        """What is wrong with it; None where nothing is."""
        asked = self._current_check()
        answer = asyncio.shield(asyncio.wrap_future(asked.answer))
        try:
            return await asyncio.wait_for(answer, asked.patience(time.monotonic()))
        except TimeoutError:
            return SILENT

    def trouble_now(self) -> str | None:
        """`trouble`, for whoever is in a thread of their own."""
        asked = self._current_check()
        try:
            return asked.answer.result(asked.patience(time.monotonic()))
        except TimeoutError:
            return SILENT

    def _current_check(self) -> _Asked:
        with self._asking:
            now = time.monotonic()
            if self._asked is None or not self._asked.is_fresh(now):
                self._asked = _Asked(run_in_background("store-health", self._run_check), now)
            return self._asked

    def _run_check(self) -> str | None:
        try:
            return self._check()
        except Exception as error:  # noqa: BLE001 - whatever it is, the store cannot be worked with
            log_event("store.check_failed", logging.ERROR, error)
            return "the database cannot be read; the log says why"
