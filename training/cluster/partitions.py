"""The partitions of a table of leads in Parquet: its row groups, which workers read one by one.

The files lie where the client and every worker find them under the same path. Rows are counted from 1 through all
files, in the order of their names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Problem, TableRefused, header_problems
from features.tables.batches import BATCH_ROWS
from features.tables.read import NOT_A_ROW, parquet_frame

ENDINGS = {".parquet", ".pq"}
BATCH_BYTES = 32 << 20
"""A batch of wide rows holds about so much, unpacked; a worker needs a few times that for it."""
READ_BYTES = 1 << 20
WANTED = "a cluster reads Parquet: a file, or a folder of .parquet files, that every worker finds under the same path"


@dataclass(frozen=True)
class Partition:
    """A row group of a Parquet file; `first_row` is the number of its first row in the table, `size` is in bytes."""

    path: str
    group: int
    first_row: int
    rows: int
    size: int
    columns: tuple[str, ...]

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Its raw columns, or some of them, in batches, indexed by row number.

        Raises:
            TableRefused: where the file is not there, or not whole.
        """
        first = self.first_row
        batch_rows = min(BATCH_ROWS, 1 + BATCH_BYTES * self.rows // max(self.size, 1))
        try:
            with pq.ParquetFile(self.path, buffer_size=READ_BYTES) as file:
                for batch in file.iter_batches(batch_rows, row_groups=[self.group], columns=columns):
                    yield parquet_frame(pa.Table.from_batches([batch]), first)
                    first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise TableRefused([_unreadable(self.path, error)]) from None


def list_partitions(location: str) -> list[Partition]:
    """The partitions of a Parquet file, or of all those in a folder and below it.

    Raises:
        TableRefused: where there is no such table, or its files are not Parquet.
    """
    partitions: list[Partition] = []
    problems: list[Problem] = []
    first = 1
    for path in _find_files(location):
        try:
            with pq.ParquetFile(path) as file:
                columns = tuple(file.schema_arrow.names)
                groups = [file.metadata.row_group(group) for group in range(file.num_row_groups)]
        except (pa.ArrowException, OSError) as error:
            problems.append(_unreadable(str(path), error))
            continue
        problems += header_problems(columns) or _differences(partitions, columns, str(path))
        for number, group in enumerate(groups):
            if group.num_rows:
                partitions.append(Partition(str(path), number, first, group.num_rows, group.total_byte_size, columns))
                first += group.num_rows
    if not partitions and not problems:
        problems.append(NOT_A_ROW)
    if problems:
        raise TableRefused(list(dict.fromkeys(problems)), location)
    return partitions


def _differences(partitions: Sequence[Partition], columns: Sequence[str], path: str) -> list[Problem]:
    """What is wrong where a file of a folder has other columns than the first."""
    if not partitions or set(columns) == set(partitions[0].columns):
        return []
    differing = ", ".join(map(repr, sorted(set(columns) ^ set(partitions[0].columns))))
    return [Problem(f"{path} and {partitions[0].path} have not the same columns: {differing}")]


def _find_files(location: str) -> Sequence[Path]:
    path = Path(location)
    if "://" not in location and path.is_dir():
        found = (file for file in path.rglob("*") if file.suffix.casefold() in ENDINGS)
        files = [file.resolve() for file in found if not file.name.startswith((".", "_"))]
        if files:
            return sorted(files)
        raise TableRefused([Problem(f"no file below this folder ends in .parquet; {WANTED}")], location)
    if "://" in location or path.suffix.casefold() not in ENDINGS:
        name = location if "://" not in location else "the address of a database"
        raise TableRefused([Problem(f"this is no Parquet; {WANTED}")], name)
    return [path.resolve()]


def _unreadable(path: str, error: Exception) -> Problem:
    return Problem(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}; {WANTED}")
