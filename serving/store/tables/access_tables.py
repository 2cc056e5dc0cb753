"""Who may do what: keys, when and how often they were used, sessions that ended, the store's own secrets."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from serving.store.tables.columns import Moment, metadata

keys = Table(
    "keys",
    metadata,
    Column("key_id", String(40), primary_key=True, doc="the readable part of the key"),
    Column("name", Text, nullable=False),
    Column("scope", String(8), nullable=False),
    Column("hash", String(64), nullable=False, doc="SHA-256 of the whole key"),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

key_uses = Table(
    "key_uses",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("last_used_at", Moment, nullable=False, doc="to the minute"),
)

request_counts = Table(
    "request_counts",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("taken", BigInteger, nullable=False, doc="requests by all processes; those of the last second are missing"),
)

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("until", Moment, nullable=False, doc="when it would have run out"),
    Index(None, "until"),
)

secrets_ = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(128), nullable=False),
)
