"""The tables that training and the import read (docs/tables.md), from what was pulled: leads as they arrived."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.crm.config import Connection
from connectors.crm.errors import MessageBroken
from connectors.crm.history.at_arrival import find_untold, order_changes, rebuild_at_arrival
from connectors.crm.history.kept_pages import Pulled
from connectors.crm.history.pages import Change
from connectors.crm.record import OWNER, Raw, Status, read_id, read_record, read_status, read_time

Row = dict[str, Any]


@dataclass(frozen=True)
class PastTables:
    """Rows of leads.csv, outcomes.csv and stages.csv, and what is to be said of them.

    `untold` are fields that stand as they are now, `undated` counts records without an arrival, which are left out;
    `erased` are the CRM's ids of people who were erased here, who are left out too.
    """

    leads: list[Row]
    outcomes: list[Row]
    stages: list[Row]
    untold: list[str]
    undated: int
    erased: list[str]


def make_tables(
    pulled: Pulled, connection: Connection, tells_all: bool, is_erased: Callable[[str], bool]
) -> PastTables:
    """The tables of all records but those of people who were erased here."""
    mapping = connection.mapping
    told = {change.name for changes in pulled.changes.values() for change in changes}
    told |= set(mapping.properties) if tells_all else set()
    leads: list[Row] = []
    outcomes: list[Row] = []
    stages: list[Row] = []
    erased: list[str] = []
    undated = 0
    for key, raw in pulled.records.items():
        arrived = read_time(raw.get(mapping.created_at or ""))
        lead_id = _read_id(raw, connection)
        if lead_id is None or arrived is None:
            undated += 1
            continue
        if is_erased(lead_id):
            erased.append(key)
            continue
        changes = pulled.changes.get(key, [])
        leads.append(_make_lead(raw, changes, arrived, connection, told))
        moves = order_changes(changes, mapping.stage or "")
        stages += [{"lead_id": lead_id, "at": at.isoformat(), "stage": change.value} for at, change in moves]
        outcomes += _make_outcome(raw, moves, connection)
    leads.sort(key=lambda row: str(row["created_at"]))
    return PastTables(leads, outcomes, stages, find_untold(mapping, told), undated, erased)


def _read_id(raw: Raw, connection: Connection) -> str | None:
    try:
        return read_id(raw, connection)
    except MessageBroken:
        return None


def _make_lead(raw: Raw, changes: Sequence[Change], arrived: datetime, connection: Connection, told: set[str]) -> Row:
    """A lead's row; the money and the owner only where it is known what they were at arrival."""
    mapping = connection.mapping
    record = read_record(rebuild_at_arrival(raw, changes, arrived, mapping), connection)
    body, fields = record.body, dict(record.body["fields"])
    if mapping.owner not in told:
        fields.pop(OWNER, None)
    value = {"value": body.get("value")} if mapping.value in told else {}
    roles = {name: body.get(name) for name in ("source", "campaign") if getattr(mapping, name)}
    return {**fields, **roles, **value, "lead_id": record.lead_id, "created_at": arrived.isoformat()}


def _make_outcome(raw: Raw, moves: Sequence[tuple[datetime, Change]], connection: Connection) -> list[Row]:
    """The outcome of a record that is closed, as of when it came into its last stage; nothing of one that is open."""
    record = read_record(raw, connection)
    if record.status not in ("won", "lost"):
        return []
    closed_at = _find_closed(moves, record.status, connection) or record.closed_at or record.changed_at
    at = closed_at.isoformat() if closed_at else None
    return [
        {
            "lead_id": record.lead_id,
            "at": at,
            "status": record.status,
            "value": record.value,
            "reason": record.reason,
            "reported_at": at,
        }
    ]


def _find_closed(moves: Sequence[tuple[datetime, Change]], status: Status, connection: Connection) -> datetime | None:
    """When the stage last became one of the outcome's, and stayed so."""
    since = None
    for at, change in moves:
        found = read_status(change.value, connection)
        since = None if found != status else (since or at)
    return since
