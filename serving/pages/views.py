"""What the templates are given: frozen values with every word already chosen. No clock, no store, no model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from serving.pages.charts import Size, Width
from serving.pages.person import Person

Stage = Literal["next", "claimed", "called", "none"]
"""Of the lead at the top of the queue: to be claimed, claimed by the reader, just called by them, or none is free."""


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go; `current` is where the reader is."""

    text: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the page, and the pages they may see."""

    name: str
    pages: tuple[Link, ...]
    can_sign_out: bool
    may_search: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What the last action came to; `undo` is the call that can be taken back."""

    text: str
    is_refusal: bool = False
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability as a frequency, a number and a sentence."""

    words: str
    number: str
    within: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead's wait in words; Unix seconds let the script keep them true."""

    words: str
    exact: str
    overdue: str | None
    arrived: float
    due_at: float | None
    response_target: str


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """A reason as a sentence, and whether it raises the score."""

    sentence: str
    raises: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """A field of a lead; `href` starts a call or a mail; `unused` says why the model does not use it."""

    name: str
    value: str
    href: str | None = None
    unused: str | None = None


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One attempt or conversation."""

    when: str
    exact: str
    agent: str
    what: str
    callback: str
    note: str
    form: "CallForm | None"


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What became of a lead, in a sentence."""

    status: str
    sentence: str
    exact: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a form."""

    value: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class LeadCard:
    """The lead that the reader is to call."""

    person: Person
    url: str
    grade: str
    chance: Chance
    reasons: tuple[ReasonLine, ...]
    waiting: Waiting
    tried: str | None
    worth: str | None
    origin: str
    at_random: bool
    has_until: str | None
    until: float | None
    why_first: str | None
    little_known: str


@dataclass(frozen=True, slots=True)
class ActionPanel:
    """What the reader needs once the lead is theirs: its fields, its contacts, and the form for the call."""

    facts: tuple[FactLine, ...]
    contacts: tuple[ContactLine, ...]
    form: "CallForm"


@dataclass(frozen=True, slots=True)
class CallForm:
    """How a call went, to be filled in: empty, or as the call of `contact_id` was logged."""

    lead_id: str
    back: str
    contact_id: str | None
    results: tuple[Choice, ...]
    callback_times: tuple[Choice, ...]
    zone: str
    again_at: str
    minutes: str
    note: str
    value: str
    reasons: tuple[Choice, ...]
    other_reason: str
    without_reaching: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A place in the queue; `state` says who has it, up to `until`, or how often it was tried."""

    person: Person
    url: str
    grade: str
    chance: Chance
    worth: str
    source: str
    waiting: Waiting
    state: str
    is_free: bool
    until: float | None
    little_known: str


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Rows that stand together; `order` says why, and what they are sorted by."""

    order: str
    rows: tuple[QueueRow, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `sort` leads to the table sorted by it; `is_sorted`: nothing else comes before."""

    text: str
    sort: Link | None = None
    is_figure: bool = False
    is_sorted: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the queue."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The whole queue page; leads that come after `fresh_since` (Unix seconds) are announced on it."""

    stage: Stage
    card: LeadCard | None
    action_panel: ActionPanel | None
    others: tuple[Link, ...]
    columns: tuple[Column, ...]
    groups: tuple[QueueGroup, ...]
    more: str | None
    filters: tuple[Filter, ...]
    is_filtered: bool
    hidden_fields: tuple[tuple[str, str], ...]
    count: str
    empty: str
    fresh_since: float | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its finding, how to read it, what it shows in words, its variants' address and sizes."""

    finding: str
    caption: str
    alt: str
    path: str
    sizes: Mapping[Width, Size]


@dataclass(frozen=True, slots=True)
class Table:
    """A table beneath a chart, or alone; `figures` are the columns of numbers, from 0."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A score that a lead once had, and why it changed."""

    when: str
    exact: str
    chance: Chance
    grade: str
    version: str
    why: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """The whole lead page."""

    person: Person
    chance: Chance | None
    grade: str
    scored: str
    scored_exact: str
    place: str
    until: float | None
    waiting: Waiting | None
    reasons: tuple[ReasonLine, ...]
    picture: Picture | None
    parts: Table | None
    scores: tuple[ScoreLine, ...]
    contacts: tuple[ContactLine, ...]
    outcome: OutcomeLine | None
    facts: tuple[FactLine, ...]
    warnings: tuple[str, ...]
    little_known: str
    action_panel: ActionPanel | None
    may_claim: bool
