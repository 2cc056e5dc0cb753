"""The sales queue, and who holds which lead of it. Its times are Unix seconds, as SQL calculates with them."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text

from serving.store.tables.columns import ID, Moment, metadata

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
    Index(None, "promised_by"),
    Index(None, "arrived"),
    Index(None, "model_version"),
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
