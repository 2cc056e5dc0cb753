"""Reads a leads table on a cluster: each partition is parsed by a worker, which sends what labels are made of.

To the client come ids, arrival times, sources, campaigns and the columns of the outcome, about a hundred bytes a lead.
There they are joined as they stand in the table, and labelled by the code that labels a table on one machine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.config import ScoringConfig
from features.errors import Problem, TableRefused
from features.lead_parts import concatenate_leads, merge_problems
from features.lead_rows import LeadRows, note_equal_rows
from features.lead_table import REPEATED_ID, LeadTable, parse_leads
from features.schema import LeadSchema
from features.values import Known
from stats.types import Hashes, Rows
from training.cluster.partitions import Partition
from training.cluster.remote_leads import PartitionedTable, RemoteFields, RemoteLeads


@dataclass(frozen=True)
class PartitionRows:
    """The n rows of a partition, as a worker sends them.

    Attributes:
        leads: without their fields; None where some are refused.
        raw: the columns of the outcome as they stand there, where it stands beside the leads.
        row_hash: (n,) of all that a row holds.
        problems: what is wrong with the rows.
    """

    leads: LeadTable | None
    raw: pd.DataFrame
    row_hash: Hashes
    problems: Sequence[Problem] = ()


def read_lead_rows(config: ScoringConfig, table: PartitionedTable) -> LeadRows:
    """The leads of a partitioned table, a row that it has twice once."""
    wanted = (config.outcome.column, config.outcome.at, config.outcome.lost_at)
    parts = [*table.session.map(read_rows, table.partitions, table.schema, wanted)]
    problems = merge_problems([problem for part in parts for problem in part.problems], table.schema)
    raw = pd.concat([part.raw for part in parts])
    leads = [part.leads for part in parts if part.leads is not None]
    if problems:
        return LeadRows(raw, problems=problems)
    return _gather(table, concatenate_leads(leads), raw, np.concatenate([part.row_hash for part in parts]), config)


def read_rows(partition: Partition, schema: LeadSchema, wanted: Iterable[str | None]) -> PartitionRows:
    """Parse a partition, on a worker; all of its fields are looked at for problems."""
    leads, raws, hashes = [], [pd.DataFrame()], [np.empty(0, dtype=np.uint64)]
    problems: list[Problem] = []
    try:
        for frame in partition.frames():
            raws.append(frame[[name for name in dict.fromkeys(wanted) if name in frame]])
            hashes.append(_hash_rows(frame))
            try:
                leads.append(replace(parse_leads(frame, schema, unique=False), fields={}))
            except TableRefused as refused:
                problems += refused.problems
    except TableRefused as refused:
        problems += refused.problems
    whole = None if problems else concatenate_leads(leads)
    return PartitionRows(whole, pd.concat(raws[1:] or raws), np.concatenate(hashes), problems)


def _hash_rows(frame: pd.DataFrame) -> Hashes:
    return np.asarray(pd.util.hash_pandas_object(frame.astype("str"), index=False), dtype=np.uint64)


def _gather(
    table: PartitionedTable, leads: LeadTable, raw: pd.DataFrame, row_hash: Hashes, config: ScoringConfig
) -> LeadRows:
    """The rows of all partitions; ids are compared as a whole."""
    several = pd.Series(leads.lead_id, dtype=object).duplicated(keep=False).to_numpy()
    rows = pd.DataFrame({"id": leads.lead_id[several], "hash": row_hash[several]}, index=np.flatnonzero(several))
    repeated = rows.index[rows.duplicated()].to_numpy()
    kept = np.setdiff1d(np.arange(len(leads)), repeated)
    notes = note_equal_rows(config.leads.table, len(repeated))
    differing = rows[~rows.duplicated()]
    differing = differing[differing["id"].duplicated(keep=False)]
    if len(differing):
        problem = Problem(REPEATED_ID, table.schema.id, tuple((differing.index + 1).tolist()))
        return LeadRows(raw.iloc[kept], problems=[problem], notes=notes)
    arrival = [field.name for field in table.schema.arrival_fields]
    remote = _make_remote(table, leads, row_hash, kept, arrival)
    later = [field.name for field in table.schema.fields if field.known is Known.LATER and field.name in table.columns]
    return LeadRows(
        raw.iloc[kept], remote, _make_remote(table, leads, row_hash, kept, later) if later else None, notes=notes
    )


def _make_remote(
    table: PartitionedTable, leads: LeadTable, row_hash: Hashes, rows: Rows, names: Sequence[str]
) -> RemoteLeads:
    held = leads.take(rows)
    return RemoteLeads(
        held.lead_id,
        held.created_at,
        held.source,
        held.campaign,
        fields=RemoteFields(table, rows, names),
        row_hash=row_hash[rows],
    )
