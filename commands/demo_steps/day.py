"""A day at the demo's company: calls with notes and ends, leads at hand, callbacks due, and what was agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from features.lead import Contact
from serving.operations.calls import Call, Result, log_call
from serving.operations.claims import Claims
from serving.operations.leads import LeadOperations
from serving.queue_rules import QueueRules
from serving.store import Connection, Store, agreements
from serving.store.outbox import NOBODY

READER = "Ann"
COLLEAGUES = ("Amira", "Boris", "Chloe")
"""Agents of the simulated team, so that their calls of today go on where those of the past end."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class CallOfToday:
    """A call so many minutes `ago`; `again` is in how many minutes to call again."""

    agent: str
    ago: int
    result: Result
    note: str = ""
    again: int | None = None
    value: float | None = None
    reason: str | None = None


CALLS = (
    CallOfToday(READER, 170, "not_reached", "Voicemail. Try before lunch.", again=5),
    CallOfToday(READER, 140, "callback", "Interested, asks for a price list. Decides with her head of IT.", again=-4),
    CallOfToday(READER, 110, "won", "Signs for a year, wants to begin on the first.", value=6_400.0),
    CallOfToday(READER, 80, "lost", "Renewed with their old supplier last month.", reason="Chose another"),
    CallOfToday(READER, 50, "callback", "In a meeting; call tomorrow.", again=26 * 60),
    CallOfToday("Amira", 150, "lost", "Only looking around.", reason="No need"),
    CallOfToday("Amira", 60, "callback", "Wants to see it on their own data.", again=45),
    CallOfToday("Boris", 95, "not_reached", again=90),
    CallOfToday("Chloe", 40, "lost", "Budget frozen until spring.", reason="No budget"),
)
AGREED: tuple[tuple[str, str, bool | None], ...] = (
    ("Call demo requests within the hour, before anything else", "Amira", True),
    ("Halve the budget of Social Ads until its leads win again", "Mia", None),
    ("Ask Partner for ten more introductions", "Mia", False),
)
"""What was agreed in last week's meeting, whose it is, and whether it was done."""


def live_a_day(store: Store, rules: QueueRules, lead_ids: Sequence[str], now: datetime) -> None:
    """Work some of today's leads, which are in the queue, the earliest first."""
    operations, claims = LeadOperations(rules, NOBODY), Claims(rules, NOBODY, Random(1))  # noqa: S311 - no secret
    store.write_now(_call, operations, lead_ids, now)
    store.write_now(_claim, claims, lead_ids[len(CALLS) :], now)
    store.write_now(_agree, now)


def _call(connection: Connection, operations: LeadOperations, lead_ids: Sequence[str], now: datetime) -> None:
    for lead_id, call in zip(lead_ids, CALLS, strict=False):
        connected = call.result != "not_reached"
        started_at = now - call.ago * MINUTE
        contact = Contact(lead_id, started_at, call.agent, "phone", "out", connected, 240.0 if connected else 30.0)
        again_at = None if call.again is None else now + call.again * MINUTE
        logged = Call(contact, call.result, again_at, call.note or None, call.value, call.reason)
        log_call(connection, operations, logged, started_at)


def _claim(connection: Connection, claims: Claims, lead_ids: Sequence[str], now: datetime) -> None:
    for lead_id, agent in zip(lead_ids, (*COLLEAGUES, COLLEAGUES[0]), strict=False):
        claims.claim(connection, lead_id, agent, now)


def _agree(connection: Connection, now: datetime) -> None:
    last_wednesday = now - timedelta(days=now.weekday() + 5)
    for note, owner, is_done in AGREED:
        kept = agreements.add(connection, READER, "", note, owner, last_wednesday)
        agreements.settle(connection, kept.agreement_id, is_done, now)
