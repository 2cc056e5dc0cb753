"""Money spent: one amount for each day, source and campaign. Told again, the newest amount counts."""

from collections.abc import Sequence

from sqlalchemy import Connection

from features.lead import Spend
from serving.store.row_inserts import upsert
from serving.store.tables import spend


def put(connection: Connection, spent: Sequence[Spend]) -> None:
    """Keep what was spent; spend without a campaign is its source's as a whole."""
    rows = [
        {"date": one.date, "source": one.source, "campaign": one.campaign or "", "amount": one.amount} for one in spent
    ]
    rows.sort(key=lambda row: (row["date"], row["source"], row["campaign"]))  # all lock in one order: no deadlock
    upsert(connection, spend, rows, ("amount",))
