"""A connection that a thread of its own asks, question after question, beside whoever computes with the answers."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from serving.store.database import Database

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class AskedBeside:
    """A connection and the thread that asks it."""

    connection: Connection
    thread: ThreadPoolExecutor

    def ask(
        self, question: Callable[Concatenate[Connection, P], T], *arguments: P.args, **named: P.kwargs
    ) -> Future[T]:
        """Have `question(connection, *arguments)` answered after those before."""
        return self.thread.submit(question, self.connection, *arguments, **named)


@contextmanager
def asking_beside(database: Database) -> Iterator[AskedBeside]:
    """One that sees one state of the database; questions not begun yet are dropped at the end of the block.

    Raises:
        StoreUnavailable: where the database cannot be reached, also from an answer.
    """
    with database.reading() as connection:
        thread = ThreadPoolExecutor(1)
        try:
            yield AskedBeside(connection, thread)
        finally:
            thread.shutdown(cancel_futures=True)
