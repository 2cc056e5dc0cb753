"""Fields as the store keeps them, JSON as it was sent, to parsed columns; and to the frame that drift compares.

Unlike a table that is imported, these leads are there already: a value that is not of its field's kind counts as
missing here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.lead_table import MISSING, LeadTable, ParsedColumn, parse_column
from features.schema import Field, LeadSchema
from features.values import Kind

ROLES = ("source", "campaign")


@dataclass(frozen=True)
class StoredLeads:
    """Some rows of `LeadsAsOf.leads` (their positions, rising) and the fields of each, as they were sent."""

    rows: NDArray[np.intp]
    fields: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[np.intp]) -> "StoredLeads":
        """Those at these places among them."""
        return StoredLeads(self.rows[places], [self.fields[place] for place in places.tolist()])


def parse_stored(leads: pd.DataFrame, stored: StoredLeads, schema: LeadSchema) -> LeadTable:
    """The leads of these rows by the schema's columns; `leads` is that of `LeadsAsOf`."""
    table = leads.iloc[stored.rows]
    roles = {role: parse_column(table[role].astype("str"), schema.role_parsers[role])[0] for role in ROLES}
    arrived_at = table["arrived_at"].to_numpy()
    fields = {}
    for field in schema.arrival_fields:
        role = schema.role_of.get(field.name)
        if role in ROLES:
            fields[field.name] = roles[role]
        elif role == "created_at":
            fields[field.name] = _moments(arrived_at)
        else:
            raw = pd.Series([sent.get(field.name) for sent in stored.fields])
            fields[field.name] = parse_column(raw, schema.parser_of(field))[0]
    created_at = arrived_at if schema.created_at else None
    return LeadTable(table["lead_id"].to_numpy(dtype=object), created_at, roles["source"], roles["campaign"], fields)


def with_roles(schema: LeadSchema) -> LeadSchema:
    """The schema with source and campaign as fields, which every lead may have; and without times.

    A model that judges two periods must not be able to tell them apart by the calendar.
    """
    own = tuple(field for field in schema.arrival_fields if field.kind is not Kind.DATETIME)
    named = {schema.role_of.get(field.name) for field in own}
    taken = {field.name for field in own}
    added = {role: role if role not in taken else f"{role} of the lead" for role in ROLES if role not in named}
    fields = own + tuple(Field(name, Kind.CATEGORY) for name in added.values())
    return replace(schema, fields=fields, created_at=None, **added)


def in_roles(table: LeadTable, schema: LeadSchema) -> LeadTable:
    """The same leads by the fields of `with_roles(schema)`, source and campaign among them."""
    roles = {"source": table.source, "campaign": table.campaign}
    nothing = ParsedColumn(np.full(len(table), MISSING, dtype=np.int32), ())
    fields = {
        field.name: table.fields.get(field.name) or roles.get(schema.role_of.get(field.name) or "") or nothing
        for field in schema.arrival_fields
    }
    return LeadTable(table.lead_id, None, table.source, table.campaign, fields)


def frame_of(table: LeadTable, schema: LeadSchema) -> tuple[pd.DataFrame, dict[str, Kind]]:
    """What drift compares: a column for each field but times, None or NaN where missing, and its kind."""
    kinds: dict[str, Kind] = {
        field.name: field.kind for field in schema.arrival_fields if field.kind is not Kind.DATETIME
    }
    return pd.DataFrame({name: _plain(table.fields[name], kind) for name, kind in kinds.items()}), kinds


def _plain(column: ParsedColumn, kind: Kind) -> NDArray[Any]:
    if kind is Kind.NUMERIC:
        return np.array([*column.values, np.nan], dtype=np.float64)[column.codes]
    distinct = np.empty(len(column.values) + 1, dtype=object)
    distinct[:-1] = column.values
    return distinct[column.codes]


def _moments(arrived_at: NDArray[np.datetime64]) -> ParsedColumn:
    codes, distinct = pd.factorize(arrived_at)
    moments = pd.DatetimeIndex(distinct).tz_localize("UTC").to_pydatetime()
    return ParsedColumn(np.where(codes < 0, MISSING, codes).astype(np.int32), tuple(moments))
