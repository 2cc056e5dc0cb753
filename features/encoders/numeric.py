"""The encoder of numbers."""

from decimal import Decimal
from typing import Self

import numpy as np

from features.encoders.field_encoder import NAN, Column, Counts, FieldEncoder
from features.lead import Value
from features.lead_table import ParsedColumn
from stats.types import Matrix, Times


class Numeric(FieldEncoder):
    """The number itself.

    >>> encoder = Numeric("employees")
    >>> encoder.encode_value(250.0), encoder.describe(0, 1_234_567.0)
    ((250.0,), 'is 1,234,570')
    """

    @classmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:  # noqa: ARG003 - nothing to learn
        return cls(field)

    @property
    def columns(self) -> tuple[Column, ...]:
        return (Column(self.field, self.field),)

    def encode_value(self, value: Value) -> tuple[float, ...]:
        return (NAN if value is None else float(value),)  # type: ignore[arg-type]

    def encode_column(self, column: ParsedColumn, created_at: Times | None) -> Matrix:  # noqa: ARG002
        return np.array([*column.values, NAN], dtype=np.float64)[column.codes, None]

    def describe(self, column: int, value: Value) -> str:  # noqa: ARG002 - there is one column
        return f"is {format_plain(float(value))}"  # type: ignore[arg-type]


def format_plain(value: float) -> str:
    """Six digits of a number as people write it, without an exponent."""
    return format(Decimal(f"{value:.6g}"), ",f" if abs(value) >= 100_000 else "f")
