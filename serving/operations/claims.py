"""The sales desk: agents take leads from the queue and give them back, by the queue's rules."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from serving.queue_rules import Claim, QueueCursor, QueueEntry, QueueFilter, QueuePage, QueueRules
from serving.store import Connection, queue
from serving.store.outbox import LeadClaimed, Outbox


@dataclass(frozen=True, slots=True)
class Claims:
    """Hands out the queue, and tells of claims; `chance` picks the share of random ones."""

    rules: QueueRules
    outbox: Outbox
    chance: Random

    def page(
        self, connection: Connection, ask: QueueFilter, now: datetime, most: int, after: QueueCursor | None = None
    ) -> QueuePage:
        """Up to `most` leads that are to be called now, behind the cursor."""
        return queue.page(connection, ask, self.rules, now, most, after)

    def claim_next(self, connection: Connection, agent: str, ask: QueueFilter, now: datetime) -> Claim | None:
        """Lease the next lead to an agent; None where none is free."""
        at_random = self.chance.random() < self.rules.random_share
        return self._announce(connection, queue.claim_next(connection, agent, ask, self.rules, now, at_random))

    def claim(self, connection: Connection, lead_id: str, agent: str, now: datetime) -> Claim | None:
        """Lease this lead to an agent; None where another has it, or it is not in the queue."""
        return self._announce(connection, queue.claim(connection, lead_id, agent, self.rules, now))

    def release(self, connection: Connection, claim_id: str, now: datetime) -> bool:
        """Give a lead back; whether the claim still held."""
        return queue.release(connection, claim_id, now)

    def find_claimed(self, connection: Connection, agent: str, now: datetime) -> list[QueueEntry]:
        """The leads that an agent has, the newest claim first."""
        return queue.find_claimed(connection, agent, now)

    def _announce(self, connection: Connection, claim: Claim | None) -> Claim | None:
        if claim is not None:
            event = LeadClaimed(claim.lead_id, claim.agent, claim.until, claim.claim_id)
            self.outbox.add(connection, [event], claim.claimed_at)
        return claim
