"""The outbox: what the webhook is told, written in the transaction of the change it tells of, and sent later.

A change and its event are stored together or not at all. Whoever sends leases events for a while, so that no two
workers send the same at once, and one that dies leaves them to the next.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, TypeAlias

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from serving.store.row_inserts import insert_new
from serving.store.tables import crm_records, gone_receivers, new_id, outbox

LEASE_SECONDS = 60.0
"""Longer than an attempt can take."""
SENT_KEPT = timedelta(days=7)
EVENT_ID = "^evt_[0-9a-f]{24}$"
"""What an event's id looks like."""

State: TypeAlias = Literal["waiting", "sent", "dead"]


@dataclass(frozen=True, slots=True)
class Before:
    """What a lead's score was."""

    probability: float
    grade: str


@dataclass(frozen=True, slots=True)
class ScoreChanged:
    """A lead has another score than before; its first score is no change."""

    kind: ClassVar[str] = "score.changed"

    lead_id: str
    probability: float
    grade: str
    before: Before
    model_part: float | None
    lead_part: float | None
    model_version: str


@dataclass(frozen=True, slots=True)
class LeadClaimed:
    """An agent has taken a lead from the queue, until then."""

    kind: ClassVar[str] = "lead.claimed"

    lead_id: str
    agent: str
    until: datetime
    claim_id: str


@dataclass(frozen=True, slots=True)
class ScoreForCrm:
    """A lead has a score that its CRM does not show yet; which one is looked up when it is written."""

    kind: ClassVar[str] = "crm.score"

    lead_id: str
    connection: str


Event: TypeAlias = ScoreChanged | LeadClaimed | ScoreForCrm
Receiver: TypeAlias = Literal["webhook", "crm"]
"""Who is told: the company's webhook, or the CRM that a lead is of."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Takes events where somebody is to be told.

    Use it inside the transaction of the change, in any function of this package:

        outbox.add(connection, [ScoreChanged(lead_id, 0.31, "A", Before(0.12, "C"), 0.0, 0.19, "7")], now)
        outbox.add(connection, [LeadClaimed(lead_id, agent, until, claim_id)], now)

    Hand it every new score of a lead that had one: what changed too little is left out here. `NOBODY` takes nothing.
    `crms` are the connections whose CRMs get the scores of their leads.
    """

    on: bool
    least_change: float = 0.01
    crms: frozenset[str] = frozenset()

    def add(self, connection: Connection, events: Sequence[Event], now: datetime) -> None:
        """Store what is to be told; nothing leaves if the transaction is taken back."""
        told = [event for event in events if self.on and self._matters(event)]
        _insert(connection, told, now)

    def tell_crms(
        self, connection: Connection, new: Sequence[str], changed: Sequence[ScoreChanged], now: datetime
    ) -> None:
        """Store that CRMs are to show the scores of these leads: of `new` ones, and where it changed enough."""
        if not self.crms:
            return
        lead_ids = [*new, *(event.lead_id for event in changed if self._matters(event))]
        c = crm_records.c
        question = select(c.lead_id, c.connection).where(c.lead_id.in_(lead_ids), c.connection.in_(self.crms))
        events = [ScoreForCrm(row.lead_id, row.connection) for row in connection.execute(question)]
        _insert(connection, events, now)

    def _matters(self, event: Event) -> bool:
        if not isinstance(event, ScoreChanged):
            return True
        moved = round(abs(event.probability - event.before.probability), 9)
        return event.grade != event.before.grade or moved >= self.least_change


NOBODY = Outbox(on=False)
"""Where there is no webhook."""


@dataclass(frozen=True, slots=True)
class Leased:
    """An event to be sent now, by whoever leased it."""

    event_id: str
    body: str
    attempts: int
    until: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """How sending an event went: no trouble means that it arrived; `again_at` is empty where it was the last try.

    `wait_s` is how long it is until then; it `counts` unless the receiver was away for all.
    """

    leased: Leased
    trouble: str | None
    again_at: float | None
    wait_s: float | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class EventStatus:
    """An event's way to the receiver, without what it says."""

    event_id: str
    type: str
    lead_id: str | None
    created_at: datetime
    state: State
    attempts: int
    next_at: datetime | None
    trouble: str | None
    sent_at: datetime | None


def is_due(connection: Connection, now: float, receiver: Receiver = "webhook") -> bool:
    """Whether there is anything to send; cheaper than to lease nothing, for it takes no lock."""
    return connection.execute(_due(now, receiver).limit(1)).first() is not None


def lease(connection: Connection, now: float, most: int, receiver: Receiver = "webhook") -> list[Leased]:
    """Take the events for a receiver that have been due longest, for `LEASE_SECONDS`."""
    query = _due(now, receiver).order_by(outbox.c.next_at).limit(most).with_for_update(skip_locked=True)
    until = now + LEASE_SECONDS
    leased = [Leased(row.event_id, row.body, row.attempts, until) for row in connection.execute(query)]
    taken = outbox.c.event_id.in_([event.event_id for event in leased])
    connection.execute(update(outbox).where(taken).values(next_at=until, wait_s=LEASE_SECONDS))
    return leased


def settle(connection: Connection, attempts: Sequence[Attempt], now: datetime) -> None:
    """Note how sending went. A failure counts only while the lease is held; what arrived has arrived."""
    for attempt in attempts:
        change = update(outbox).where(outbox.c.event_id == attempt.leased.event_id)
        if attempt.trouble is not None:
            change = change.where(outbox.c.state == "waiting", outbox.c.next_at == attempt.leased.until)
        connection.execute(
            change.values(attempts=attempt.leased.attempts + attempt.counts, **_settled_values(attempt, now))
        )


def find_events(
    connection: Connection, state: State | None = None, limit: int = 50, before: str | None = None
) -> list[EventStatus]:
    """Events, the newest first; those older than the one whose id is `before`."""
    query = select(outbox).order_by(outbox.c.event_id.desc()).limit(limit)
    query = query if state is None else query.where(outbox.c.state == state)
    query = query if before is None else query.where(outbox.c.event_id < before)
    return [_event_status(row) for row in connection.execute(query)]


def count_by_state(connection: Connection) -> dict[str, int]:
    """How many events wait, were sent, and are dead; a state without events is left out."""
    counted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return dict(tuple(row) for row in connection.execute(counted))


def resend(connection: Connection, event_id: str, now: datetime) -> EventStatus | None:
    """Have an event sent again from its first attempt, with its old id; None where there is no such event.

    One that still waits is sent within `LEASE_SECONDS`, lest an attempt be under way. A receiver that was gone is
    tried again.
    """
    this = outbox.c.event_id == event_id
    if connection.execute(select(outbox.c.event_id).where(this)).first() is None:
        return None
    _forget_gone_receivers(connection)
    waits, soon = outbox.c.state == "waiting", now.timestamp() + LEASE_SECONDS
    change = update(outbox).where(this)
    connection.execute(change.where(waits, outbox.c.next_at > soon).values(next_at=soon, wait_s=LEASE_SECONDS))
    connection.execute(change.where(~waits).values(_first_attempt(now)))
    found = connection.execute(select(outbox).where(this)).first()
    return None if found is None else _event_status(found)


def resend_dead(connection: Connection, now: datetime) -> int:
    """Have every dead event sent again; how many these are."""
    _forget_gone_receivers(connection)
    return connection.execute(update(outbox).where(outbox.c.state == "dead").values(_first_attempt(now))).rowcount


def receiver_gone_since(connection: Connection, receiver: str) -> datetime | None:
    """Since when a receiver is gone; None of one that is not."""
    return connection.scalar(select(gone_receivers.c.gone_at).where(gone_receivers.c.receiver == receiver))


def mark_receiver_gone(connection: Connection, receiver: str, now: datetime) -> bool:
    """Note that a receiver is gone; whether that is news."""
    return insert_new(connection, gone_receivers, [{"receiver": receiver, "gone_at": now}]) == 1


def _forget_gone_receivers(connection: Connection) -> None:
    connection.execute(delete(gone_receivers))


def drop_old(connection: Connection, now: datetime) -> int:
    """Delete what was sent longer than `SENT_KEPT` ago; how many these were."""
    old = (outbox.c.state == "sent", outbox.c.next_at <= now.timestamp())
    return connection.execute(delete(outbox).where(*old)).rowcount


def _due(now: float, receiver: Receiver) -> Select[Any]:
    columns = (outbox.c.event_id, outbox.c.body, outbox.c.attempts)
    its = outbox.c.kind == ScoreForCrm.kind if receiver == "crm" else outbox.c.kind != ScoreForCrm.kind
    return select(*columns).where(outbox.c.state == "waiting", outbox.c.next_at <= now, its)


def _insert(connection: Connection, events: Sequence[Event], now: datetime) -> None:
    if events:
        connection.execute(insert(outbox), [_event_row(event, now) for event in events])


def _event_row(event: Event, now: datetime) -> dict[str, Any]:
    body = {"type": event.kind, "timestamp": now, "data": asdict(event)}
    return {
        "event_id": new_id("evt"),
        "kind": event.kind,
        "lead_id": event.lead_id,
        "body": json.dumps(body, default=_json_time, ensure_ascii=False, separators=(",", ":")),
        "created_at": now,
        **_first_attempt(now),
    }


def _first_attempt(now: datetime) -> dict[str, Any]:
    return {
        "state": "waiting",
        "attempts": 0,
        "next_at": now.timestamp(),
        "wait_s": 0.0,
        "trouble": None,
        "sent_at": None,
    }


def _settled_values(attempt: Attempt, now: datetime) -> dict[str, Any]:
    if attempt.trouble is None:
        return {"state": "sent", "trouble": None, "sent_at": now, "next_at": (now + SENT_KEPT).timestamp()}
    if attempt.again_at is None:
        return {"state": "dead", "trouble": attempt.trouble}
    return {"trouble": attempt.trouble, "next_at": attempt.again_at, "wait_s": attempt.wait_s}


def _event_status(row: Row[Any]) -> EventStatus:
    waits = row.state == "waiting"
    next_at = datetime.fromtimestamp(row.next_at, UTC) if waits else None
    values = (row.event_id, row.kind, row.lead_id, row.created_at, row.state, row.attempts)
    return EventStatus(*values, next_at, row.trouble, row.sent_at)


def _json_time(time: object) -> str:
    if not isinstance(time, datetime):
        raise TypeError(f"an event cannot say {type(time).__name__}")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
