"""Looks for a new champion every so often, and when asked, in one thread that no stop waits for."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from serving.scoring.scorer import Scorer

STOP_SECONDS = 2.0
FIRST_LOOK_SECONDS = 10.0
LOOK_SECONDS = 5.0
"""How long whoever asks for a look waits for it: a registry may hang."""


class ChampionWatch:
    """The thread."""

    def __init__(self, scorer: Scorer, every: float) -> None:
        self._scorer, self._every = scorer, every
        self._changing, self._wake = threading.Lock(), threading.Event()
        self._asked: list[Future[None]] = []
        self._is_stopped = False

    async def look(self) -> bool:
        """Have a look that begins after this call; whether the registry answered."""
        asked: Future[None] = Future()
        with self._changing:
            self._asked.append(asked)
        self._wake.set()
        try:
            await asyncio.wait_for(asyncio.wrap_future(asked), LOOK_SECONDS)
        except TimeoutError:
            return False
        return self._scorer.registry_reachable

    @contextmanager
    def running(self) -> Iterator[None]:
        """Look at once and then every so often, to the end of the block.

        Waits a while for the first look, so that the first request finds a champion.
        """
        first: Future[None] = Future()
        self._asked.append(first)
        thread = threading.Thread(target=self._look_until_stopped, name="champion-watch", daemon=True)
        thread.start()
        self._wait_for(first)
        try:
            yield
        finally:
            self._is_stopped = True
            self._wake.set()
            thread.join(STOP_SECONDS)

    def _wait_for(self, first: "Future[None]") -> None:
        try:
            first.result(FIRST_LOOK_SECONDS)
        except TimeoutError:
            self._scorer.use_kept()

    def _look_until_stopped(self) -> None:
        while not self._is_stopped:
            self._wake.clear()
            with self._changing:
                asked, self._asked = self._asked, []
            self._scorer.refresh()
            for one in asked:
                if one.set_running_or_notify_cancel():
                    one.set_result(None)
            self._wake.wait(self._every)
