"""What `leads connect` proposes for crm.toml: the stages that are won and lost to the CRM itself, fields for scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.crm.config import Connection
from connectors.crm.crm import Found

OPTIONAL_ROLES = ("source", "campaign", "value", "owner", "at", "reason")
"""Facts that a CRM need not have."""
LABELS: Mapping[str, tuple[str, ...]] = {
    "score": ("lead score", "lead_score"),
    "grade": ("lead grade", "lead_grade"),
    "reason": ("lead reason", "lead_reason"),
    "link": ("lead link", "lead_link"),
}
"""The labels or names by which the CRM's own fields for scores are known."""


@dataclass(frozen=True)
class Proposal:
    """Keys for the connection's table, the fields of the mapping that the CRM lacks, and those that are read."""

    keys: Mapping[str, Any]
    missing: list[str]
    read: list[str]


def propose_keys(connection: Connection, found: Found) -> Proposal:
    """What the CRM's own words say of a connection."""
    mapping = connection.mapping
    keys: dict[str, Any] = {}
    for meaning, known in (("won", mapping.won), ("lost", mapping.lost)):
        values = [one.value for one in found.stages if one.meaning == meaning]
        if values and {value.casefold() for value in values} != set(known):
            keys[meaning] = values
    missing = [name for name in mapping.properties if found.fields and name not in found.fields]
    fields = {ours: theirs for ours, theirs in mapping.fields.items() if theirs not in missing}
    if len(fields) < len(mapping.fields):
        keys["fields"] = [*fields] if all(ours == theirs for ours, theirs in fields.items()) else fields
    keys |= {role: "" for role in OPTIONAL_ROLES if getattr(mapping, role) in missing}
    score = {part: name for part in LABELS if (name := _find_score_field(found, part))}
    if score.get("score"):
        keys |= {"write": True, "score": score}
    return Proposal(keys, missing, [*fields])


def _find_score_field(found: Found, part: str) -> str | None:
    words = LABELS[part]
    known = ((name, label) for name, label in found.fields.items())
    return next((name for name, label in known if label.casefold() in words or name.casefold() in words), None)
