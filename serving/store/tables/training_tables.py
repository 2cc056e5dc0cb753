"""Trainings that were started from the pages."""

from sqlalchemy import Column, Double, Index, String, Table, Text

from serving.store.tables.columns import PLAIN, Moment, metadata

trainings = Table(
    "trainings",
    metadata,
    Column("training_id", String(40), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("asked", PLAIN, nullable=False, doc="budget_s, as_of, from_store, accept"),
    Column("state", String(8), nullable=False, doc="running, stopping, done, refused, failed, stopped or lost"),
    Column("step", Text, nullable=False, doc="what it does, in the words of the training"),
    Column("share", Double, nullable=False, doc="of its time that is gone"),
    Column("ended_at", Moment),
    Column("report", PLAIN, doc="as `leads retrain --json` prints it"),
    Column("message", Text, nullable=False, doc="why it was refused, or how it failed"),
    Index(None, "started_at"),
)
