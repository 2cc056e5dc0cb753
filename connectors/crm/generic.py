"""A program of the company's own: JSON, a lead or a list of them, with a mapping in crm.toml."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from connectors.crm.crm import Crm
from connectors.crm.errors import MessageBroken
from connectors.crm.message import Message, Notice
from connectors.crm.record import read_time

DELETED, MERGED_INTO = "deleted", "merged_into"
"""Keys that a lead may have beside those of the mapping: it went, or it went into another."""
MOST = 1_000
MISSING = object()
"""What a lead does not say; null says that there is nothing."""


class Generic(Crm):
    """Takes leads as the program sends them."""

    has_api = False
    needs = ()

    def read_notices(self, message: Message) -> list[Notice]:
        content = parse_json(message.body)
        records = content if isinstance(content, list) else [content]
        if not 1 <= len(records) <= MOST or not all(isinstance(record, dict) for record in records):
            raise MessageBroken(f"expected a lead as a JSON object, or a list of 1 to {MOST:,} of them")
        return [self._read_notice(record) for record in records]

    def _read_notice(self, record: Mapping[str, Any]) -> Notice:
        mapping = self.connection.mapping
        looked_up = {name: look_up(record, name) for name in mapping.properties}
        flat = {name: found for name, found in looked_up.items() if found is not MISSING}
        record_id = flat.get(mapping.id)
        if not isinstance(record_id, str | int) or isinstance(record_id, bool) or not str(record_id).strip():
            raise MessageBroken(f"expected {mapping.id}, the lead's id, as text or a whole number")
        happened_at = read_time(flat.get(mapping.changed_at or ""))
        into = record.get(MERGED_INTO)
        if isinstance(into, str | int) and not isinstance(into, bool):
            return Notice("merged", str(record_id), happened_at, into=str(into))
        if record.get(DELETED) is True:
            return Notice("deleted", str(record_id), happened_at)
        return Notice("changed", str(record_id), happened_at, record=flat)


def parse_json(body: bytes) -> Any:
    """A message's JSON; raises `MessageBroken`."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise MessageBroken("expected JSON") from None


def look_up(record: Mapping[str, Any], name: str) -> Any:
    """What stands under a name, or at the path that its dots are; `MISSING` where nothing does."""
    if name in record:
        return record[name]
    found: Any = record
    for part in name.split("."):
        found = found.get(part, MISSING) if isinstance(found, dict) else MISSING
    return found
