"""What happened: leads, what became of each and when, and who was tried; read from the tables scoring.toml names.

Only facts are joined here. What they mean at an as-of date is told in `training.labels`.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.config import OutcomeSection, ScoringConfig
from features.lead_table import LeadTable, Times, parse_column, parse_leads
from features.tables import Problem, TableRefused, no_such_column, read_table
from features.values import is_missing, outcome_key, parse_datetime, text_of

NEVER = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class History:
    """n leads with their outcomes.

    `status` (n,) is "won", "lost", "not_worked" or None; `closed_at` (n,) is when, None where times are not
    recorded; `first_contact_at` (n,) is NaT for a lead nobody tried, None where contacts are not known.
    """

    leads: LeadTable
    status: NDArray[np.object_]
    closed_at: Times | None = None
    first_contact_at: Times | None = None
    notes: tuple[str, ...] = ()

    def take(self, rows: NDArray[np.intp]) -> Self:
        return type(self)(
            self.leads.take(rows),
            self.status[rows],
            None if self.closed_at is None else self.closed_at[rows],
            None if self.first_contact_at is None else self.first_contact_at[rows],
            self.notes,
        )


def read_history(config: ScoringConfig) -> History:
    """Read every table that the configuration names.

    Raises:
        TableRefused: with every problem of the leads table, or of the outcomes, or of the contacts.
    """
    raw = read_table(config.locate(config.leads.table), config.leads.query)
    outcome = config.outcome
    problems: list[Problem] = []
    notes: list[str] = []
    leads: LeadTable | None = None
    try:
        leads = parse_leads(raw, config.schema_)
    except TableRefused as refused:
        problems += refused.problems
    if outcome.table is None:
        status, closed_at = _outcomes_beside(raw, outcome, config.leads.date_format, problems)
    else:
        table = read_table(config.locate(outcome.table))
        ids = leads.lead_id if leads is not None else np.array([], dtype=object)
        status, closed_at = _outcomes_of(table, outcome, config.leads.date_format, ids, problems, notes)
    if leads is None or problems:
        raise TableRefused(problems)
    return History(leads, status, closed_at, _first_contacts(config, leads), tuple(notes))


def _outcomes_beside(
    raw: pd.DataFrame, outcome: OutcomeSection, date_format: str | None, problems: list[Problem]
) -> tuple[NDArray[np.object_], Times | None]:
    missing = no_such_column(raw, [name for name in (outcome.column, outcome.at) if name])
    problems += missing
    if missing:
        return np.array([], dtype=object), None
    status = _statuses(raw[outcome.column], outcome, problems)
    return status, _times(raw, outcome.at, date_format, problems)


def _outcomes_of(
    table: pd.DataFrame,
    outcome: OutcomeSection,
    date_format: str | None,
    lead_ids: NDArray[np.object_],
    problems: list[Problem],
    notes: list[str],
) -> tuple[NDArray[np.object_], Times | None]:
    """Line the outcomes up with the leads; of several for one lead, the latest counts."""
    wanted = [name for name in (outcome.id, outcome.column, outcome.at) if name]
    missing = no_such_column(table, wanted)
    problems += missing
    if missing:
        return np.array([], dtype=object), None
    status = _statuses(table[outcome.column], outcome, problems)
    at = _times(table, outcome.at, date_format, problems)
    order = np.argsort(at, kind="stable") if at is not None else np.arange(len(table))
    row_of = {text_of(table[outcome.id].iloc[row]): row for row in order}
    rows = np.array([row_of.get(lead_id, -1) for lead_id in lead_ids], dtype=np.intp)
    if strangers := len(row_of) - int((rows >= 0).sum()):
        notes.append(f"{strangers} outcomes name a lead that is not in the leads table; they were left out")
    aligned = np.array([*status, None], dtype=object)[rows]
    return aligned, None if at is None else np.append(at, NEVER)[rows]


def _statuses(column: pd.Series, outcome: OutcomeSection, problems: list[Problem]) -> NDArray[np.object_]:
    """won, lost, not_worked or None (open) for each value; refuses a column that shows only one class."""
    codes, distinct = pd.factorize(column)
    meanings = np.array([*(_meaning(value, outcome) for value in distinct.tolist()), None], dtype=object)
    status = meanings[codes]
    held = ", ".join(sorted(repr(text_of(value)) for value in distinct.tolist() if not is_missing(value))[:10])
    if "won" not in meanings:
        accepted = ", ".join(map(repr, outcome.won))
        problems.append(
            Problem(
                f"no lead is won: {accepted} never occurs; the column holds {held or 'nothing'}",
                outcome.column,
            )
        )
    elif outcome.table is None and not (status != "won").any():
        problems.append(Problem("every lead is won: there is nothing to tell winners from", outcome.column))
    return status


def _meaning(value: object, outcome: OutcomeSection) -> str | None:
    if is_missing(value):
        return None
    key = outcome_key(value)
    if key in outcome.won:
        return "won"
    if key in outcome.not_worked:
        return "not_worked"
    return "lost" if not outcome.lost or key in outcome.lost else None


def _times(table: pd.DataFrame, name: str | None, date_format: str | None, problems: list[Problem]) -> Times | None:
    if name is None:
        return None
    column, refused = parse_column(
        table[name], lambda raw: None if is_missing(raw) else parse_datetime(raw, date_format)
    )
    if refused.any():
        problems.append(Problem("is not an ISO 8601 time", name, tuple(table.index[refused].tolist())))
    return column.times()


def _first_contacts(config: ScoringConfig, leads: LeadTable) -> Times | None:
    if config.contacts is None:
        return None
    section = config.contacts
    table = read_table(config.locate(section.table))
    problems = list(no_such_column(table, [section.id, section.started_at]))
    times = None if problems else _times(table, section.started_at, config.leads.date_format, problems)
    if times is None or problems:
        raise TableRefused(problems)
    first = pd.Series(times).groupby(table[section.id].map(text_of).to_numpy()).min()
    return first.reindex(leads.lead_id).to_numpy(dtype="datetime64[us]")
