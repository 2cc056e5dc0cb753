"""A lock that one process at a time holds, and that ends with the process, however that ends: none is ever stale."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from features.errors import Refused

FAR_AWAY = 1_000
"""The byte that Windows locks, which need not be there; the note before it stays readable."""


class AlreadyRunning(Refused):
    """Another process holds the lock."""


@contextmanager
def hold_lock(lock: Path, what: str) -> Iterator[None]:
    """Hold the lock while inside.

    Raises:
        AlreadyRunning: at once, where another process holds it.
        Refused: where the lock cannot be written.
    """
    with _open(lock) as file:
        try:
            _take(file)
        except OSError as error:
            file.seek(0)
            raise AlreadyRunning(f"another {what} is running (process {file.read().strip() or 'unknown'})") from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _open(lock: Path) -> IO[str]:
    try:
        return lock.open("a+", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{lock} cannot be written: {error.strerror}") from error


def _take(file: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(FAR_AWAY)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
