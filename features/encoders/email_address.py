"""The encoder of e-mail addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from features.contact_fields import NO_ADDRESS, domain_class, short_address, top_level_domain
from features.encoders.field_encoder import NAN, Column, Counts, FieldEncoder
from features.encoders.levels import Levels, count_levels
from features.lead import Value
from features.lead_table import ParsedColumn, merge_values


@dataclass(frozen=True)
class EmailAddress(FieldEncoder):
    """Codes of the domain's class, free or company, and of its ending; the address itself is not kept.

    >>> encoder = EmailAddress("email", domains=Levels(("company", "free")), endings=Levels(("com", "de")))
    >>> encoder.encode_value("ann@gmail.com"), encoder.describe(0, "ann@gmail.com")
    ((1.0, 0.0), 'is at a free mail provider')
    """

    domains: Levels
    endings: Levels

    @classmethod
    def count(cls, column: ParsedColumn) -> Counts:
        alike = merge_values(column, short_address)
        return (count_levels(alike, _domain_class), count_levels(alike, _domain_ending))

    @classmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:
        domains, endings = counts
        return cls(field, Levels.from_counts(domains, leads), Levels.from_counts(endings, leads))

    @property
    def columns(self) -> tuple[Column, ...]:
        domain = self.domains.column(f"{self.field} domain", self.field)
        return (domain, self.endings.column(f"{self.field} ending", self.field))

    def encode_value(self, value: Value) -> tuple[float, ...]:
        if value is None:
            return (NAN, NAN)
        return (self.domains.code_of(_domain_class(value)), self.endings.code_of(_domain_ending(value)))

    def merge_alike(self, column: ParsedColumn) -> ParsedColumn:
        return merge_values(column, short_address)

    def describe(self, column: int, value: Value) -> str:
        domain = _domain_class(value)
        if domain == NO_ADDRESS:
            return f"is {NO_ADDRESS}"
        if column == 1:
            return f"ends in .{_domain_ending(value)}"
        return "is at a free mail provider" if domain == "free" else "is at a company's own domain"

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(state["field"], Levels.from_state(state["domains"]), Levels.from_state(state["endings"]))


def _domain_class(value: Value) -> str:
    return domain_class(str(value))


def _domain_ending(value: Value) -> str:
    return top_level_domain(str(value))
