"""A request's head must arrive soon and stay small, or its connection ends; uvicorn waits and reads without end.

So clients that never finish a head do not hold every file descriptor, nor one with endless headers all memory.
"""

import asyncio
from typing import Any, ClassVar

from serving.middleware.upgrades import PlainHttp


class HeaderLimits(PlainHttp):
    """An HTTP connection with limits on its heads."""

    seconds: ClassVar[float] = 10.0
    most_bytes: ClassVar[int] = 65_536

    _since: float | None = None
    """When the head that is awaited began."""
    _size = 0
    _next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._since is not None:
            self._size += len(data)
            if self._size > self.most_bytes:
                self.transport.close()

    def on_message_begin(self) -> None:
        self._since, self._size = self.loop.time(), 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._since = None
        super().on_headers_complete()

    def _look(self) -> None:
        """Now and then, because a timer for every head would cost more than the head."""
        waited = 0.0 if self._since is None else self.loop.time() - self._since
        if waited >= self.seconds:
            self.transport.close()
        else:
            self._next_look = self.loop.call_later(self.seconds - waited, self._look)
