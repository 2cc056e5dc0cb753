"""What the store keeps, as SQLAlchemy tables; the migrations make the same schema.

Times are UTC. The queue's are Unix seconds, because it calculates with them in SQL.
"""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class Moment(TypeDecorator[datetime]):
    """A time in UTC: aware in Python, whatever the database makes of zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

ID = String(200)
PLAIN = JSON(none_as_null=True)


def new_id(prefix: str) -> str:
    """An id that nobody can guess; later ones sort behind earlier ones."""
    return f"{prefix}_{time.time_ns():016x}{secrets.token_hex(4)}"


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
    Index(None, "received_at"),
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

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("until", Moment, nullable=False, doc="when it would have run out"),
    Index(None, "until"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("event_id", String(40), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lead_id", ID),
    Column("body", Text, nullable=False, doc="the JSON that is sent, byte for byte"),
    Column("created_at", Moment, nullable=False),
    Column("state", String(8), nullable=False, doc="waiting, sent or dead"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False, doc="Unix seconds"),
    Column("trouble", Text, doc="why the last attempt failed"),
    Column("sent_at", Moment),
    Column("wait_s", Double, doc="how long the wait is that next_at ends"),
    Index(None, "state", "next_at"),
    Index(None, "lead_id"),
)

gone_receivers = Table(
    "gone_receivers",
    metadata,
    Column("receiver", String(64), primary_key=True, doc="SHA-256 of the webhook's URL"),
    Column("gone_at", Moment, nullable=False),
)

replies = Table(
    "replies",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("route", Text, primary_key=True),
    Column("idempotency_key", ID, primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("lead_id", ID),
    Column("created_at", Moment, nullable=False),
    Index(None, "lead_id"),
    Index(None, "created_at"),
)

imports = Table(
    "imports",
    metadata,
    Column("file_hash", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True, doc="leads, contacts, outcomes or spend"),
    Column("rows_done", Integer, nullable=False),
    Column("finished_at", Moment),
)

erased = Table(
    "erased",
    metadata,
    Column("lead_hash", String(64), primary_key=True, doc="so that an import does not bring a person back"),
    Column("erased_at", Moment, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    Column("export_id", String(40), primary_key=True),
    Column("ledger", String(24), nullable=False, doc="the account, which several kinds of file may share"),
    Column("platform", String(24), nullable=False),
    Column("way", String(4), nullable=False, doc="file, feed or send"),
    Column("started_at", Moment, nullable=False),
    Column("busy_until", Moment, nullable=False, doc="no other export of the ledger begins before"),
    Column("finished_at", Moment, doc="empty where it was cut off"),
    Column("held", PLAIN, nullable=False, doc="sources whose predicted and actual wins disagree, with the figures"),
    Column("forced", Boolean, nullable=False, doc="whether those were exported all the same"),
    Column("left_out", PLAIN, nullable=False, doc="how many leads, by the reason"),
    Index(None, "ledger"),
)

conversions = Table(
    "conversions",
    metadata,
    Column("conversion_id", String(40), primary_key=True),
    Column("export_id", String(40), nullable=False, doc="the export that reserved it"),
    Column("ledger", String(24), nullable=False),
    Column("platform", String(24), nullable=False),
    Column("lead_id", ID, doc="empty once the lead is erased"),
    Column("stage", String(12), nullable=False),
    Column("number", Integer, nullable=False, doc="0 for the conversion, then its changes"),
    Column("kind", String(8), nullable=False, doc="new, restate or retract"),
    Column("value", Double, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("probability", Double, doc="of the lead's first score"),
    Column("happened_at", Moment, nullable=False),
    Column("stated_at", Moment, nullable=False),
    Column("state", String(10), nullable=False, doc="pending, written, sent, confirmed, refused or expired"),
    Column("settled_at", Moment),
    Column("request_id", Text, doc="the platform's own, to ask it by"),
    Column("trouble", Text),
    Index("uq_conversions_once", "lead_id", "ledger", "stage", "number", unique=True),
    Index(None, "ledger"),
)

crm_notices = Table(
    "crm_notices",
    metadata,
    Column("notice_id", String(40), primary_key=True, doc="made of what it says, so that a repetition is the same"),
    Column("connection", String(40), nullable=False),
    Column("lead_id", ID, nullable=False),
    Column("record_id", ID, nullable=False, doc="the CRM's own id"),
    Column("kind", String(8), nullable=False, doc="changed, restored, deleted or merged"),
    Column("into_id", ID, doc="the lead that it was merged into"),
    Column("happened_at", Moment, doc="as the CRM says"),
    Column("record", PLAIN, doc="where the message held it; empty once it is done"),
    Column("received_at", Moment, nullable=False),
    Column("state", String(8), nullable=False, doc="waiting, done or dead"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False, doc="Unix seconds"),
    Column("trouble", Text),
    Index(None, "state", "next_at"),
    Index(None, "lead_id"),
)

crm_records = Table(
    "crm_records",
    metadata,
    Column("lead_id", ID, primary_key=True),
    Column("connection", String(40), nullable=False),
    Column("record_id", ID, nullable=False, doc="the CRM's own id"),
    Column("changed_at", Moment, doc="the CRM's time of what was stored last; older news are not"),
    Column("outcome_hash", String(40), nullable=False, doc="of what the CRM said last of its outcome"),
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

secrets_ = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(128), nullable=False),
)

Row = dict[str, Any]
"""Values to be written, by column."""
