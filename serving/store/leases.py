"""Work that one process does for all, whatever their machines: whoever has its lease does it, others look on."""

from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from serving.store.dialect import insert_unless
from serving.store.tables import leases

SECONDS = 30.0
"""Longer than a round of any such work takes."""
SLACK_SECONDS = 2.0
"""Clocks of two machines differ by less; a lease that ends later was given before a clock was set back."""


def take(connection: Connection, name: str, holder: str, now: datetime) -> bool:
    """Take or renew the lease of some work, for `SECONDS`; False while another process has it."""
    at = now.timestamp()
    c = leases.c
    is_free = or_(c.holder == holder, c.until <= at, c.until > at + SECONDS + SLACK_SECONDS)
    row = {"name": name, "holder": holder, "until": at + SECONDS}
    return insert_unless(connection, leases, row, is_free)


def give_back(connection: Connection, name: str, holder: str) -> None:
    """End a lease, where it is this process's."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def find_holder(connection: Connection, name: str, now: datetime) -> str | None:
    """Which process has the lease of some work; None where nobody has."""
    at, c = now.timestamp(), leases.c
    is_held = (c.name == name) & (c.until > at) & (c.until <= at + SECONDS + SLACK_SECONDS)
    return connection.scalar(select(c.holder).where(is_held))
