"""When keys were used last. A table of its own, so that noting it waits for nobody who makes a key."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from serving.store.row_inserts import upsert
from serving.store.tables import key_uses


def note(connection: Connection, key_ids: Collection[str], at: datetime) -> None:
    """Note that these keys were used."""
    rows = [{"key_id": key_id, "last_used_at": at} for key_id in sorted(key_ids)]  # all lock in one order: no deadlock
    upsert(connection, key_uses, rows, ("last_used_at",))
