"""Encodes leads as numbers: a table of leads becomes a matrix, one lead becomes the same row of it.

The encoder is fitted on training leads only. Its state is JSON, and encoding a single lead builds no data frame.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np

from features.encoders import ENCODERS, Category, Column, FieldEncoder
from features.encoders.field_encoder import Counts
from features.lead import Lead, Value
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.types import Matrix


@dataclass(frozen=True)
class FeatureEncoder:
    """The schema's arrival fields as d columns of float64; NaN where a value is missing."""

    schema: LeadSchema
    encoders: tuple[FieldEncoder, ...]

    @classmethod
    def fit(cls, leads: LeadTable, schema: LeadSchema) -> Self:
        """The encoder whose levels and words are those of these leads and no others."""
        return cls.from_counts(schema, cls.count(leads, schema), len(leads))

    @staticmethod
    def count(leads: LeadTable, schema: LeadSchema) -> list[Counts]:
        """What `from_counts` needs to know of these leads, for each arrival field."""
        return [ENCODERS[field.kind].count(leads.fields[field.name]) for field in schema.arrival_fields]

    @classmethod
    def from_counts(cls, schema: LeadSchema, counts: Sequence[Counts], leads: int) -> Self:
        """The encoder of so many leads, by the sums of the counts of all parts of their table."""
        fields = zip(schema.arrival_fields, counts, strict=True)
        return cls(schema, tuple(ENCODERS[field.kind].from_counts(field.name, one, leads) for field, one in fields))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The matrix's d columns, in order."""
        return tuple(column for encoder in self.encoders for column in encoder.columns)

    @cached_property
    def spans(self) -> tuple[slice, ...]:
        """Which columns belong to each encoder."""
        ends = np.cumsum([0, *(len(encoder.columns) for encoder in self.encoders)]).tolist()
        return tuple(slice(start, end) for start, end in pairwise(ends))

    def encode(self, leads: LeadTable) -> Matrix:
        """The matrix (n, d) of a table of n leads."""
        matrix = np.empty((len(leads), len(self.columns)))
        for encoder, span in zip(self.encoders, self.spans, strict=True):
            column = encoder.merge_alike(leads.fields[encoder.field])
            matrix[:, span] = encoder.encode_column(column, leads.created_at)
        return matrix

    def merge_alike(self, leads: LeadTable) -> LeadTable:
        """The leads with one value for many that are encoded and described alike."""
        columns = {encoder.field: encoder.merge_alike(leads.fields[encoder.field]) for encoder in self.encoders}
        return replace(leads, fields={**leads.fields, **columns})

    def encode_lead(self, lead: Lead) -> Matrix:
        """The row (d,) of one lead."""
        created_at = lead.created_at if self.schema.created_at else None  # as in a table, which then has none
        return self.encode_values(self.schema.arrival_values(lead), created_at)

    def encode_values(self, values: Sequence[Value], created_at: datetime | None) -> Matrix:
        """The row (d,) of a lead that holds these values of the arrival fields."""
        numbers: list[float] = []
        for encoder, value in zip(self.encoders, values, strict=True):
            numbers += encoder.encode_at_arrival(value, created_at)
        return np.array(numbers)

    def unseen(self, lead: Lead) -> Iterator[str]:
        """The names of the fields whose category no training lead had."""
        return self.unseen_values(self.schema.arrival_values(lead))

    def unseen_values(self, values: Sequence[Value]) -> Iterator[str]:
        """The names of the fields whose category, among these values of the arrival fields, no training lead had."""
        for place, encoder in self._categories:
            if not encoder.has_seen(values[place]):
                yield encoder.field

    @cached_property
    def _categories(self) -> tuple[tuple[int, FieldEncoder], ...]:
        """The encoders to whom a value can be new, by their places."""
        return tuple((place, one) for place, one in enumerate(self.encoders) if isinstance(one, Category))

    def describe(self, encoder: int, column: int, value: Value, created_at: datetime | None) -> str:
        """A field's value in the words of a reason, by the column that weighed most: "is Reference", "is missing"."""
        if value is None:
            return "is missing"
        return self.encoders[encoder].describe_at_arrival(column, value, created_at)

    def to_json(self) -> list[dict[str, Any]]:
        """Plain data that `from_json` reads back beside the schema."""
        return [encoder.to_state() for encoder in self.encoders]

    @classmethod
    def from_json(cls, schema: LeadSchema, states: Sequence[Mapping[str, Any]]) -> Self:
        """The encoder that `to_json` wrote, for the same schema."""
        pairs = zip(schema.arrival_fields, states, strict=True)
        return cls(schema, tuple(ENCODERS[field.kind].from_state(state) for field, state in pairs))
