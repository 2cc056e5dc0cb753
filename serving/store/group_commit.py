"""One thread a process that writes. Operations that wait at the same time share one commit; each is answered after it.

An operation is a function of a connection. Where one of a shared commit fails, all are taken back and run one by
one, so that none suffers from another's fault.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from serving.store.database import Database
from serving.store.errors import StoreUnavailable

MOST_TOGETHER = 256
TRIES = 4
"""Of a change that met another process's: a key that was just taken, or a deadlock."""
STOP_SECONDS = 10.0

T = TypeVar("T")
Many = Callable[[Connection, Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """An argument for `many`, and who waits for its result."""

    many: Many
    argument: Any
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


class Writer:
    """Runs operations in order and commits as many as wait together."""

    def __init__(self, database: Database, committed: Callable[[int], None]) -> None:
        self._database, self._committed = database, committed
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_until_stopped, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join(STOP_SECONDS)

    async def write(self, many: Callable[[Connection, Sequence[Any]], Sequence[T]], argument: Any) -> T:
        """Run `many(connection, arguments)` with this argument and others that wait; the result, once committed.

        Raises:
            StoreUnavailable: where the database cannot be reached; it may or may not have committed.
            Exception: whatever the operation itself raises; then nothing of it is stored.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Waiting(many, argument, future, loop))
        return await future

    def _write_until_stopped(self) -> None:
        while True:
            first = self._waiting.get()
            batch = [] if first is None else [first, *self._take_waiting()]
            ends = first is None or None in batch
            items = [item for item in batch if item is not None]
            if items:
                _deliver(items, self._commit(items))
            if ends:
                return

    def _take_waiting(self) -> list[_Waiting | None]:
        return [self._waiting.get() for _ in range(min(self._waiting.qsize(), MOST_TOGETHER))]

    def _commit(self, items: Sequence[_Waiting], tries: int = TRIES) -> list[object]:
        try:
            with self._database.writing() as connection:
                results = _results(connection, items)
        except StoreUnavailable as error:
            return [_Failed(error)] * len(items)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            met_another = isinstance(error, IntegrityError | OperationalError)
            if len(items) == 1 and not (met_another and tries > 1):
                return [_Failed(error)]
        else:
            self._committed(len(items))
            return results
        left = tries - 1 if len(items) == 1 else TRIES
        return [result for item in items for result in self._commit([item], left)]


def _results(connection: Connection, items: Sequence[_Waiting]) -> list[object]:
    return [
        result
        for many, group in groupby(items, key=lambda item: item.many)
        for result in many(connection, [item.argument for item in group])
    ]


def _deliver(items: Sequence[_Waiting], results: Sequence[object]) -> None:
    """Wake each loop once for all of its results."""
    for loop in {item.loop for item in items}:
        told = [(item.future, result) for item, result in zip(items, results, strict=True) if item.loop is loop]
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, told)


def _resolve(told: Sequence[tuple["asyncio.Future[Any]", object]]) -> None:
    for future, result in told:
        if future.done():
            continue  # whoever waited has gone
        if isinstance(result, _Failed):
            future.set_exception(result.error)
        else:
            future.set_result(result)
