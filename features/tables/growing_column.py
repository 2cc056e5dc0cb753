"""Integers of all rows of a table, in eight bytes a row, gathered batch by batch."""

from array import array
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class GrowingColumn:
    """Integers that are added in parts."""

    def __init__(self) -> None:
        self._held = array("q")

    def add(self, values: Sequence[int] | Integers) -> None:
        """Put more behind those that are there."""
        self._held.frombytes(np.asarray(values, dtype=np.int64).tobytes())

    def whole(self) -> Integers:
        """All of them (n,)."""
        return np.array(self._held, dtype=np.int64)


def hashes(values: Iterable[Hashable], count: int) -> Integers:
    """A hash of each value (n,), the same in this process."""
    return np.fromiter(map(hash, values), dtype=np.int64, count=count)
