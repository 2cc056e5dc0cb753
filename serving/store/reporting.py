"""What the report reads of the store, by columns and not by rows of objects: a connection in, data frames out.

SQLite's rows go from its cursor into Arrow chunk by chunk; PostgreSQL sends CSV that Arrow reads. Only leads that
arrived within the time asked for come along, with their contacts, outcomes and scores.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from sqlalchemy import Column, ColumnElement, Connection, Select, cast, func, select, text
from sqlalchemy.types import Boolean, Date, Double, String

from serving.store.sql import among
from serving.store.tables import Moment, contacts, leads, outcomes, scores, spend

FETCHED = 50_000
"""Rows that are held as Python objects at once."""
EARLY = timedelta(days=30)
"""How long before its lead arrived a contact or an outcome may be dated and still be found."""

ARRIVED = func.coalesce(leads.c.created_at, leads.c.received_at, type_=Moment())
TYPES: Mapping[type, pa.DataType] = {
    Moment: pa.timestamp("us"),
    Date: pa.date32(),
    Double: pa.float64(),
    Boolean: pa.bool_(),
}
TEXT = pa.large_string()


@dataclass(frozen=True)
class Tables:
    """The plain tables as `analytics.facts.read_facts` takes them; None where nothing of the kind is recorded."""

    leads: pd.DataFrame
    contacts: pd.DataFrame | None
    outcomes: pd.DataFrame
    spend: pd.DataFrame | None
    scores: pd.DataFrame | None


def one_state(connection: Connection) -> None:
    """Have all that is read in this transaction seen as of one moment, as SQLite does by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def arrivals(connection: Connection, until: datetime) -> dict[date, int]:
    """How many leads arrived on each day, in UTC, before a moment."""
    in_utc = func.timezone("UTC", ARRIVED) if connection.dialect.name == "postgresql" else ARRIVED
    day = cast(func.date(in_utc), String)
    question = select(day, func.count()).where(ARRIVED < until).group_by(day)
    return {date.fromisoformat(str(on)): int(count) for on, count in connection.execute(question)}


def read_tables(connection: Connection, start: datetime, end: datetime, horizon_days: int) -> Tables:
    """All that is known before `end` of the leads that arrived from `start` on; first scores are of this horizon."""
    arrived = _frame(
        connection,
        select(
            leads.c.lead_id, ARRIVED.label("created_at"), leads.c.source, leads.c.campaign, leads.c.value
        ).where(ARRIVED >= start, ARRIVED < end),
    )
    ids = pa.array(arrived["lead_id"], TEXT)
    early = start - EARLY
    called = select(contacts.c.lead_id, contacts.c.started_at, contacts.c.agent, contacts.c.channel)
    called = called.add_columns(contacts.c.direction, contacts.c.connected, contacts.c.duration_s, contacts.c.again_at)
    said = select(outcomes.c.lead_id, outcomes.c.at, outcomes.c.status, outcomes.c.value, outcomes.c.reason)
    standing = (outcomes.c.stands, (outcomes.c.at >= early) | outcomes.c.at.is_(None))
    spent = select(spend.c.date, spend.c.source, func.nullif(spend.c.campaign, "").label("campaign"), spend.c.amount)
    return Tables(
        leads=arrived,
        contacts=_frame(connection, called.where(contacts.c.started_at >= early), ids)
        if _any(connection, contacts.c.contact_id)
        else None,
        outcomes=_frame(connection, said.where(*standing), ids),
        spend=_frame(connection, spent) if _any(connection, spend.c.date) else None,
        scores=_frame(connection, _first_scores(early, horizon_days), ids),
    )


def read_fields(connection: Connection, lead_ids: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of these leads, each as it was sent; a lead that is not there any more is left out."""
    question = select(leads.c.lead_id, cast(leads.c.fields, String))
    for start in range(0, len(lead_ids), FETCHED):
        chosen = among(connection, leads.c.lead_id, lead_ids[start : start + FETCHED])
        for lead_id, fields in connection.execute(question.where(chosen)):
            yield lead_id, json.loads(fields)


def _first_scores(since: datetime, horizon_days: int) -> Select[Any]:
    promise = (scores.c.lead_id, scores.c.scored_at, scores.c.probability, scores.c.grade, scores.c.model_version)
    first = (scores.c.before.is_(None), scores.c.horizon_days == horizon_days, scores.c.scored_at >= since)
    return select(*promise).where(scores.c.lead_id.is_not(None), *first)


def _any(connection: Connection, column: Column[Any]) -> bool:
    return connection.execute(select(column).limit(1)).first() is not None


def _frame(connection: Connection, question: Select[Any], lead_ids: pa.Array | None = None) -> pd.DataFrame:
    """The answer as a frame, names as categories; with `lead_ids`, only the rows about one of them."""
    types = {column.name: _type(column) for column in question.selected_columns}
    read = _from_postgresql if connection.dialect.name == "postgresql" else _from_sqlite
    table = read(connection, question, types)
    if lead_ids is not None:
        table = table.filter(pc.is_in(table["lead_id"], value_set=lead_ids))
    for place, (name, kind) in enumerate(types.items()):
        if kind == TEXT and name != "lead_id":
            table = table.set_column(place, name, table[name].dictionary_encode())
    frame = table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
    return frame


def _type(column: ColumnElement[Any]) -> pa.DataType:
    return next((made for kind, made in TYPES.items() if isinstance(column.type, kind)), TEXT)


def _from_sqlite(connection: Connection, question: Select[Any], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Times come as text, flags as numbers."""
    names = [*types]
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_sql(connection, question))
        chunks = []
        while rows := cursor.fetchmany(FETCHED):
            columns = [_array(values, types[name]) for name, values in zip(names, zip(*rows, strict=True), strict=True)]
            chunks.append(pa.table(columns, names=names))
    finally:
        cursor.close()
    return pa.concat_tables(chunks) if chunks else pa.schema([*types.items()]).empty_table()


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.bool_():
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, TEXT).cast(kind) if pa.types.is_temporal(kind) else pa.array(values, kind)


def _from_postgresql(connection: Connection, question: Select[Any], types: Mapping[str, pa.DataType]) -> pa.Table:
    buffer = io.BytesIO()
    connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY ({_sql(connection, question)}) TO STDOUT (FORMAT csv)") as sent:  # type: ignore[attr-defined]
        for part in sent:
            buffer.write(part)
    if buffer.tell() == 0:
        return pa.schema([*types.items()]).empty_table()
    sent_types = {name: pa.timestamp("us", "UTC") if pa.types.is_timestamp(kind) else kind for name, kind in types.items()}
    table = pyarrow.csv.read_csv(
        pa.py_buffer(buffer.getvalue()),
        read_options=pyarrow.csv.ReadOptions(column_names=[*types]),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=sent_types,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table


def _sql(connection: Connection, question: Select[Any]) -> str:
    return str(question.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
