"""Leads, and what is known of them: scores, contacts, outcomes, what was spent; and what was agreed on their report."""

from sqlalchemy import Boolean, Column, Date, Double, Index, Integer, String, Table, Text, text

from serving.store.tables.columns import ID, PLAIN, Moment, metadata

leads = Table(
    "leads",
    metadata,
    Column("lead_id", ID, primary_key=True),
    Column("created_at", Moment, doc="when it arrived, as the company says"),
    Column("received_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("source", Text),
    Column("campaign", Text),
    Column("value", Double, doc="money if it is won"),
    Column("fields", PLAIN, nullable=False, doc="as sent"),
    Column("score_id", String(40), doc="the newest of its scores"),
    Column("search_text", Text, nullable=False, server_default="", doc="what it may be found by"),
    Index(None, "received_at", "lead_id", "search_text"),
    Index(
        "ix_leads_arrived",
        text("coalesce(created_at, received_at)"),
        "lead_id",
        postgresql_include=["created_at", "received_at", "source"],
    ),
)

scores = Table(
    "scores",
    metadata,
    Column("score_id", String(40), primary_key=True),
    Column("lead_id", ID, doc="empty once the lead is erased"),
    Column("scored_at", Moment, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("probability", Double, nullable=False),
    Column("grade", String(8), nullable=False),
    Column("percentile", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("reasons", PLAIN, doc="every field's part, the strongest first"),
    Column("warnings", PLAIN),
    Column("confidence", String(16), doc="whether enough is known of leads like it; empty of scores before that was"),
    Column("saw", PLAIN, doc="the lead as it was scored"),
    Column("before", Double, doc="the probability of the score before"),
    Column("grade_before", String(8)),
    Column("model_part", Double, doc="of the change, what the new model did to the old lead"),
    Column("lead_part", Double, doc="of the change, what the lead's new facts did under the new model"),
    Index(None, "lead_id"),
    Index(
        "ix_scores_first",
        *("lead_id", "scored_at", "horizon_days", "probability", "grade", "model_version", "before"),
        sqlite_where=text("before IS NULL"),
        postgresql_where=text("before IS NULL"),
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", String(40), primary_key=True, doc="made of what tells contacts apart"),
    Column("lead_id", ID, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("agent", Text),
    Column("channel", Text),
    Column("direction", String(3)),
    Column("connected", Boolean),
    Column("duration_s", Double),
    Column("again_at", Moment, doc="when the agent promised to try again"),
    Column("received_at", Moment, nullable=False),
    Column("note", Text, doc="what the agent wrote of it on the pages"),
    Index(None, "lead_id", "started_at"),
    Index(None, "agent", "started_at"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome_id", String(40), primary_key=True),
    Column("lead_id", ID, nullable=False),
    Column("status", String(4), nullable=False, doc="won, lost, or open: withdrawn"),
    Column("at", Moment),
    Column("value", Double),
    Column("reason", Text),
    Column("reported_at", Moment, nullable=False, doc="when the company knew; the newest report stands"),
    Column("received_at", Moment, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("contact_id", String(40), doc="the call at which an agent recorded it"),
    Index(None, "lead_id"),
    Index(
        "uq_outcomes_standing",
        "lead_id",
        unique=True,
        sqlite_where=text("stands"),
        postgresql_where=text("stands"),
        postgresql_include=["status", "at"],
    ),
)

spend = Table(
    "spend",
    metadata,
    Column("date", Date, primary_key=True),
    Column("source", ID, primary_key=True),
    Column("campaign", ID, primary_key=True, doc="empty where the spend is the source's as a whole"),
    Column("amount", Double, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("agreement_id", String(40), primary_key=True),
    Column("agreed_at", Moment, nullable=False),
    Column("agreed_by", Text, nullable=False, doc="who wrote it down"),
    Column("about", Text, nullable=False, doc="the report's point, in its words; empty where it is about none"),
    Column("note", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("is_done", Boolean, doc="empty while it is open"),
    Column("settled_at", Moment),
    Index(None, "agreed_at"),
)
