"""Finds ids that stand on several rows of a table too large to be held: eight bytes an id, on disk."""

import tempfile
from types import TracebackType
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.types import Hashes

MOST_AT_ONCE = 4_000_000
"""So many hashes are compared in memory at once."""


class IdLog:
    """Notes ids as hashes; two that are equal may, once in 10¹⁹ pairs, belong to different ids."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def note(self, ids: NDArray[np.object_]) -> None:
        """Note ids (n,), all of them text."""
        self._count += len(ids)
        self._file.write(hash_ids(ids).tobytes())

    def repeated(self) -> Hashes:
        """The hashes that were noted more than once, each once."""
        self._file.flush()
        parts = -(-self._count // MOST_AT_ONCE)
        found = [_repeated(self._hashes_of_part(part, parts)) for part in range(parts)]
        return np.concatenate([np.empty(0, dtype=np.uint64), *found])

    def _hashes_of_part(self, part: int, parts: int) -> Hashes:
        self._file.seek(0)
        taken = []
        while len(hashes := np.frombuffer(self._file.read(8 * MOST_AT_ONCE), dtype=np.uint64)):
            taken.append(hashes if parts == 1 else hashes[hashes % np.uint64(parts) == part])
        return np.concatenate(taken)


def hash_ids(ids: NDArray[np.object_]) -> Hashes:
    """A hash (n,) of each id."""
    return pd.util.hash_array(ids, categorize=False)


def _repeated(hashes: Hashes) -> Hashes:
    ordered = np.sort(hashes)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
