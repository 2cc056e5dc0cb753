"""Leads, what became of each and when, and when each was first contacted, read from the tables of scoring.toml.

Only facts are joined here. `training.labels.states` says what they mean at an as-of date.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.config import ANY_VALUE, OutcomeSection, ScoringConfig
from features.early_facts import COUNTS_AS, describe_early, is_early
from features.errors import Problem, TableRefused, missing_columns
from features.lead import Value
from features.lead_rows import LeadRows, read_lead_rows
from features.lead_table import LeadTable, ParsedColumn, describe_refusal, ids_of, parse_column
from features.schema import Field
from features.status_words import list_values, note_open_values, note_won_values, refuse_statuses
from features.tables.arrival_snapshot import parse_arrivals
from features.tables.read import read_table
from features.tables.sql import safe_name
from features.values import Kind, outcome_key
from stats.types import Rows, Times, Vector

NEVER = np.datetime64("NaT", "us")
NOT_A_LEAD = "not_a_lead"

Statuses = NDArray[np.object_]


@dataclass(frozen=True)
class History:
    """n leads with their outcomes.

    Attributes:
        leads: the leads, as they stand in their table now.
        status: (n,) "won", "lost", "not_worked" or None for an open lead.
        closed_at: (n,) when the lead was won or lost, NaT for an open one; None where times are not recorded.
        first_contact_at: (n,) NaT for a lead without a contact; None where contacts are not recorded.
        notes: what was left out of the tables, as sentences.
        arrivals: leads as they arrived, these or others; None where no table has them.
        predicted: (n,) the probability of a lead's first score, NaN where it has none; None where no table has scores.
        scored_at: (n,) when that score was given; None where no table has scores.
        later: the fields that are known later, of all leads that the table has; None where there are none.
    """

    leads: LeadTable
    status: Statuses
    closed_at: Times | None = None
    first_contact_at: Times | None = None
    notes: tuple[str, ...] = ()
    arrivals: LeadTable | None = None
    predicted: Vector | None = None
    scored_at: Times | None = None
    later: LeadTable | None = None

    def take(self, rows: NDArray[np.intp]) -> Self:
        """The history of the leads at these positions, in this order."""
        optional = {name: getattr(self, name) for name in ("closed_at", "first_contact_at", "predicted", "scored_at")}
        taken: dict[str, Any] = {name: values if values is None else values[rows] for name, values in optional.items()}
        return replace(self, leads=self.leads.take(rows), status=self.status[rows], **taken)


def read_history(config: ScoringConfig, read_leads: Callable[[ScoringConfig], LeadRows] = read_lead_rows) -> History:
    """The history out of every table that the configuration names; `read_leads` reads that of the leads.

    Raises:
        TableRefused: with every problem of the leads, the outcomes, the contacts, the arrivals and the scores.
    """
    reader = _HistoryReader(config)
    rows = read_leads(config)
    reader.take_over(rows)
    leads = rows.leads
    status, closed_at = reader.outcomes(rows.raw, leads)
    first_contact_at = reader.first_contacts(leads)
    arrivals = reader.arrivals()
    predicted, scored_at = reader.first_scores(leads)
    if leads is None or reader.problems:
        raise TableRefused(reader.problems)
    history = History(
        leads,
        status,
        closed_at,
        first_contact_at,
        notes=tuple(reader.notes),
        arrivals=arrivals,
        predicted=predicted,
        scored_at=scored_at,
        later=rows.later,
    )
    return _drop_not_leads(history, config.outcome)


def _drop_not_leads(history: History, outcome: OutcomeSection) -> History:
    """The history without what scoring.toml says never was a lead, and a note of how many those were."""
    if not (dropped := history.status == NOT_A_LEAD).any():
        return history
    listed = list_values(set(outcome.not_a_lead))
    note = f"column {outcome.column!r}: no leads at all, so left out: {int(dropped.sum()):,} ({listed})"
    return replace(history.take(np.flatnonzero(~dropped)), notes=(*history.notes, note))


class _HistoryReader:
    """Reads table by table; `problems` gathers what is wrong on the way, `notes` what was left out."""

    def __init__(self, config: ScoringConfig) -> None:
        self.config = config
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def table(self, name: str) -> pd.DataFrame | None:
        try:
            return read_table(self.config.locate(name))
        except TableRefused as refused:
            self._report(name, refused.problems)
            return None

    def take_over(self, rows: LeadRows) -> None:
        """The problems and the notes of the leads table."""
        self._report(self.config.leads.table, rows.problems)
        self.notes += rows.notes

    def arrivals(self) -> LeadTable | None:
        section = self.config.arrivals
        raw = None if section is None else self.table(section.table)
        if section is None or raw is None:
            return None
        try:
            return parse_arrivals(raw, self.config.lead_schema)
        except TableRefused as refused:
            self._report(section.table, refused.problems)
            return None

    def outcomes(self, raw: pd.DataFrame | None, leads: LeadTable | None) -> tuple[Statuses, Times | None]:
        """Status and time for each lead, from a table of their own or beside the leads."""
        outcome = self.config.outcome
        name = outcome.table or self.config.leads.table
        table = self.table(outcome.table) if outcome.table else raw
        if table is None:
            return np.array([], dtype=object), None
        wanted = (outcome.column, outcome.at, outcome.lost_at, outcome.id if outcome.table else None)
        missing = missing_columns(table.columns, filter(None, wanted))
        self._report(name, missing)
        status: Statuses = np.array([], dtype=object)
        if outcome.column in table:
            status = self._read_statuses(name, table[outcome.column])
        at = None
        if outcome.at is not None and outcome.at in table:
            at = self._read_times(name, table[outcome.at], of_outcome=True)
        if at is not None and outcome.lost_at and outcome.lost_at in table:
            lost_at = self._read_times(name, table[outcome.lost_at], of_outcome=True)
            at = np.where(np.isnat(at) & (status == "lost"), lost_at, at)
        if missing:
            return status, at
        rows = np.arange(len(table))
        if outcome.table is not None and outcome.id is not None:
            order = rows if at is None else np.argsort(at.astype("int64"), kind="stable")  # NaT first
            rows = self._last_rows(name, table[outcome.id], order, leads)
        status = np.array([*status, None], dtype=object)[rows]
        if at is None or outcome.at is None:
            return status, None
        closed_at = np.where(np.isin(status, ["won", "lost"]), np.append(at, NEVER)[rows], NEVER)  # open ones expect it
        self._note_early(name, table.index[rows], outcome.at, closed_at, leads, "closed")
        return status, closed_at

    def _note_early(self, name: str, rows: pd.Index, at: str, times: Times, leads: LeadTable | None, what: str) -> None:
        arrival, arrived = self.config.leads.created_at, None if leads is None else leads.created_at
        if arrival and arrived is not None and (early := is_early(times, arrived)).any():
            said = describe_early(rows.to_numpy()[early], COUNTS_AS.format(what=what), at, arrival)
            self.notes.append(f"{name}: {said}")

    def first_contacts(self, leads: LeadTable | None) -> Times | None:
        """When each lead was first contacted (n,), NaT for never; None where contacts are not recorded."""
        section = self.config.contacts
        table = None if section is None else self.table(section.table)
        if section is None or table is None:
            return None
        if missing := missing_columns(table.columns, (section.id, section.started_at)):
            self._report(section.table, missing)
            return None
        started_at = self._read_times(section.table, table[section.started_at])
        latest_first = self._latest_first(section.table, section.started_at, started_at)
        rows = self._last_rows(section.table, table[section.id], latest_first, leads)
        first_at = np.append(started_at, NEVER)[rows]
        self._note_early(section.table, table.index[rows], section.started_at, first_at, leads, "contacted")
        return first_at

    def first_scores(self, leads: LeadTable | None) -> tuple[Vector | None, Times | None]:
        """The probability of each lead's first score, NaN for none, and when it was given."""
        section = self.config.propensity
        table = None if section is None else self.table(section.table)
        if section is None or table is None:
            return None, None
        if missing := missing_columns(table.columns, (section.id, section.probability, section.scored_at)):
            self._report(section.table, missing)
            return None, None
        scored_at = self._read_times(section.table, table[section.scored_at])
        probability = self._read_probabilities(section.table, table[section.probability])
        latest_first = self._latest_first(section.table, section.scored_at, scored_at)
        rows = self._last_rows(section.table, table[section.id], latest_first, leads)
        return np.append(probability, np.nan)[rows], np.append(scored_at, NEVER)[rows]

    def _latest_first(self, name: str, column: str, times: Times) -> Rows:
        """The rows that have a time, the latest first; notes those that have none."""
        if undated := int(np.isnat(times).sum()):
            self.notes.append(f"{name}: rows without {column}: {undated:,}; they were left out")
        return np.argsort(times, kind="stable")[::-1][undated:]

    def _last_rows(self, name: str, column: pd.Series, order: Rows, leads: LeadTable | None) -> Rows:
        """For each lead the last of its rows (n,) in this order, -1 for none; notes rows that name no lead."""
        named = ids_of(column)
        row_of = {named[row]: int(row) for row in order if named[row] is not None}
        if nameless := sum(lead_id is None for lead_id in named):
            self.notes.append(f"{name}: rows without {column.name}: {nameless:,}; they were left out")
        if leads is None:
            return np.array([], dtype=np.intp)
        ids = leads.lead_id
        rows = np.array([row_of.get(lead_id, -1) for lead_id in ids], dtype=np.intp)
        unknown = len(row_of) - int((rows >= 0).sum())
        if unknown and unknown == len(row_of):
            detail = f"names none of the leads: it holds {next(iter(row_of))!r}, their ids are such as {ids[0]!r}"
            self._report(name, [Problem(detail, str(column.name))])
        elif unknown:
            self.notes.append(f"{name}: ids that are not in the leads table: {unknown:,}; they were left out")
        return rows

    def _read_statuses(self, name: str, column: pd.Series) -> Statuses:
        """won, lost, not_worked or None (open) for each row; refuses a column that shows only one class."""
        outcome = self.config.outcome
        texts = self._parse_column(name, column, Field(str(column.name), Kind.CATEGORY))
        by_value = [read_status(text, outcome) for text in texts.values]
        status: Statuses = np.array([*by_value, None], dtype=object)[texts.codes]
        status_of = {str(text): one for text, one in zip(texts.values, by_value, strict=True)}
        if refusal := refuse_statuses(status_of, has_others=not (status == "won").all(), outcome=outcome):
            self._report(name, [Problem(refusal, outcome.column)])
        else:
            self.notes += note_won_values(status_of, outcome)
        self.notes += note_open_values(status_of, outcome)
        return status

    def _read_times(self, name: str, column: pd.Series, *, of_outcome: bool = False) -> Times:
        """Times of a column; the words that its [fields.…] lists under missing stand for none."""
        field = self.config.fields.get(str(column.name))
        missing = () if field is None else field.missing
        written = self.config.outcome.date_format if of_outcome else None
        as_time = Field(str(column.name), Kind.DATETIME, missing=missing, date_format=written)
        return self._parse_column(name, column, as_time, "[outcome]" if of_outcome else "[leads]").times()

    def _read_probabilities(self, name: str, column: pd.Series) -> Vector:
        """As `leads export-history` writes them, with a decimal point whatever the company's mark is."""
        probability = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
        refused = (np.isnan(probability) & column.notna().to_numpy()) | (probability < 0) | (probability > 1)
        if refused.any():
            rows = tuple(column.index[refused].tolist())
            self._report(name, [Problem("is not a probability from 0 to 1, such as 0.25", str(column.name), rows)])
        return probability

    def _parse_column(self, name: str, column: pd.Series, field: Field, section: str = "[leads]") -> ParsedColumn:
        schema = self.config.lead_schema
        parsed, refused = parse_column(column, schema.parser_of(field))
        if refused.any():
            rows = tuple(column.index[refused].tolist())
            self._report(name, [Problem(describe_refusal(schema, field, section), field.name, rows)])
        return parsed

    def _report(self, name: str, problems: Iterable[Problem]) -> None:
        shown = safe_name(name) if "://" in name else name
        self.problems += [replace(problem, table=shown) for problem in problems]


def read_status(value: Value, outcome: OutcomeSection) -> str | None:
    """won, lost, not_worked, not_a_lead or None (open), as scoring.toml reads a value of the outcome column."""
    key = outcome_key(value)
    if key in outcome.not_a_lead:
        return NOT_A_LEAD
    if key in outcome.won:
        return "won"
    if key in outcome.not_worked:
        return "not_worked"
    if ANY_VALUE in outcome.won and key not in outcome.lost:
        return "won"
    return "lost" if not outcome.lost or key in outcome.lost else None
