"""`CrmRecord`: a CRM's record read as a lead, by a connection's mapping; the same for hooks and for the history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.crm.config import Connection
from connectors.crm.errors import MessageBroken
from features.values import ValueRefused, is_missing, parse_datetime, parse_number, same_text, text_of

Status = Literal["won", "lost", "open"]
Raw = Mapping[str, Any]
"""A CRM's record as one level of names and values."""
OWNER = "owner"
"""The lead's field that holds whose it is in the CRM."""
MILLISECONDS = 1e11
"""Unix times above are in milliseconds: in seconds they would lie beyond the year 5000."""


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """A lead as its CRM has it; `body` is a merge patch of it, `status` None where the record does not say."""

    lead_id: str
    changed_at: datetime | None
    body: Mapping[str, Any] = field(repr=False)  # personal data stays out of logs
    status: Status | None = None
    closed_at: datetime | None = None
    value: float | None = None
    reason: str | None = field(default=None, repr=False)


def read_record(raw: Raw, connection: Connection) -> CrmRecord:
    """The lead that a CRM's record is; a part that cannot be read is left out, but for the id.

    Raises:
        MessageBroken: without an id.
    """
    mapping = connection.mapping
    lead_id = read_id(raw, connection)
    status = read_status(raw[mapping.stage], connection) if mapping.stage and mapping.stage in raw else None
    value = _read_amount(_get(raw, mapping.value))
    closed_at = read_time(_get(raw, mapping.at)) if status in ("won", "lost") else None
    reason = _get(raw, mapping.reason)
    return CrmRecord(
        lead_id=lead_id,
        changed_at=read_time(_get(raw, mapping.changed_at)),
        body=read_body(raw, connection),
        status=status,
        closed_at=closed_at,
        value=value if status == "won" else None,
        reason=None if status != "lost" or is_missing(reason) else text_of(reason)[:200],
    )


def read_id(raw: Raw, connection: Connection) -> str:
    """The lead's id here: the connection's prefix, and the CRM's own."""
    found = raw.get(connection.mapping.id)
    if is_missing(found) or isinstance(found, bool | dict | list):
        raise MessageBroken(f"a record without {connection.mapping.id}, its id")
    return connection.section.prefix + text_of(found)


def read_status(stage: object, connection: Connection) -> Status:
    """What a stage means by the mapping: won, lost, or open as every other."""
    word = "" if is_missing(stage) else same_text(stage)
    return "won" if word in connection.mapping.won else "lost" if word in connection.mapping.lost else "open"


def read_body(raw: Raw, connection: Connection) -> dict[str, Any]:
    """The lead as a merge patch, fields under the company's names: what is empty is None, what is not told is left."""
    mapping = connection.mapping
    created_at = read_time(_get(raw, mapping.created_at))
    named = {**mapping.fields, **({OWNER: mapping.owner} if mapping.owner else {})}
    fields = {ours: _plain(raw[theirs]) for ours, theirs in named.items() if theirs in raw}
    roles = {role: _plain(raw[name]) for role in ("source", "campaign") if (name := getattr(mapping, role)) in raw}
    value = {"value": _read_amount(raw[mapping.value])} if mapping.value and mapping.value in raw else {}
    arrived = {"created_at": created_at.isoformat()} if created_at else {}
    return {**arrived, **roles, **value, "fields": fields}


def read_time(raw: object) -> datetime | None:
    """A time as CRMs write it: ISO 8601, or Unix seconds or milliseconds; None where it is none."""
    if is_missing(raw) or isinstance(raw, bool):
        return None
    text = str(raw).strip()
    try:
        number = float(text)
    except ValueError:
        try:
            return parse_datetime(text)
        except ValueRefused:
            return None
    seconds = number / 1000 if abs(number) > MILLISECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _get(raw: Raw, name: str | None) -> object:
    return None if name is None else raw.get(name)


def _read_amount(raw: object) -> float | None:
    """Money, from a number or its text; None where it is none, or below nothing."""
    try:
        amount = None if is_missing(raw) else parse_number(raw)
    except ValueRefused:
        return None
    return amount if amount is not None and amount >= 0 else None


def _plain(raw: object) -> object:
    """A value as a lead's field takes it: several are joined, what is empty is None."""
    if isinstance(raw, list):
        return ", ".join(text_of(one) for one in raw if not isinstance(one, dict | list)) or None
    if isinstance(raw, dict):
        return _plain(raw.get("value", raw.get("name")))
    return None if is_missing(raw) else raw
