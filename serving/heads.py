"""A request's head must arrive soon and stay small, or its connection ends; uvicorn waits and reads without end.

So clients that never finish a head do not hold every file descriptor, nor one with endless headers all memory.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientHeads(HttpToolsProtocol):
    """An HTTP connection with limits on its heads."""

    seconds: ClassVar[float] = 10.0
    most_bytes: ClassVar[int] = 65_536

    _waiting: asyncio.TimerHandle | None = None
    _size = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiting is not None:
            self._size += len(data)
            if self._size > self.most_bytes:
                self._give_up()

    def on_message_begin(self) -> None:
        self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._arrived()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._arrived()
        self._waiting, self._size = self.loop.call_later(self.seconds, self._give_up), 0

    def _arrived(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._arrived()
        self.transport.close()
