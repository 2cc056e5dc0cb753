"""The input example of a model: made-up leads of the usual shape, so that no real person's are stored.

They are the leads of its self-check too.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from features.encoders import Text
from features.lead import Value
from features.lead_table import LeadTable, ParsedColumn
from features.schema import ROLES, Field
from features.values import Kind
from stats.instants import to_datetime
from training.data.dataset import LEAST_HOLDERS
from training.model import ScoringModel

EXAMPLES = 5
EMAILS = ("someone@example.com", "someone@gmail.com")
PHONES = ("+1 202 555 0143", "+44 20 7946 0958")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def make_input_example(model: ScoringModel, leads: LeadTable) -> pd.DataFrame:
    """`EXAMPLES` raw leads under the company's column names; the last one knows only its id and arrival."""
    schema = model.schema
    columns: dict[str, list[Value]] = {schema.id: _make_ids()} if schema.id else {}
    for role in ROLES:
        if name := getattr(schema, role):
            column = None if role == "created_at" else getattr(leads, role)
            columns[name] = [*_recent_days(leads)] if column is None else _take_in_turn(_frequent_values(column))
    for place, field in enumerate(schema.arrival_fields):
        if field.name != schema.created_at:
            columns[field.name] = _take_in_turn(_example_values(model, leads, place, field))
    return pd.DataFrame(columns, index=pd.RangeIndex(1, EXAMPLES + 1), dtype=object)


def _make_ids() -> list[Value]:
    return [f"example-{number}" for number in range(1, EXAMPLES + 1)]


def _recent_days(leads: LeadTable) -> list[str]:
    """Midnights up to the newest arrival's."""
    newest = NEW_YEAR
    if leads.created_at is not None and len(leads):
        newest = to_datetime(leads.created_at.max().astype("datetime64[D]"))
    return [(newest - timedelta(days=number)).isoformat() for number in range(EXAMPLES)]


def _take_in_turn(values: Sequence[Value]) -> list[Value]:
    """One value a lead, in turn, and nothing for the last."""
    turns = [values[number % len(values)] if values else None for number in range(EXAMPLES - 1)]
    return [*turns, None]


def _example_values(model: ScoringModel, leads: LeadTable, place: int, field: Field) -> list[Value]:
    column = leads.fields[field.name]
    if field.kind is Kind.NUMERIC:
        return _quantiles(column)
    if field.kind is Kind.DATETIME:
        return [*_recent_days(leads)]
    if field.kind is Kind.EMAIL:
        return [*EMAILS]
    if field.kind is Kind.PHONE:
        return [*PHONES]
    if field.kind is Kind.TEXT:
        encoder = model.encoder.encoders[place]
        return [*encoder.words[: EXAMPLES - 1]] if isinstance(encoder, Text) else []
    return _frequent_values(column)


def _quantiles(column: ParsedColumn) -> list[Value]:
    numbers = np.array([*column.values, np.nan], dtype=np.float64)[column.codes]
    numbers = numbers[~np.isnan(numbers)]
    return np.quantile(numbers, [0.5, 0.1, 0.9, 0.25]).tolist() if len(numbers) else []


def _frequent_values(column: ParsedColumn) -> list[Value]:
    """The values that most leads hold, and that several do, so that they name nobody."""
    codes, holders = np.unique(column.codes[column.codes >= 0], return_counts=True)
    ranked = sorted(zip(-holders, codes.tolist(), strict=True))
    return [column.values[code] for held, code in ranked[:EXAMPLES] if -held >= LEAST_HOLDERS]
