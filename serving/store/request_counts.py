"""How many requests of each key were taken, by all processes together: what a limit across them is made of.

Wrong keys at the sign-in count here too, by the bucket that an address falls into.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from serving.store.dialect import add_to
from serving.store.tables import request_counts


def add(connection: Connection, taken: Mapping[str, int]) -> dict[str, int]:
    """Add to the counts by key; all of them as they are then."""
    rows = [{"key_id": key_id, "taken": taken[key_id]} for key_id in sorted(taken)]  # one order: no deadlock
    add_to(connection, request_counts, rows, "taken")
    return read(connection)


def read(connection: Connection) -> dict[str, int]:
    """The counts by key."""
    return dict(tuple(row) for row in connection.execute(select(request_counts.c.key_id, request_counts.c.taken)))
