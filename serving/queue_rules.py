"""The rules of the sales queue: how soon a lead is to be called first, and who may wait how long."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from analytics.response.working_hours import WorkingHours
from serving import cursors

if TYPE_CHECKING:  # a model takes seconds to import, and commands that read settings need none
    from training.model import Confidence

Order = Literal["score", "value", "wait", "cost"]
ORDERS: tuple[Order, ...] = get_args(Order)
LONGEST_PAGE = 200
AGED, OVERDUE, WAITING = TIERS = 0, 1, 2
"""Which leads come first: those that nobody tried for too long, those that are overdue, the rest."""


_TARGET = re.compile(r"(\w+)=(\d+(?:\.\d+)?)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_response_targets(text: str) -> dict[str, timedelta]:
    """Response targets by grade, as in `A=15m B=2h`; raises `ValueError` saying what is accepted."""
    found = {}
    for word in text.split():
        target = _TARGET.fullmatch(word)
        if target is None:
            raise ValueError(f"expected grades with minutes, hours or days, as in A=15m B=2h C=1d, not {word!r}")
        found[target[1]] = timedelta(**{_UNITS[target[3]]: float(target[2])})
    return found


@dataclass(frozen=True)
class QueueRules:
    """What the company promises its leads, and itself.

    `response_targets` gives the working time until the first attempt, by grade. A lead that nobody contacted for
    `oldest` comes before all others. A claim lasts `lease`; a lead that was contacted returns after `retry` unless the
    agent named a time. `random_share` of the claims are picked by chance, so that the order's worth can be measured,
    and, where `random_sources` names sources, among their leads while there are any: so a source that is hardly called
    gets known. `order` is the pages', unless the reader asks for another. Nobody takes more than `most_claims` leads at
    a time on the pages, and `lost_reasons` are offered there.
    """

    hours: WorkingHours
    response_targets: Mapping[str, timedelta]
    lease: timedelta
    retry: timedelta
    oldest: timedelta
    random_share: float
    random_sources: tuple[str, ...]
    order: Order = "cost"
    most_claims: int = 3
    lost_reasons: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """By what the order of the queue depends on; a mapping has no hash of its own."""
        return hash((self.oldest, self.retry, frozenset(self.response_targets.items())))

    def due_at(self, grade: str, arrived: datetime) -> datetime | None:
        """When a lead's first attempt is due; None where its grade has no response target."""
        target = self.response_targets.get(grade)
        return None if target is None else self.hours.after(arrived, target)

    def is_aged(self, place: "QueueEntry", now: datetime) -> bool:
        """Whether nobody tried the lead for too long, so that it stands before all others."""
        return place.attempts == 0 and place.arrived < now - self.oldest


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A lead's place in the queue: what it is sorted by, and who has it."""

    lead_id: str
    probability: float
    expected_value: float | None
    grade: str
    source: str | None
    model_version: str
    confidence: "Confidence"
    arrived: datetime
    promised_by: datetime | None
    free_from: datetime
    attempts: int
    agent: str | None
    claim_id: str | None
    claimed_until: datetime

    def is_claimed(self, now: datetime) -> bool:
        """Whether an agent has it at the moment."""
        return self.claimed_until > now

    def is_overdue(self, now: datetime) -> bool:
        """Whether the promise is broken."""
        return self.promised_by is not None and self.promised_by < now


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which part of the queue, in which order."""

    order: Order = "score"
    source: str | None = None
    grade: str | None = None
    agent: str | None = None
    older_than: timedelta | None = None
    younger_than: timedelta | None = None


@dataclass(frozen=True, slots=True)
class QueueCursor:
    """The last place of a page. `at` is when the first page was asked for: what was overdue then stays so."""

    at: datetime
    order: Order
    tier: int
    key: float
    lead_id: str

    def __str__(self) -> str:
        return cursors.encode(self.at.timestamp(), self.order, self.tier, self.key, self.lead_id)

    @classmethod
    def read(cls, text: str) -> "QueueCursor":
        """A cursor as `str` wrote it; raises `CursorBroken`."""
        at, said_order, tier, key, lead_id = cursors.decode(text, 5)
        order: Order | None = next((order for order in ORDERS if order == said_order), None)
        if order is None or tier not in TIERS:
            raise cursors.CursorBroken
        placed = int(cursors.as_number(tier)), cursors.as_number(key), cursors.as_lead_id(lead_id)
        return cls(cursors.as_moment(at), order, *placed)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Places in order; `waiting` and `overdue` count all that the filters let through."""

    places: tuple[QueueEntry, ...]
    following: QueueCursor | None
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Claim:
    """An agent's lease on a lead."""

    claim_id: str
    lead_id: str
    agent: str
    claimed_at: datetime
    until: datetime
    at_random: bool
