"""What CRMs' hooks said, stored before it is acknowledged, and kept until it is done.

A record that is to be fetched has one row, however often it is named; what a message itself holds has a row for each
different message. Whoever works leases notices for a while, so that one who dies leaves them to the next.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from pydantic_core import to_json
from sqlalchemy import Connection, Select, delete, func, select, update

from serving.store.ids import made_id
from serving.store.row_inserts import insert_new, upsert
from serving.store.tables import Row, crm_notices

LEASE_SECONDS = 120.0
"""Longer than fetching and storing a batch can take."""
DONE_KEPT = timedelta(days=7)
"""For so long a message that is sent again is known."""

State: TypeAlias = Literal["waiting", "done", "dead"]


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """What is said of one lead; `record_id` is the CRM's own id, `record` what the message held."""

    connection: str
    lead_id: str
    record_id: str
    kind: str
    happened_at: datetime | None
    record: Mapping[str, Any] | None = field(repr=False)
    into_id: str | None
    received_at: datetime

    @property
    def is_fetch(self) -> bool:
        """Whether it only says that there is something to fetch."""
        return self.kind in ("changed", "restored") and self.record is None

    @property
    def notice_id(self) -> str:
        """The same for what is said twice; of a record to be fetched always the same."""
        if self.is_fetch:
            return made_id("cn", self.connection, self.lead_id)
        happened_at = self.happened_at.isoformat() if self.happened_at else None
        content = hashlib.sha256(to_json(self.record)).hexdigest()
        return made_id("cn", self.connection, self.lead_id, self.kind, self.into_id, happened_at, content)


@dataclass(frozen=True, slots=True)
class LeasedNotice:
    """A notice to be worked on now, by whoever leased it."""

    notice: StoredNotice
    notice_id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """How working on a notice ended: done, or not, with the trouble; then it is tried `again_at`, or never.

    `counts` says that the attempt failed for the notice's own sake, and not because the CRM was away.
    """

    leased: LeasedNotice
    trouble: str | None = None
    again_at: float | None = None
    counts: bool = True


def add(connection: Connection, notices: Sequence[StoredNotice]) -> None:
    """Store notices; one that is known by what it says is not stored again, one to be fetched is fetched again."""
    fetched = {one.notice_id: one for one in notices if one.is_fetch}
    told = {one.notice_id: one for one in notices if not one.is_fetch}
    changing = ("kind", "happened_at", "received_at", "state", "attempts", "next_at", "trouble")
    upsert(connection, crm_notices, [_waiting_row(key, fetched[key]) for key in sorted(fetched)], changing)
    insert_new(connection, crm_notices, [_waiting_row(key, told[key]) for key in sorted(told)])


def is_due(connection: Connection, now: float) -> bool:
    """Whether there is anything to do; cheaper than to lease nothing, for it takes no lock."""
    return connection.execute(_due(now).limit(1)).first() is not None


def lease(connection: Connection, now: float, most: int) -> list[LeasedNotice]:
    """Take the notices that have been due longest, for `LEASE_SECONDS`."""
    query = _due(now).order_by(crm_notices.c.next_at).limit(most).with_for_update(skip_locked=True)
    leased = [LeasedNotice(_read_notice(row), row.notice_id, row.attempts) for row in connection.execute(query)]
    taken = crm_notices.c.notice_id.in_([one.notice_id for one in leased])
    connection.execute(update(crm_notices).where(taken).values(next_at=now + LEASE_SECONDS))
    return leased


def settle(connection: Connection, settlements: Sequence[Settlement]) -> None:
    """Note how working on notices ended; one that came anew in the meantime stays waiting."""
    for one in settlements:
        its = (crm_notices.c.notice_id == one.leased.notice_id, crm_notices.c.state == "waiting")
        same = crm_notices.c.received_at == one.leased.notice.received_at
        connection.execute(update(crm_notices).where(*its, same).values(_settled_values(one)))


def retry_dead(connection: Connection, name: str, now: datetime) -> int:
    """Have a connection's notices that were given up tried again; how many these are."""
    these = (crm_notices.c.connection == name, crm_notices.c.state == "dead")
    values = {"state": "waiting", "attempts": 0, "next_at": now.timestamp()}
    return connection.execute(update(crm_notices).where(*these).values(values)).rowcount


def count_states(connection: Connection) -> dict[tuple[str, str], int]:
    """How many notices there are of each connection and state."""
    c = crm_notices.c
    question = select(c.connection, c.state, func.count()).group_by(c.connection, c.state)
    return {(name, state): count for name, state, count in connection.execute(question)}


def find_troubles(connection: Connection, name: str, most: int = 10) -> list[tuple[str, str, str]]:
    """The CRM's ids, states and troubles of a connection's notices that failed, the newest first."""
    c = crm_notices.c
    question = select(c.record_id, c.state, c.trouble).where(c.connection == name, c.trouble.is_not(None))
    rows = connection.execute(question.order_by(c.received_at.desc()).limit(most))
    return [(row.record_id, row.state, row.trouble) for row in rows]


def drop_old(connection: Connection, now: datetime) -> int:
    """Delete what was done longer than `DONE_KEPT` ago; how many these were."""
    old = (crm_notices.c.state == "done", crm_notices.c.received_at < now - DONE_KEPT)
    return connection.execute(delete(crm_notices).where(*old)).rowcount


def _due(now: float) -> Select[Any]:
    return select(crm_notices).where(crm_notices.c.state == "waiting", crm_notices.c.next_at <= now)


def _waiting_row(notice_id: str, notice: StoredNotice) -> Row:
    named = ("connection", "lead_id", "record_id", "kind", "happened_at", "record", "into_id", "received_at")
    values = {name: getattr(notice, name) for name in named}
    waits = {"state": "waiting", "attempts": 0, "next_at": notice.received_at.timestamp(), "trouble": None}
    return {"notice_id": notice_id, **values, **waits}


def _read_notice(row: Any) -> StoredNotice:
    values = (row.connection, row.lead_id, row.record_id, row.kind, row.happened_at, row.record, row.into_id)
    return StoredNotice(*values, row.received_at)


def _settled_values(one: Settlement) -> Row:
    attempts = one.leased.attempts + (1 if one.counts else 0)
    if one.trouble is None:
        return {"state": "done", "record": None, "attempts": attempts, "trouble": None}
    if one.again_at is None:
        return {"state": "dead", "attempts": attempts, "trouble": one.trouble}
    return {"attempts": attempts, "next_at": one.again_at, "trouble": one.trouble}
