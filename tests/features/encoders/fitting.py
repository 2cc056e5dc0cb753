"""Encoders fitted on leads with one field, "x"."""

from collections.abc import Sequence

import pandas as pd

from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import LeadTable, parse_leads
from features.schema import Field, LeadSchema
from features.values import Kind

NOON = "2026-03-02T12:00:00Z"


def table(values: Sequence[object], kind: Kind, **roles: str) -> tuple[LeadTable, LeadSchema]:
    """Leads that hold one field, "x", and, where the schema has an arrival time, arrived on 2 March 2026 at noon."""
    schema = LeadSchema((Field("x", kind),), **roles)
    raw = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    return parse_leads(raw.assign(**({"at": NOON} if roles else {})), schema), schema


def fitted(values: Sequence[object], kind: Kind, **roles: str) -> FeatureEncoder:
    return FeatureEncoder.fit(*table(values, kind, **roles))


def row(encoder: FeatureEncoder, value: object) -> list[float]:
    return encoder.encode_lead(encoder.schema.parse("L", {"x": value}, created_at=NOON)).tolist()


def names(encoder: FeatureEncoder) -> list[str]:
    return [column.name for column in encoder.columns]
