"""Waits that are longer than they were meant to be, because the clock was set back: found, and shortened.

The ends of claims and of an event's wait are kept as times of day, which several processes share and a restart
outlives. No clock tells how long a wait has lasted once it was set; but no wait can be longer than when it began.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select, update

from serving.store.tables import IS_CLAIMED, claims, outbox, queue
from serving.webhooks.schedule import LONGEST_WAIT

SLACK_SECONDS = 2.0
"""Clocks of two machines differ by less."""

_WAIT = func.coalesce(outbox.c.wait_s, LONGEST_WAIT)
"""An event whose wait was not noted may wait as long as any."""


def shorten_all(connection: Connection, lease: timedelta, now: datetime) -> int:
    """Have each wait that is too long begin anew; how many these were."""
    at = now.timestamp()
    held = select(queue.c.claim_id).where(
        IS_CLAIMED, queue.c.claimed_until > at + lease.total_seconds() + SLACK_SECONDS
    )
    claim_ids = [claim_id for claim_id in connection.scalars(held.with_for_update(skip_locked=True)) if claim_id]
    until = now + lease
    if claim_ids:
        connection.execute(update(claims).where(claims.c.claim_id.in_(claim_ids)).values(until=until))
        its = queue.c.claim_id.in_(claim_ids)
        connection.execute(update(queue).where(its).values(claimed_until=until.timestamp()))
    late = and_(outbox.c.state == "waiting", outbox.c.next_at > at + _WAIT + SLACK_SECONDS)
    return len(claim_ids) + connection.execute(update(outbox).where(late).values(next_at=at + _WAIT)).rowcount


def has_any(connection: Connection, lease: timedelta, now: datetime) -> bool:
    """Whether there is anything to shorten; takes no lock."""
    at = now.timestamp()
    held = select(queue.c.lead_id).where(IS_CLAIMED, queue.c.claimed_until > at + lease.total_seconds() + SLACK_SECONDS)
    late = select(outbox.c.event_id).where(outbox.c.state == "waiting", outbox.c.next_at > at + _WAIT + SLACK_SECONDS)
    return any(connection.execute(question.limit(1)).first() is not None for question in (held, late))
