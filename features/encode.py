"""FeatureEncoder: a table of leads, or one lead, to the same numbers.

Fitted on training leads only. Its state is JSON, and the single-lead path builds no data frame.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np

from features.encoders import ENCODERS, Column, FieldEncoder, Levels, Matrix
from features.lead import Lead, Value
from features.lead_table import LeadTable
from features.schema import LeadSchema


@dataclass(frozen=True)
class FeatureEncoder:
    """The schema's arrival fields as columns of float64; NaN where nothing is known."""

    schema: LeadSchema
    encoders: tuple[FieldEncoder, ...]

    @classmethod
    def fit(cls, leads: LeadTable, schema: LeadSchema) -> Self:
        """Learn levels and words from these leads and no others."""
        fitted = (ENCODERS[field.kind].fit(field.name, leads.fields[field.name]) for field in schema.arrival_fields)
        return cls(schema, tuple(fitted))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The matrix's columns, in order."""
        return tuple(column for encoder in self.encoders for column in encoder.columns)

    @cached_property
    def spans(self) -> tuple[slice, ...]:
        """Which columns belong to each encoder."""
        ends = np.cumsum([0, *(len(encoder.columns) for encoder in self.encoders)]).tolist()
        return tuple(slice(start, end) for start, end in pairwise(ends))

    def encode(self, leads: LeadTable) -> Matrix:
        """The matrix (n, d) of a table of leads."""
        matrix = np.empty((len(leads), len(self.columns)))
        for encoder, span in zip(self.encoders, self.spans, strict=True):
            matrix[:, span] = encoder.block(leads.fields[encoder.field], leads.created_at)
        return matrix

    def encode_lead(self, lead: Lead) -> Matrix:
        """The row (d,) of one lead."""
        numbers: list[float] = []
        created_at = lead.created_at if self.schema.created_at else None  # as in a table, which then has none
        for field, encoder in zip(self.schema.arrival_fields, self.encoders, strict=True):
            numbers += encoder.numbers(self.schema.value_of(lead, field), created_at)
        return np.array(numbers)

    def unseen(self, lead: Lead) -> Iterator[str]:
        """The fields whose category was never seen in training."""
        for field, encoder in zip(self.schema.arrival_fields, self.encoders, strict=True):
            if not encoder.knows(self.schema.value_of(lead, field)):
                yield field.name

    def tell(self, encoder: int, column: int, value: Value, created_at: datetime | None) -> str:
        """What a reason says of a field's value, by the column that weighed most: "is Reference", "is missing"."""
        return "is missing" if value is None else self.encoders[encoder].tell(column, value, created_at)

    def to_json(self) -> list[dict[str, Any]]:
        """Plain data that `from_json` reads back beside the schema."""
        return [asdict(encoder) for encoder in self.encoders]

    @classmethod
    def from_json(cls, schema: LeadSchema, states: Sequence[Mapping[str, Any]]) -> Self:
        pairs = zip(schema.arrival_fields, states, strict=True)
        return cls(schema, tuple(_restore(ENCODERS[field.kind], state) for field, state in pairs))


def _restore(encoder: type[FieldEncoder], state: Mapping[str, Any]) -> FieldEncoder:
    kinds = {part.name: part.type for part in fields(encoder)}
    return encoder(**{name: _restored(kinds[name], value) for name, value in state.items()})


def _restored(kind: object, value: Any) -> Any:
    if kind is Levels:
        return Levels(tuple(value["names"]))
    return tuple(value) if isinstance(value, list) else value
