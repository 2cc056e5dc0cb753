"""What may be sent: the shape of every body. The champion's schema reads a lead's fields."""

from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from serving.queue_rules import Order
from serving.schemas.types import Arrival, Day, LeadId, Name, Role, Time, Word


class SentLead(Protocol):
    """A lead whose shape was checked: `LeadIn`, or what the hot routes read of bytes (`serving.http.lead_bytes`)."""

    @property
    def lead_id(self) -> str: ...
    @property
    def created_at(self) -> Any: ...
    @property
    def source(self) -> Any: ...
    @property
    def campaign(self) -> Any: ...
    @property
    def value(self) -> float | None: ...
    @property
    def fields(self) -> dict[str, Any]: ...


class FactsIn(BaseModel):
    """What a CRM says of a lead that the path names.

    `created_at`, `source` and `campaign` may also stand inside `fields`, under the company's own names.
    """

    model_config = ConfigDict(extra="forbid")

    created_at: Annotated[Arrival, Field(description="When it arrived: ISO 8601, UTC if it names no zone.")] = None
    source: Annotated[Role, Field(description="Where the lead came from: text, a number or true/false.")] = None
    campaign: Annotated[Role, Field(description="Which campaign brought it: text, a number or true/false.")] = None
    value: Annotated[
        float | None,
        Field(strict=True, ge=0, allow_inf_nan=False, description="Money if it is won; the queue may be sorted by it."),
    ] = None
    fields: Annotated[
        dict[str, Any],
        Field(
            description="The company's own fields, as GET /v1/schema lists them. One left out or null "
            "is missing; one that the model does not know is named in the answer's warnings."
        ),
    ] = {}


class ChangesIn(BaseModel):
    """What changed of a lead, as a JSON merge patch (RFC 7396): null takes away, what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    created_at: Annotated[Arrival, Field(description="When it arrived: ISO 8601, UTC if it names no zone.")] = None
    source: Annotated[Role, Field(description="Where the lead came from: text, a number or true/false.")] = None
    campaign: Annotated[Role, Field(description="Which campaign brought it: text, a number or true/false.")] = None
    value: Annotated[float | None, Field(strict=True, ge=0, allow_inf_nan=False, description="Money if it is won.")] = (
        None
    )
    fields: Annotated[
        dict[str, Any] | None, Field(description="The company's own fields that changed; null takes one away.")
    ] = {}


class LeadIn(FactsIn):
    """One lead as a CRM sends it.

    `created_at`, `source` and `campaign` may also stand inside `fields`, under the company's own names.
    """

    lead_id: Annotated[LeadId, Field(description="Your own id of the lead; a whole number is taken as text.")]


class BatchIn(BaseModel):
    """Leads to be scored in one request. Each is checked on its own."""

    model_config = ConfigDict(extra="forbid")

    leads: Annotated[
        list[LeadIn | Any], Field(min_length=1, max_length=1_000, description="What is no lead is refused by itself.")
    ]


class ContactIn(BaseModel):
    """One attempt or conversation with a lead. Told again it is kept once, whichever way its agent is spelled."""

    model_config = ConfigDict(extra="forbid", strict=True)

    started_at: Time
    agent: Word | None = None
    channel: Word | None = None
    direction: Literal["in", "out"] | None = None
    connected: Annotated[bool | None, Field(description="Whether there was a conversation.")] = None
    duration_s: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    again_at: Annotated[Time | None, Field(description="When to try again; the lead is back in the queue then.")] = None


class OutcomeIn(BaseModel):
    """What became of a lead; `open` takes back what was said before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    status: Literal["won", "lost", "open"]
    at: Annotated[Time | None, Field(description="When it was won or lost; by default when it was reported.")] = None
    value: Annotated[float | None, Field(ge=0, allow_inf_nan=False, description="Money from a won lead.")] = None
    reason: Word | None = None
    reported_at: Annotated[
        Time | None,
        Field(description="When the company knew, now by default. Reports may come in any order; the newest stands."),
    ] = None


class NextIn(BaseModel):
    """Who wants the next lead of the queue, or one lead of it, and of which part."""

    model_config = ConfigDict(extra="forbid", strict=True)

    agent: Word
    order: Order = "score"
    source: Word | None = None
    grade: Word | None = None
    lead_id: Annotated[LeadId | None, Field(description="This lead and no other.")] = None


class SpentIn(BaseModel):
    """What one source, or one campaign of it, cost on one day."""

    model_config = ConfigDict(extra="forbid", strict=True)

    date: Day
    source: Name
    campaign: Annotated[Name | None, Field(description="None for what the source cost as a whole.")] = None
    amount: Annotated[float, Field(ge=0, allow_inf_nan=False, description="Money, in the company's currency.")]


class SpendIn(BaseModel):
    """What was spent, each day, source and campaign once. An amount told again replaces the one before."""

    model_config = ConfigDict(extra="forbid")

    spend: Annotated[list[SpentIn], Field(min_length=1, max_length=1_000)]
