"""What the report reads of the store, by columns and not by rows of objects: a connection in, data frames out.

Both databases write CSV that Arrow reads, so that a million leads take seconds, and other threads run meanwhile:
PostgreSQL by COPY, SQLite by its own `printf`. SQLite writes numbers with 15 digits.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    and_,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Boolean, Date, Double, String

from serving.store.calibration_cohort import ARRIVED
from serving.store.dialect import among
from serving.store.tables import Moment, contacts, leads, outcomes, scores, spend
from stats.types import Rows

ROWS = 50_000
"""Rows that are asked for at once."""
SPAN = timedelta(days=30)
"""Of arrivals, that are looked up at once along their index."""
EARLY = timedelta(days=3)
"""What is dated longer before the first lead is rare, and looked up lead by lead."""

KINDS: Mapping[type, pa.DataType] = {
    Moment: pa.timestamp("us"),
    Date: pa.timestamp("s"),
    Double: pa.float64(),
    Boolean: pa.bool_(),
}
NAMES = pa.dictionary(pa.int32(), pa.string())

Kinds = Mapping[str, pa.DataType]


@dataclass(frozen=True)
class Events:
    """What became of leads, as `read_leads_as_of` takes it; None where nothing of the kind is recorded.

    Columns that no number needs, such as a contact's channel, are left out.
    """

    contacts: pd.DataFrame | None
    outcomes: pd.DataFrame
    spend: pd.DataFrame | None
    scores: pd.DataFrame | None


NO_EVENTS = Events(None, pd.DataFrame(columns=["lead_id", "status"], dtype="str"), None, None)


def arrivals(connection: Connection, until: datetime) -> dict[date, int]:
    """How many leads arrived on each day, in UTC, before a moment."""
    day = cast(func.date(_in_utc(connection, ARRIVED)), String)
    counts = connection.execute(select(day, func.count()).where(until > ARRIVED).group_by(day))
    return {date.fromisoformat(on): leads for on, leads in counts}


def read_leads(connection: Connection, since: datetime | None, until: datetime) -> pd.DataFrame:
    """The leads that arrived from `since` on (None: ever) and before `until`, the earliest first."""
    if since is None:
        return _earliest_first(_table(connection, _leads().where(_arrived(None, until))))
    starts = [since]
    while (following := starts[-1] + SPAN) < until:
        starts.append(following)
    spans = pairwise([*starts, until])
    parts = [_table(connection, _leads().where(_arrived(start, end)), at_once=True) for start, end in spans]
    return _earliest_first(pa.concat_tables(parts).unify_dictionaries())


def read_drawn_leads(
    connection: Connection, since: datetime, until: datetime, draw: Callable[[Rows], Rows]
) -> pd.DataFrame:
    """Those of these leads that `draw` takes of their numbers, the earliest being 0.

    All their ids are read, but of an index, where all of every lead takes five times as long.
    """
    lead_ids = select(leads.c.lead_id, ARRIVED.label("created_at")).where(_arrived(since, until))
    found = _earliest_first(_table(connection, lead_ids, at_once=True))["lead_id"]
    drawn = found.iloc[draw(np.arange(len(found)))].tolist()
    return _earliest_first(_table(connection, _leads().where(among(connection, leads.c.lead_id, drawn)), at_once=True))


def _leads() -> Select[Any]:
    lead = leads.c
    return select(lead.lead_id, ARRIVED.label("created_at"), lead.source, lead.campaign, lead.value)


def _arrived(since: datetime | None, until: datetime) -> ColumnElement[bool]:
    return until > ARRIVED if since is None else and_(since <= ARRIVED, until > ARRIVED)


def _earliest_first(table: pa.Table) -> pd.DataFrame:
    return _as_frame(table.sort_by([("created_at", "ascending"), ("lead_id", "ascending")]))


def read_events(connection: Connection, lead_ids: pd.Series, since: datetime | None, horizon_days: int) -> Events:
    """What is known of these leads, which arrived from `since` on (None: all leads); scores are the first ones."""
    contact, score, paid = contacts.c, scores.c, spend.c
    called = select(contact.lead_id, contact.started_at, contact.agent)
    called = called.add_columns(contact.connected, contact.duration_s, contact.again_at)
    promised = select(score.lead_id, score.scored_at, score.probability, score.grade, score.model_version)
    promised = promised.where(score.lead_id.is_not(None), score.before.is_(None), score.horizon_days == horizon_days)
    spent = select(paid.date, paid.source, func.nullif(paid.campaign, "").label("campaign"), paid.amount)
    about = _About(connection, since, None if since is None else pa.array(lead_ids))
    return Events(
        contacts=about.frame(called, contact.started_at) if _any(connection, contact.contact_id) else None,
        outcomes=about.frame(_outcomes(), outcomes.c.at),
        spend=_as_frame(_table(connection, spent)) if _any(connection, paid.date) else None,
        scores=about.frame(promised, score.scored_at),
    )


def read_outcomes(connection: Connection, lead_ids: Sequence[str]) -> pd.DataFrame:
    """What became of these leads, each looked up."""
    theirs = _outcomes().where(among(connection, outcomes.c.lead_id, lead_ids))
    return _as_frame(_table(connection, theirs, at_once=True))


def _outcomes() -> Select[Any]:
    said = outcomes.c
    return select(said.lead_id, said.at, said.status, said.value, said.reason).where(said.stands)


@dataclass(frozen=True)
class _About:
    """Reads what is about the leads that arrived from `since` on, which are `known`; None for all leads."""

    connection: Connection
    since: datetime | None
    known: pa.Array | None

    def frame(self, question: Select[Any], at: Column[Any]) -> pd.DataFrame:
        """The answer's rows about these leads; `at` is when something happened."""
        if self.since is None or self.known is None:
            return _as_frame(_table(self.connection, question))
        early = self.since - EARLY
        usual = _table(self.connection, question.where((at >= early) | at.is_(None)))
        usual = usual.filter(pc.is_in(usual["lead_id"], value_set=self.known))
        theirs = question.selected_columns["lead_id"].in_(select(leads.c.lead_id).where(self.since <= ARRIVED))
        before = _table(self.connection, question.where(at < early, theirs), at_once=True)
        return _as_frame(pa.concat_tables([usual, before]).unify_dictionaries())


def read_fields(connection: Connection, lead_ids: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of these leads, as they were sent; a lead that is not there any more is left out."""
    question = select(leads.c.lead_id, cast(leads.c.fields, String))
    for start in range(0, len(lead_ids), ROWS):
        chosen = question.where(among(connection, leads.c.lead_id, lead_ids[start : start + ROWS]))
        found = connection.execute(chosen).all()
        fields = json.loads(f"[{','.join(sent for _, sent in found)}]")  # one text is read quicker than many
        yield from zip((lead_id for lead_id, _ in found), fields, strict=True)


def _any(connection: Connection, column: Column[Any]) -> bool:
    return connection.execute(select(column).limit(1)).first() is not None


def _table(connection: Connection, question: Select[Any], *, at_once: bool = False) -> pa.Table:
    """The answer by columns, names as categories; `at_once` where few rows are expected."""
    kinds = {column.name: _kind(column) for column in question.selected_columns}
    if connection.dialect.name == "postgresql":
        return _read(_from_postgresql(connection, question), kinds, quote='"', null="")
    return _read(_from_sqlite(connection, question, at_once=at_once), kinds, quote="'", null="NULL")


def _as_frame(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas(split_blocks=True)


def _kind(column: ColumnElement[Any]) -> pa.DataType:
    if column.name == "lead_id":
        return pa.string()
    return next((kind for type_, kind in KINDS.items() if isinstance(column.type, type_)), NAMES)


def _read(lines: bytes, kinds: Kinds, quote: str, null: str) -> pa.Table:
    if not lines:
        return pa.schema([*kinds.items()]).empty_table()
    return csv.read_csv(
        pa.py_buffer(lines),
        csv.ReadOptions(column_names=[*kinds], use_threads=False),
        csv.ParseOptions(quote_char=quote, newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict(kinds),
            null_values=[null],
            true_values=["1", "t"],
            false_values=["0", "f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _from_sqlite(connection: Connection, question: Select[Any], *, at_once: bool) -> bytes:
    """Lines of cells in single quotes, or NULL."""
    columns = [*question.selected_columns]
    (table,) = question.get_final_froms()
    line = func.printf(",".join(["%Q"] * len(columns)), *columns)
    lines = question.with_only_columns(cast(func.group_concat(line, "\n"), LargeBinary))
    if at_once or table is scores:  # scores' rows are long, and an index holds all that is asked
        return connection.scalar(lines) or b""
    rowid: ColumnElement[int] = literal_column("rowid")
    last = connection.scalar(select(func.max(rowid)).select_from(table)) or 0
    parts = (connection.scalar(lines.where(rowid > start, rowid <= start + ROWS)) for start in range(0, last, ROWS))
    return b"\n".join(part for part in parts if part)


def _from_postgresql(connection: Connection, question: Select[Any]) -> bytes:
    """Lines of cells in double quotes where they need any, times in UTC; nothing for NULL."""
    columns = [
        _in_utc(connection, column) if _kind(column) == KINDS[Moment] else column
        for column in question.selected_columns
    ]
    written = question.with_only_columns(*columns).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    asked = str(written).replace("%%", "%")  # they are doubled for a driver's parameters, and COPY takes none
    driver: Any = connection.dialect.loaded_dbapi
    try:
        return _copy(connection, f"COPY ({asked}) TO STDOUT (FORMAT csv)")
    except driver.Error as error:  # as SQLAlchemy would, which does not see it; ids in the statement are not told
        raise DBAPIError("COPY", None, error) from error


def _copy(connection: Connection, statement: str) -> bytes:
    lines = io.BytesIO()
    cursor = connection.connection.cursor()
    with cursor.copy(statement) as sent:
        for part in sent:
            lines.write(part)
    cursor.close()
    return lines.getvalue()


def _in_utc(connection: Connection, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.timezone("UTC", moment) if connection.dialect.name == "postgresql" else moment
