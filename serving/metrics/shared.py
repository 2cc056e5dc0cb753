"""Sums in memory that several processes share: a process killed while it counts loses nothing, a full disk no request.

Each process has a sheet of its own, which it alone writes: a list of names with a number each. A lock that ends with
the process says that a sheet is taken; whoever replaces it counts on in the same sheet, so that no sum ever falls.
The memory has no name, so nothing that tidies temporary folders finds it.
"""

import mmap
import os
import struct
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from multiprocessing.reduction import DupFd
from typing import Any

if sys.platform != "win32":
    import fcntl

SHEET_BYTES = 1 << 18
"""Room for some thousand names; the service has some hundred."""
SHEETS = 80
"""More than the workers that there may be, with those that replace them."""

_USED = struct.Struct("<Q")
_HEAD = struct.Struct("<II")
_NUMBER = struct.Struct("<d")


class Sheet:
    """A process's own numbers by name, each only ever added to."""

    def __init__(self, memory: mmap.mmap, start: int = 0) -> None:
        self._memory, self._start = memory, start
        self._writing = threading.Lock()
        self._places = dict(_entries(memory, start))
        self._end = max(_USED.unpack_from(memory, start)[0], _USED.size)
        _USED.pack_into(memory, start, self._end)

    def add(self, name: str, amount: float) -> None:
        """Add to a number. One for which there is no room is not counted."""
        with self._writing:
            place = self._places.get(name) or self._new(name.encode())
            if place:
                _NUMBER.pack_into(self._memory, place, _NUMBER.unpack_from(self._memory, place)[0] + amount)

    def _new(self, name: bytes) -> int:
        """The place of a new number, 0 where there is no room. Its entry counts once the sheet's end is moved."""
        length = _HEAD.size + -(-len(name) // 8) * 8 + _NUMBER.size
        if self._end + length > SHEET_BYTES:
            return 0
        entry = self._start + self._end
        _HEAD.pack_into(self._memory, entry, length, len(name))
        self._memory[entry + _HEAD.size : entry + _HEAD.size + len(name)] = name
        place = entry + length - _NUMBER.size
        _NUMBER.pack_into(self._memory, place, 0.0)
        self._end += length
        _USED.pack_into(self._memory, self._start, self._end)
        self._places[name.decode()] = place
        return place


class Alone:
    """The memory of a process that counts alone."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SHEET_BYTES)

    def sheet(self) -> Sheet:
        """Its sheet."""
        return Sheet(self._memory)

    def sums(self) -> dict[str, float]:
        """Every number by its name."""
        return dict(_numbers(self._memory, 0))


class Shared:
    """The memory of several processes; it goes to those that multiprocessing spawns."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._memory = mmap.mmap(descriptor, SHEETS * SHEET_BYTES)
        self._own: int | None = None

    @classmethod
    def make(cls) -> "Shared":
        """New memory, all of it empty.

        Raises:
            OSError: where there is none to be had.
        """
        if sys.platform == "linux":
            descriptor = os.memfd_create("leads-metrics", os.MFD_CLOEXEC)
        else:
            with tempfile.TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, SHEETS * SHEET_BYTES)
        return cls(descriptor)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (DupFd(self._descriptor),)

    def sheet(self) -> Sheet:
        """The sheet that this process has from now on, until it ends.

        Raises:
            OSError: where all are taken.
        """
        self._own = next((number for number in range(SHEETS) if self._take(number)), None)
        if self._own is None:
            raise OSError("all sheets are taken")
        return Sheet(self._memory, self._own * SHEET_BYTES)

    def sums(self) -> dict[str, float]:
        """Every number, added up over all processes there ever were."""
        sums: Counter[str] = Counter()
        for number in self._used_sheets():
            for name, value in _numbers(self._memory, number * SHEET_BYTES):
                sums[name] += value  # type: ignore[assignment]
        return dict(sums)

    def running(self) -> int:
        """How many processes have a sheet at the moment."""
        return sum(number == self._own or not self._is_free(number) for number in self._used_sheets())

    def close(self) -> None:
        """Give the memory back, once the last process does."""
        self._memory.close()
        os.close(self._descriptor)

    def _used_sheets(self) -> Iterator[int]:
        return (number for number in range(SHEETS) if _USED.unpack_from(self._memory, number * SHEET_BYTES)[0])

    def _take(self, number: int) -> bool:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return False
        return True

    def _is_free(self, number: int) -> bool:
        if not self._take(number):
            return False
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)
        return True


def _rebuild(descriptor: Any) -> Shared:
    return Shared(descriptor.detach())


def _entries(memory: mmap.mmap, start: int) -> Iterator[tuple[str, int]]:
    """The names of a sheet, and where their numbers are."""
    end = min(_USED.unpack_from(memory, start)[0], SHEET_BYTES)
    at = _USED.size
    while at < end:
        length, named = _HEAD.unpack_from(memory, start + at)
        begin = start + at + _HEAD.size
        yield memory[begin : begin + named].decode(), start + at + length - _NUMBER.size
        at += length


def _numbers(memory: mmap.mmap, start: int) -> Iterator[tuple[str, float]]:
    return ((name, _NUMBER.unpack_from(memory, place)[0]) for name, place in _entries(memory, start))
