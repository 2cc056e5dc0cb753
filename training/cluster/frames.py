"""Maps work over the batches of a Parquet table on a cluster, as `training.score_file` does in threads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from features.errors import TableRefused
from features.tables.batches import TableBatches
from training.cluster.partitions import Partition, list_partitions
from training.cluster.session import Session

Result = TypeVar("Result")


@dataclass(frozen=True)
class ClusterFrames:
    """Reads Parquet by partition, each on some worker of a cluster."""

    session: Session

    def __call__(
        self, location: str, work: Callable[[pd.DataFrame], Result], /
    ) -> tuple[TableBatches, Iterator[Result]]:
        """The table, and the results of work on its raw batches, in their order.

        Raises:
            TableRefused: where there is no such table, or it is no Parquet.
        """
        partitions = list_partitions(location)
        table = TableBatches(location, sum(partition.rows for partition in partitions))
        return table, self._map(partitions, work, table)

    def _map(
        self, partitions: list[Partition], work: Callable[[pd.DataFrame], Result], table: TableBatches
    ) -> Iterator[Result]:
        for results, refused in self.session.map(_work_on, partitions, work):
            table.problems += refused
            yield from results


def _work_on(partition: Partition, work: Callable[[pd.DataFrame], Result]):  # type: ignore[no-untyped-def]
    """The results of work on a partition's batches, on a worker, and what is wrong with its file."""
    try:
        return [work(frame) for frame in partition.frames()], []
    except TableRefused as refused:
        return [], list(refused.problems)
