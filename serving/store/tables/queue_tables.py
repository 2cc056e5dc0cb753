"""The sales queue, and who holds which lead of it. Its times are Unix seconds, as SQL calculates with them."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text, text

from serving.store.tables.columns import ID, Moment, metadata

IS_CLAIMED = text("claimed_until > 0")
"""That somebody has a lead, or had it: word for word as its index has it, for SQLite reads along that only then."""

queue = Table(
    "queue",
    metadata,
    Column("lead_id", ID, primary_key=True),
    Column("probability", Double, nullable=False),
    Column("expected_value", Double, doc="probability × value"),
    Column("grade", String(8), nullable=False),
    Column("source", Text),
    Column("model_version", Text, nullable=False),
    Column("confidence", String(16), doc="of its score"),
    Column("arrived", Double, nullable=False, doc="Unix seconds, as all times here"),
    Column("promised_by", Double, doc="when the response-time promise ends; empty once it was met"),
    Column("free_from", Double, nullable=False, doc="not to be called before"),
    Column("attempts", Integer, nullable=False),
    Column("agent", Text, doc="who has it, or had it last"),
    Column("claim_id", String(40)),
    Column("claimed_until", Double, nullable=False),
    Index(None, "probability"),
    Index(None, "promised_by", "grade", "attempts"),
    Index(None, "free_from", "promised_by"),
    Index(None, "attempts", "arrived"),
    Index(None, "attempts", "probability"),
    Index(None, "model_version"),
    Index(None, "source", "free_from", "promised_by"),
    Index(None, "agent", "claimed_until"),
    Index("ix_queue_claimed", "claimed_until", sqlite_where=IS_CLAIMED, postgresql_where=IS_CLAIMED),
)

claims = Table(
    "claims",
    metadata,
    Column("claim_id", String(40), primary_key=True),
    Column("lead_id", ID, nullable=False),
    Column("agent", Text, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("at_random", Boolean, nullable=False, doc="picked by chance, for measuring"),
    Column("ended_at", Moment),
    Column("ended_by", String(8), doc="contact, outcome, release, handover; empty: open or run out"),
    Index(None, "lead_id"),
)
