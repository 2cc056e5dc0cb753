"""The encoder of phone numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from features.contact_fields import NO_COUNTRY, phone_country, short_number
from features.encoders.field_encoder import NAN, Column, Counts, FieldEncoder
from features.encoders.levels import Levels, count_levels
from features.lead import Value
from features.lead_table import ParsedColumn, merge_values


@dataclass(frozen=True)
class Phone(FieldEncoder):
    """The code of the number's country; the number itself is not kept.

    >>> encoder = Phone("phone", countries=Levels(("DE", "FR")))
    >>> encoder.encode_value("+33 1 23"), encoder.describe(0, "030 123")
    ((1.0,), 'has no country code')
    """

    countries: Levels

    @classmethod
    def count(cls, column: ParsedColumn) -> Counts:
        return (count_levels(merge_values(column, short_number), _calling_country),)

    @classmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:
        return cls(field, Levels.from_counts(counts[0], leads))

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.countries.column(f"{self.field} country", self.field),)

    def encode_value(self, value: Value) -> tuple[float, ...]:
        return (NAN if value is None else self.countries.code_of(_calling_country(value)),)

    def merge_alike(self, column: ParsedColumn) -> ParsedColumn:
        return merge_values(column, short_number)

    def describe(self, column: int, value: Value) -> str:  # noqa: ARG002 - there is one column
        country = _calling_country(value)
        return f"has {NO_COUNTRY}" if country == NO_COUNTRY else f"is from {country}"

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(state["field"], Levels.from_state(state["countries"]))


def _calling_country(value: Value) -> str:
    return phone_country(str(value))
