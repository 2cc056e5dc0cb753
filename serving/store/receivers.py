"""Webhook receivers that said they are gone for good (HTTP 410): nothing is sent to them until somebody asks for it."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from serving.store.dialect import insert_new
from serving.store.tables import gone_receivers


def find_gone(connection: Connection, receiver: str) -> datetime | None:
    """Since when a receiver is gone; None of one that is not."""
    return connection.scalar(select(gone_receivers.c.gone_at).where(gone_receivers.c.receiver == receiver))


def mark_gone(connection: Connection, receiver: str, now: datetime) -> bool:
    """Note that a receiver is gone; whether that is news."""
    return insert_new(connection, gone_receivers, [{"receiver": receiver, "gone_at": now}]) == 1


def try_again(connection: Connection) -> None:
    """Forget who was gone."""
    connection.execute(delete(gone_receivers))
