"""The four facts of which everything is made: a lead, a contact with it, its outcome, and money spent on leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Value = str | float | bool | datetime | None
"""What a field holds once parsed: text, a number, yes or no, a time in UTC, or nothing."""


@dataclass(frozen=True, slots=True)
class Lead:
    """One person or company that may buy, with nothing that becomes known after its arrival.

    `fields` holds the company's own fields under the company's own names, parsed by `LeadSchema.parse`.
    `unknown` names what arrived but is no field of the schema, `later` the fields that are known later, `zoneless`
    the times that came without a zone, which are taken as UTC; a lead is the same with and without those.
    """

    lead_id: str
    created_at: datetime | None = None
    source: str | None = None
    campaign: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    later: tuple[str, ...] = field(default=(), compare=False)
    zoneless: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with a lead by an agent, whether it was reached or not; `duration_s` in seconds."""

    lead_id: str
    started_at: datetime
    agent: str | None = None
    channel: str | None = None
    direction: Literal["in", "out"] | None = None
    connected: bool | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a lead, and when; `value` in the company's currency."""

    lead_id: str
    status: Literal["won", "lost"]
    at: datetime | None = None
    value: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """Money spent on one campaign of one source in one day."""

    date: date
    source: str
    campaign: str | None
    amount: float
