"""What went out and came in: events, answers, conversions, messages of CRMs, imported files, and who was erased."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text

from serving.store.tables.columns import ID, PLAIN, Moment, metadata

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

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True, doc="what one process does for all"),
    Column("holder", String(40), nullable=False),
    Column("until", Double, nullable=False, doc="Unix seconds"),
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
