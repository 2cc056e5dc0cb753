"""A day at the demo's company: calls with notes and ends, leads at hand, callbacks due, and what was agreed."""

from collections.abc import Sequence
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
CALLS: tuple[tuple[str, int, Result, int | None, str, float | None, str | None], ...] = (
    (READER, 170, "not_reached", 5, "Voicemail. Try before lunch.", None, None),
    (READER, 140, "callback", -4, "Interested, asks for a price list. Decides with her head of IT.", None, None),
    (READER, 110, "won", None, "Signs for a year, wants to begin on the first.", 6_400.0, None),
    (READER, 80, "lost", None, "Renewed with their old supplier last month.", None, "Chose another"),
    (READER, 50, "callback", 26 * 60, "In a meeting; call tomorrow.", None, None),
    ("Amira", 150, "lost", None, "Only looking around.", None, "No need"),
    ("Amira", 60, "callback", 45, "Wants to see it on their own data.", None, None),
    ("Boris", 95, "not_reached", 90, "", None, None),
    ("Chloe", 40, "lost", None, "Budget frozen until spring.", None, "No budget"),
)
"""Who called how many minutes ago, with what result, in how many minutes to call again, the note, value, reason."""
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
    for lead_id, (agent, ago, result, again, note, value, reason) in zip(lead_ids, CALLS, strict=False):
        connected = result != "not_reached"
        started_at = now - ago * MINUTE
        contact = Contact(lead_id, started_at, agent, "phone", "out", connected, 240.0 if connected else 30.0)
        again_at = None if again is None else now + again * MINUTE
        call = Call(contact, result, again_at, note or None, value, reason)
        log_call(connection, operations, call, started_at)


def _claim(connection: Connection, claims: Claims, lead_ids: Sequence[str], now: datetime) -> None:
    for lead_id, agent in zip(lead_ids, (*COLLEAGUES, COLLEAGUES[0]), strict=False):
        claims.claim(connection, lead_id, agent, now)


def _agree(connection: Connection, now: datetime) -> None:
    last_wednesday = now - timedelta(days=now.weekday() + 5)
    for note, owner, is_done in AGREED:
        kept = agreements.add(connection, READER, "", note, owner, last_wednesday)
        agreements.settle(connection, kept.agreement_id, is_done, now)
