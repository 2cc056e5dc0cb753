"""A lead as ad platforms are told of it, and what was stated to a platform before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

State = Literal["pending", "written", "sent", "confirmed", "refused", "expired"]
"""Of a statement: reserved and not yet out; in a file or feed; taken by the platform; confirmed by it; and two ends."""


class Kind(StrEnum):
    """What a statement does: a new conversion, another value for one, or taking one back."""

    NEW = "new"
    RESTATE = "restate"
    RETRACT = "retract"


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """What became of a lead: won, lost, or open again; `known_at` is when the company said so."""

    status: Literal["won", "lost", "open"]
    at: datetime | None
    value: float | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class AdLead:
    """A lead with the first score that it got; `value` is the money if it is won, `fields` are as sent.

    A lead without a score has neither probability nor grade.
    """

    lead_id: str
    arrived: datetime
    source: str | None
    campaign: str | None
    value: float | None
    fields: Mapping[str, Any] = field(repr=False)  # personal data stays out of logs
    probability: float | None
    grade: str | None
    scored_at: datetime | None
    outcome: KnownOutcome | None = None

    def text(self, name: str | None) -> str:
        """What the lead holds under a field's name, as text without white space around it; empty without one."""
        raw = None if name is None else self.fields.get(name)
        return "" if raw is None or isinstance(raw, bool | dict | list) else _plain_text(raw).strip()


def _plain_text(raw: object) -> str:
    """A value as text; a whole number in a float is an id that a table read as a number."""
    return str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement as the store keeps it; the first of a lead's stage has number 0."""

    conversion_id: str
    platform: str
    stage: str
    number: int
    kind: Kind
    value: float
    happened_at: datetime
    stated_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Statement:
    """What a platform is told of one lead now; `ids` are those of the platform's identifiers that the lead has.

    `value` is in the company's currency, with two decimals. `kept` is the row of a statement that is sent
    again; one that `is_known` is only shown again, and nothing of its row changes.
    """

    lead: AdLead
    ids: Mapping[str, str] = field(repr=False)
    stage: str
    number: int
    kind: Kind
    value: float
    happened_at: datetime
    stated_at: datetime
    kept: str | None = None
    is_known: bool = False

    @property
    def event_id(self) -> str:
        """The same for every attempt to say this: the lead's id, with the stage where a lead has several."""
        return self.lead.lead_id if self.stage == ARRIVAL else f"{self.lead.lead_id}.{self.stage}"


ARRIVAL = "arrival"
"""The only stage of platforms that take one conversion for each lead."""
