"""What became of leads. Every report is kept; of a lead's reports the one that the company knew last stands.

So a correction, a win withdrawn (`open`), a report that arrives late or twice, and one that comes before its lead all
end as the company last knew it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, select, update

from serving.store.tables import new_id, outcomes

STANDING = select(
    *(outcomes.c[name] for name in ("lead_id", "status", "at", "value", "reason", "reported_at", "contact_id"))
).where(outcomes.c.lead_id.in_(bindparam("lead_ids", expanding=True)), outcomes.c.stands)
"""What stands of leads. Made once, as every statement of a PUT: that takes longer than to run it."""

Status = Literal["won", "lost", "open"]


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What the company says of a lead. `open` takes back what it said; `reported_at` is when it knew.

    `contact_id` is the call at which an agent recorded it, None where a program told it.
    """

    lead_id: str
    status: Status
    at: datetime | None
    value: float | None
    reason: str | None
    reported_at: datetime
    contact_id: str | None = None

    def says_the_same(self, other: "OutcomeReport") -> bool:
        """Whether both say the same, whenever it was said."""
        return (self.status, self.at, self.value, self.reason) == (other.status, other.at, other.value, other.reason)


def report(connection: Connection, said: OutcomeReport, now: datetime) -> tuple[OutcomeReport | None, bool]:
    """Keep a report; the one that stands now, and whether this one changed it.

    Nobody knew anything later than now: a report that says so counts as one of now, or it would stand for ever.
    """
    said = replace(said, reported_at=min(said.reported_at, now), at=said.at and min(said.at, now))
    standing = find_standing(connection, [said.lead_id], for_update=True).get(said.lead_id)
    if standing is None and said.status == "open":
        return None, False
    if said.at is None:  # then as before, or when it was reported
        as_before = standing.at if standing and standing.status == said.status else None
        said = replace(said, at=as_before or said.reported_at)
    if standing is not None and said.says_the_same(standing):
        return standing, False
    stands = standing is None or said.reported_at >= min(standing.reported_at, now)
    if stands:
        connection.execute(
            update(outcomes).where(outcomes.c.lead_id == said.lead_id, outcomes.c.stands).values(stands=False)
        )
    row = {"outcome_id": new_id("oc"), **asdict(said), "received_at": now, "stands": stands}
    connection.execute(outcomes.insert(), row)
    return (said, True) if stands else (standing, False)


def move(connection: Connection, lead_id: str, into: str) -> OutcomeReport | None:
    """Make what was said of a lead another's, where nothing stands of that; what stands of the other then."""
    if into not in find_standing(connection, [into], for_update=True):
        connection.execute(update(outcomes).where(outcomes.c.lead_id == lead_id).values(lead_id=into))
    return find_standing(connection, [into]).get(into)


def find_standing(
    connection: Connection, lead_ids: Sequence[str], for_update: bool = False
) -> dict[str, OutcomeReport]:
    """The standing report of each of these leads; those without any are left out."""
    if not lead_ids:
        return {}
    question = STANDING.with_for_update() if for_update else STANDING
    rows = connection.execute(question, {"lead_ids": [*lead_ids]})
    return {row.lead_id: OutcomeReport(*row) for row in rows}
