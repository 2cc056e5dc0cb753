"""`Store`: reads in threads, writes in one; every function of this package runs through it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from serving.store.asked_beside import AskedBeside, asking_beside
from serving.store.database import Database
from serving.store.errors import StoreUnavailable
from serving.store.group_commit import Writer
from serving.store.log_truncation import LogTruncation

T = TypeVar("T")


class Store:
    """A database in use by one process of the service; `committed` is told how many operations each commit had."""

    def __init__(self, url: str, committed: Callable[[int], None] = lambda _: None) -> None:
        self.database = Database(url)
        self._writer = Writer(self.database, committed)
        self._forgetting = LogTruncation(self.database.forget)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Writes are taken from here to the end of the block, which waits for those that were begun."""
        self._writer.start()
        self._forgetting.start()
        try:
            yield
        finally:
            self._forgetting.stop()
            self._writer.stop()
            self.database.close()

    async def read(self, question: Callable[..., T], *arguments: Any) -> T:
        """Run `question(connection, *arguments)` in a thread, on one state of the database.

        Raises:
            StoreUnavailable: where the database cannot be reached.
        """
        return await run_in_threadpool(self.read_now, question, *arguments)

    def read_now(self, question: Callable[..., T], *arguments: Any) -> T:
        """`read`, for whoever is in a thread of their own."""
        with self.database.reading() as connection:
            return question(connection, *arguments)

    def asking_beside(self) -> AbstractContextManager[AskedBeside]:
        """A connection that a thread of its own asks, on one state of the database, until the end of the block.

        Raises:
            StoreUnavailable: where the database cannot be reached, also from an answer.
        """
        return asking_beside(self.database)

    async def write(self, change: Callable[..., T], *arguments: Any) -> T:
        """Run `change(connection, *arguments)` and commit it; the result, once it is stored.

        Raises:
            StoreUnavailable: where the database cannot be reached.
        """
        return await self._writer.write(_one_by_one, (change, arguments))

    async def write_together(self, change: Callable[[Connection, Sequence[Any]], Sequence[T]], argument: Any) -> T:
        """Like `write`, for a change that handles many arguments at once; those that wait are given together."""
        return await self._writer.write(change, argument)

    async def forget(self) -> None:
        """Have nothing left in the database's files of what was erased: now, or once no reader holds it any more."""
        if not await run_in_threadpool(self._forgets_now):
            self._forgetting.ask()

    def _forgets_now(self) -> bool:
        try:
            return self.database.forget()
        except StoreUnavailable:
            return False

    def write_now(self, change: Callable[..., T], *arguments: Any) -> T:
        """`write` in a transaction of its own, for whoever is in a thread or program of their own."""
        with self.database.writing() as connection:
            return change(connection, *arguments)


def _one_by_one(connection: Connection, changes: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]]) -> list[Any]:
    return [change(connection, *arguments) for change, arguments in changes]
