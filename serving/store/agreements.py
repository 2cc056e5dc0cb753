"""What people agreed on the points of the weekly report, by whom it is to be done, and whether it was."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update

from serving.store.tables import agreements, new_id


@dataclass(frozen=True, slots=True)
class Agreement:
    """A note with its owner, `about` a point in the report's words; `is_done` is None while it is open."""

    agreement_id: str
    agreed_at: datetime
    agreed_by: str
    about: str
    note: str
    owner: str
    is_done: bool | None = None
    settled_at: datetime | None = None


def add(connection: Connection, by: str, about: str, note: str, owner: str, now: datetime) -> Agreement:
    """Keep what was agreed just now."""
    kept = Agreement(new_id("ag"), now, by, about, note, owner)
    connection.execute(agreements.insert(), asdict(kept))
    return kept


def settle(connection: Connection, agreement_id: str, is_done: bool | None, now: datetime) -> bool:
    """Say whether it was done, None opens it again; False where there is none of this id."""
    its = agreements.c.agreement_id == agreement_id
    settled_at = None if is_done is None else now
    change = update(agreements).where(its).values(is_done=is_done, settled_at=settled_at)
    return connection.execute(change).rowcount > 0


def remove(connection: Connection, agreement_id: str) -> bool:
    """Forget it; False where there is none of this id."""
    return connection.execute(delete(agreements).where(agreements.c.agreement_id == agreement_id)).rowcount > 0


def find_current(connection: Connection, last_week: datetime, this_week: datetime) -> Sequence[Agreement]:
    """What is open, was agreed since last week began or settled since this one did, the oldest first."""
    c = agreements.c
    is_current = c.is_done.is_(None) | (c.agreed_at >= last_week) | (c.settled_at >= this_week)
    return _read(connection, select(agreements).where(is_current))


def find_all(connection: Connection) -> Sequence[Agreement]:
    """All that was ever agreed, the oldest first."""
    return _read(connection, select(agreements))


def _read(connection: Connection, question: Select[Any]) -> Sequence[Agreement]:
    ordered = question.order_by(agreements.c.agreed_at, agreements.c.agreement_id)
    return [Agreement(**row) for row in connection.execute(ordered).mappings()]
