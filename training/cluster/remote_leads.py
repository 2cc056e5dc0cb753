"""A table of leads of which the client holds ids, times and roles, and the workers read the fields when asked.

The fields of some leads come to the client when one of them is first looked at, so code that takes a part of a table
before it looks needs no word of a cluster.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.lead_parts import concatenate_leads
from features.lead_table import LeadTable, ParsedColumn, parse_later_fields, parse_leads
from features.schema import LeadSchema
from stats.types import Rows
from training.cluster.partitions import Partition
from training.cluster.session import Session

PartOfTable = tuple[Partition, Rows]
"""A partition and the places (m,), rising, of some of its rows."""


@dataclass(frozen=True)
class PartitionedTable:
    """The partitions of a leads table, the schema that parses it, and the cluster that reads it."""

    session: Session
    partitions: Sequence[Partition]
    schema: LeadSchema

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of every partition."""
        return self.partitions[0].columns

    def split(self, rows: Rows) -> list[PartOfTable]:
        """Which of these rows (n,) of the table, rising, each partition holds; partitions without any are left out."""
        starts = np.array([partition.first_row - 1 for partition in self.partitions])
        cuts = np.searchsorted(rows, starts)
        parts = zip(self.partitions, starts, np.split(rows, cuts[1:]), strict=True)
        return [(partition, mine - start) for partition, start, mine in parts if len(mine)]


class RemoteFields(Mapping[str, ParsedColumn]):
    """The fields of leads by name: `rows` (n,) of a partitioned table, in any order."""

    def __init__(self, table: PartitionedTable, rows: Rows, names: Sequence[str]) -> None:
        self.table, self.rows, self._names = table, rows, tuple(names)

    def __getitem__(self, name: str) -> ParsedColumn:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def _columns(self) -> Mapping[str, ParsedColumn]:
        order = np.argsort(self.rows, kind="stable")
        parts = self.table.split(self.rows[order])
        if not parts:
            return {name: ParsedColumn(np.empty(0, dtype=np.int32), ()) for name in self._names}
        fetched = self.table.session.map(read_fields, parts, self.table.schema, self._names)
        back = np.empty(len(order), dtype=np.intp)
        back[order] = np.arange(len(order))
        return concatenate_leads([*fetched]).take(back).fields

    def take(self, rows: Rows) -> Mapping[str, ParsedColumn]:
        """The fields of some of the leads (m,): from here, where they have been fetched already."""
        if "_columns" in self.__dict__:
            return {name: column.take(rows) for name, column in self._columns.items()}
        return RemoteFields(self.table, self.rows[rows], self._names)


@dataclass(frozen=True)
class RemoteLeads(LeadTable):
    """Leads whose fields are on a cluster; `row_hash` (n,) is of all that a row of the table holds."""

    fields: RemoteFields
    row_hash: NDArray[np.uint64]

    def take(self, rows: Rows) -> LeadTable:  # type: ignore[override]
        roles = {role: column and column.take(rows) for role, column in self._roles.items()}
        created_at = None if self.created_at is None else self.created_at[rows]
        fields = self.fields.take(rows)
        if not isinstance(fields, RemoteFields):
            return LeadTable(self.lead_id[rows], created_at, **roles, fields=fields)
        return RemoteLeads(self.lead_id[rows], created_at, **roles, fields=fields, row_hash=self.row_hash[rows])

    @property
    def _roles(self) -> dict[str, ParsedColumn | None]:
        return {"source": self.source, "campaign": self.campaign}

    def content_hash(self) -> str:
        """A SHA-256 that changes when any id or any cell of a lead's row does."""
        digest = hashlib.sha256("\x1f".join(map(repr, self.lead_id)).encode())
        digest.update(self.row_hash.tobytes())
        return digest.hexdigest()


def read_fields(part: PartOfTable, schema: LeadSchema, names: Sequence[str]) -> LeadTable:
    """The fields of some rows of a partition, on a worker: those known at arrival or, by their names, those later."""
    is_later = not {field.name for field in schema.arrival_fields}.intersection(names)
    parsed = [
        parse_later_fields(frame, schema) if is_later else parse_leads(frame, schema, unique=False)
        for frame in frames_of(part, schema)
    ]
    return concatenate_leads([leads for leads in parsed if leads is not None])


def frames_of(part: PartOfTable, schema: LeadSchema) -> Iterator[pd.DataFrame]:
    """The raw rows of a part of a table, in batches; the columns are those that the schema has."""
    partition, places = part
    known = {schema.id, *schema.role_of, *(field.name for field in schema.fields)}
    for frame in partition.frames([name for name in partition.columns if name in known]):
        start = int(frame.index[0]) - partition.first_row
        mine = places[np.searchsorted(places, start) : np.searchsorted(places, start + len(frame))]
        if len(mine):
            yield frame.iloc[mine - start]
