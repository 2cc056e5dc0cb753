"""The sales desk: agents take leads from the queue and give them back, by the queue's rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from serving.operations.queue_counts import QueueCounts
from serving.queue_rules import Claim, QueueCursor, QueueEntry, QueueFilter, QueuePage, QueueRules
from serving.store import Connection, queue, queue_claims
from serving.store.outbox import LeadClaimed, Outbox


class TooManyClaims(Exception):
    """An agent has as many leads as one may have at a time."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Hands out the queue, and tells of claims; `chance` picks the share of random ones."""

    rules: QueueRules
    outbox: Outbox
    chance: Random
    counts: QueueCounts = field(default_factory=QueueCounts)

    def page(
        self, connection: Connection, ask: QueueFilter, now: datetime, most: int, after: QueueCursor | None = None
    ) -> QueuePage:
        """Up to `most` leads that are to be called now, behind the cursor."""
        places, following = queue.page(connection, ask, self.rules, now, most, after)
        return QueuePage(places, following, *self.counts.find(connection, ask, after.at if after else now))

    def claim_next(self, connection: Connection, agent: str, ask: QueueFilter, now: datetime) -> Claim | None:
        """Lease the next lead to an agent; None where none is free."""
        at_random = self.chance.random() < self.rules.random_share
        return self._announce(connection, queue_claims.claim_next(connection, agent, ask, self.rules, now, at_random))

    def claim(self, connection: Connection, lead_id: str, agent: str, now: datetime) -> Claim | None:
        """Lease this lead to an agent; None where another has it, or it is not in the queue."""
        return self._announce(connection, queue_claims.claim(connection, lead_id, agent, self.rules, now))

    def take_next(
        self, connection: Connection, agent: str, ask: QueueFilter, now: datetime, instead_of: str | None = None
    ) -> Claim | None:
        """`claim_next`, within what one agent may have; a lead that it is `instead_of` is given back, and not taken.

        Raises:
            TooManyClaims: where the agent has to finish or give back a lead first.
        """
        queue_claims.lock_agent(connection, agent)
        held = self.find_claimed(connection, agent, now)
        skipped = next((one for one in held if one.lead_id == instead_of), None)
        self._check_ceiling([one for one in held if one != skipped])
        claim = self.claim_next(connection, agent, ask, now)
        if skipped is not None and skipped.claim_id is not None and claim is not None:
            self.release(connection, skipped.claim_id, now)
        return claim

    def take(self, connection: Connection, lead_id: str, agent: str, now: datetime) -> Claim | None:
        """`claim`, within what one agent may have; raises `TooManyClaims`."""
        queue_claims.lock_agent(connection, agent)
        held = self.find_claimed(connection, agent, now)
        if lead_id not in {one.lead_id for one in held}:
            self._check_ceiling(held)
        return self.claim(connection, lead_id, agent, now)

    def hand_over(self, connection: Connection, lead_id: str, agent: str, now: datetime) -> Claim | None:
        """Lease a lead to another agent, whoever has it; None where it is not in the queue."""
        return self._announce(connection, queue_claims.hand_over(connection, lead_id, agent, self.rules, now))

    def release(self, connection: Connection, claim_id: str, now: datetime) -> bool:
        """Give a lead back; whether the claim still held."""
        return queue_claims.release(connection, claim_id, now)

    def find_claimed(self, connection: Connection, agent: str, now: datetime) -> list[QueueEntry]:
        """The leads that an agent has, the newest claim first."""
        return queue.find_claimed(connection, agent, now)

    def _check_ceiling(self, held: Sequence[QueueEntry]) -> None:
        if len(held) >= self.rules.most_claims:
            raise TooManyClaims

    def _announce(self, connection: Connection, claim: Claim | None) -> Claim | None:
        if claim is not None:
            event = LeadClaimed(claim.lead_id, claim.agent, claim.until, claim.claim_id)
            self.outbox.add(connection, [event], claim.claimed_at)
        return claim
