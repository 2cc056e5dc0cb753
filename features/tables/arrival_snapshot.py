"""Parses leads as they arrived, which `leads export-history` writes out of the store."""

import pandas as pd

from features.errors import TableRefused, missing_columns
from features.lead_table import LeadTable, parse_leads
from features.schema import LeadSchema

LEAD_ID, RECEIVED_AT = "lead_id", "received_at"


def parse_arrivals(raw: pd.DataFrame, schema: LeadSchema) -> LeadTable:
    """Parse leads as the service took them in, under their roles' names or the company's own.

    They arrived when they were received. A field that none of them has was never sent: it is missing, and no problem.

    Raises:
        TableRefused: with every value that is not of its field's kind.
    """
    if problems := missing_columns(raw.columns, (LEAD_ID, RECEIVED_AT)):
        raise TableRefused(problems)
    wanted = (schema.id, *schema.role_of, *(field.name for field in schema.arrival_fields))
    columns = {name: _column(raw, name, schema) for name in wanted if name}
    return parse_leads(pd.DataFrame(columns, index=raw.index, dtype=object), schema)


def _column(raw: pd.DataFrame, name: str, schema: LeadSchema) -> "pd.Series[str] | None":
    if name == schema.id:
        return raw[LEAD_ID]
    if name == schema.created_at:
        return raw[RECEIVED_AT]
    places = (name, schema.role_of.get(name, name))
    return next((raw[place] for place in places if place in raw and raw[place].notna().any()), None)
