"""What the store keeps, as SQLAlchemy tables; the migrations make the same schema. Times are UTC."""

from serving.store.tables.access_tables import ended_sessions, key_uses, keys, request_counts, secrets_
from serving.store.tables.columns import ID, NAMES, PLAIN, Moment, Row, metadata, new_id
from serving.store.tables.exchange_tables import (
    conversions,
    crm_notices,
    crm_records,
    erased,
    exports,
    gone_receivers,
    imports,
    leases,
    outbox,
    replies,
)
from serving.store.tables.lead_tables import agreements, contacts, leads, outcomes, scores, spend
from serving.store.tables.queue_tables import IS_CLAIMED, claims, queue
from serving.store.tables.training_tables import trainings

__all__ = [
    "ID",
    "IS_CLAIMED",
    "NAMES",
    "PLAIN",
    "Moment",
    "Row",
    "agreements",
    "claims",
    "contacts",
    "conversions",
    "crm_notices",
    "crm_records",
    "ended_sessions",
    "erased",
    "exports",
    "gone_receivers",
    "imports",
    "key_uses",
    "keys",
    "leads",
    "leases",
    "metadata",
    "new_id",
    "outbox",
    "outcomes",
    "queue",
    "replies",
    "request_counts",
    "scores",
    "secrets_",
    "spend",
    "trainings",
]
