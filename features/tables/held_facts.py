"""Facts of tables that were checked, on disk until they are stored: a table is read once, and none is in memory."""

import pickle
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

from features.errors import Problem, TableRefused
from features.tables.fact_batches import FactBatch
from features.tables.import_columns import FactKind


class HeldFacts:
    """Batches in a file without a name: nobody else opens it, and it is gone with this process, however that ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._places: dict[FactKind, list[tuple[int, int]]] = defaultdict(list)
        """Of each batch where it begins in the file, and how many rows it has."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):  # what the disk had no room for
            self._file.close()

    def add(self, kind: FactKind, batch: FactBatch) -> None:
        """Keep a table's next batch.

        Raises:
            TableRefused: where the disk has no room for it.
        """
        try:
            self._places[kind].append((self._file.tell(), len(batch)))
            pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            detail = f"its rows cannot be kept in {tempfile.gettempdir()} until they are stored: {error.strerror}"
            raise TableRefused([Problem(detail)]) from None

    def batches(self, kind: FactKind, skipped: int = 0) -> Iterator[FactBatch]:
        """A table's batches in the order in which they were kept, without the first `skipped` rows."""
        for place, count in self._places[kind]:
            if skipped < count:
                self._file.seek(place)
                batch: FactBatch = pickle.load(self._file)  # noqa: S301 - our own, and nobody else can write it
                yield batch.at(range(skipped, count))
            skipped = max(skipped - count, 0)
