"""Which leads are which CRM's, as of which change of it, and what the CRM said last became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from serving.store.row_inserts import upsert
from serving.store.tables import crm_records


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A lead's record in its CRM; `record_id` is the CRM's own id, `outcome_hash` of what it said of the outcome."""

    lead_id: str
    connection: str
    record_id: str
    changed_at: datetime | None
    outcome_hash: str


def find(connection: Connection, lead_ids: Sequence[str]) -> dict[str, KnownRecord]:
    """The records of leads by their ids; of leads that no CRM told of there are none."""
    question = select(crm_records).where(crm_records.c.lead_id.in_(lead_ids))
    return {row.lead_id: _record_of(row) for row in connection.execute(question)}


def keep(connection: Connection, record: KnownRecord) -> None:
    """Keep what a CRM said last of a lead."""
    row = {name: getattr(record, name) for name in record.__slots__}
    upsert(connection, crm_records, [row], ("connection", "record_id", "changed_at", "outcome_hash"))


def _record_of(row: Any) -> KnownRecord:
    return KnownRecord(row.lead_id, row.connection, row.record_id, row.changed_at, row.outcome_hash)
