"""Work that may hang, such as a question to a server that stopped: in a thread that no stop and no answer waits for."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def run_in_background(name: str, work: Callable[[], T]) -> "Future[T]":
    """Begin the work in a daemon thread of its own; its result, or what it raises, comes with the future."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever asks
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, name=name, daemon=True).start()
    return future
