"""Where the outcome stands, among the leads or in a table of its own: tables in, [outcome] and states out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.errors import Problem, TableRefused
from features.schema_inference import names, vocabulary
from features.schema_inference.closed_at import find_closed_at
from features.schema_inference.column import Column
from features.schema_inference.dates import ISO, Times, date_format, same_day
from features.schema_inference.lexicon import Lexicon
from features.schema_inference.outcome_column import NEVER_SEEN, Asked, OutcomeColumn, find_outcome
from features.schema_inference.proposal import Setting
from features.schema_inference.roles import id_candidates
from features.schema_inference.states import States
from features.schema_inference.survey import Survey
from features.values import is_missing, outcome_key, text_of

HORIZON_DAYS = 90


@dataclass(frozen=True, eq=False)
class OutcomePlace:
    """The lines of [outcome], the state of each lead looked at, and the columns of the leads it takes."""

    settings: tuple[Setting, ...]
    states: States
    taken: frozenset[str]
    lead_id: str | None
    outcome: OutcomeColumn
    closed_at: Times | None = None
    """When each lead looked at was closed (n,), where a column of the leads says it."""


def in_leads(survey: Survey, given: str | Asked | None, table: str) -> OutcomePlace:
    """The outcome as a column of the leads table.

    Raises:
        TableRefused: when it cannot be told which column it is.
    """
    outcome = find_outcome(survey.columns, given, table, survey.lexicon)
    column = next(column for column in survey.columns if column.name == outcome.name)
    states = outcome.states(column)
    at = find_closed_at(survey, outcome.name, states)
    told = () if at is None else _at_settings(survey.column(at.name), survey, at.why)
    where = "a column of the leads table"
    settings = (*_column_settings(outcome, states, where, column), *told, _horizon(bool(told)))
    taken = frozenset({outcome.name, *(() if at is None else (at.name,))})
    lead_id = next(iter(id_candidates(survey.frame, survey.lexicon)), None)
    closed_at = None if at is None else survey.times_of(at.name)
    return OutcomePlace(settings, states, taken, lead_id, outcome, closed_at)


def in_own_table(
    survey: Survey, outcomes: pd.DataFrame, given: str | Asked | None, path: str, name: str
) -> OutcomePlace:
    """The outcome in a table of its own at `path`, one row a closed lead; `name` is how messages call it.

    Raises:
        TableRefused: when no column names the leads, or none says what became of them.
    """
    lead_id, outcome_id = _shared_id(survey.frame, outcomes, name)
    columns = [Column.of(outcomes[column], str(column)) for column in outcomes.columns if column != outcome_id]
    lexicon = Lexicon.of(map(str, outcomes.columns))
    outcome = find_outcome(columns, given, name, lexicon, wins_only=True)
    states = _joined(survey, outcomes, lead_id, outcome_id, outcome)
    at = next((_at_settings(column, survey) for column in columns if _says_when(column, lexicon)), ())
    settings = (
        Setting("table", path, "one row a closed lead; a lead that is not in it is open"),
        Setting("id", outcome_id, f"names the lead, as {lead_id} does in the leads table"),
        *_column_settings(outcome, states, "what became of the lead", None),
        *at,
        _horizon(bool(at)),
    )
    return OutcomePlace(settings, states, frozenset({lead_id}), lead_id, outcome)


def _column_settings(outcome: OutcomeColumn, states: States, where: str, column: Column | None) -> tuple[Setting, ...]:
    known = int((states.won | states.lost | states.open).sum())
    settings = [
        Setting("column", outcome.name, where),
        Setting("won", outcome.won, f"values that mean won: {states.won.sum():,} of {known:,} leads looked at"),
    ]
    others = ", ".join(outcome.others[:8])
    if outcome.lost == (NEVER_SEEN,):
        why = f"nobody is marked as lost: who is not won within the horizon is not won; open are: {others}"
        settings.append(Setting("lost", outcome.lost, why))
    elif outcome.lost:
        open_too = f"; others are open: {others}" if outcome.others else ""
        settings.append(Setting("lost", outcome.lost, f"values that mean lost: {states.lost.sum():,} leads{open_too}"))
    elif outcome.others:
        why = f"add lost = [...] if not all of these mean lost: {others}"
        settings[-1] = Setting("won", outcome.won, f"{settings[-1].why}; {why}")
    if outcome.no_leads:
        rows = "" if column is None else f" ({_rows_of(column, outcome.no_leads):,} leads)"
        why = f"no leads at all{rows}? then take the # away: they are left out of training, and counted"
        settings.append(Setting("not_a_lead", outcome.no_leads, why, is_proposal=not outcome.asked_no_leads))
    if outcome.not_worked:
        settings.append(Setting("not_worked", outcome.not_worked, "nobody tried these yet: left out of training"))
    return tuple(settings)


def _rows_of(column: Column, texts: tuple[str, ...]) -> int:
    return int(sum(count for text, count in zip(column.texts, column.counts, strict=True) if text in texts))


def _horizon(has_times: bool) -> Setting:
    why = "a win counts when it comes within these days of the arrival"
    return Setting("horizon_days", HORIZON_DAYS, why if has_times else f"{why}; without `at` every win counts")


def _at_settings(column: Column, survey: Survey, why: str = "when it was won or lost") -> tuple[Setting, ...]:
    """The column that says when, and its date format where it is not that of the leads."""
    at = Setting("at", column.name, why)
    form = date_format(column)
    if form is None or form.text == ISO or same_day(form.text, survey.date_format.text):
        return (at,)
    doubt = f"; every date also reads as {form.also}: look" if form.also else ""
    return (at, Setting("date_format", form.text, f"how its dates are written{doubt}"))


def _says_when(column: Column, lexicon: Lexicon) -> bool:
    named = (
        lexicon.place("at", column.name) is not None or names.place_in(vocabulary.OUTCOME_AT, column.name) is not None
    )
    return named and date_format(column) is not None


def _shared_id(leads: pd.DataFrame, outcomes: pd.DataFrame, name: str) -> tuple[str, str]:
    for lead_id in id_candidates(leads):
        known = set(_keys(leads[lead_id]))
        same_name = [column for column in outcomes.columns if column == lead_id]
        for outcome_id in dict.fromkeys([*same_name, *(c for c in outcomes.columns if names.is_code(str(c)))]):
            if known & set(_keys(outcomes[outcome_id])):
                return lead_id, str(outcome_id)
    detail = "no column of it names leads of the leads table; both need one with the same ids, such as lead_id"
    raise TableRefused([Problem(detail)], name)


def _keys(column: "pd.Series[str]") -> list[str]:
    return [text_of(value) for value in column.tolist() if not is_missing(value)]


def _joined(survey: Survey, outcomes: pd.DataFrame, lead_id: str, outcome_id: str, outcome: OutcomeColumn) -> States:
    said = dict(zip(map(text_of, outcomes[outcome_id].tolist()), outcomes[outcome.name].tolist(), strict=True))
    became = [said.get(text_of(value)) for value in survey.frame[lead_id].tolist()]
    keys = np.array(["" if is_missing(value) else outcome_key(value) for value in became], dtype=object)

    def among(texts: tuple[str, ...]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return np.isin(keys, [outcome_key(text) for text in texts])

    won, untried, closed = among(outcome.won), among(outcome.not_worked), keys != ""
    lost = among(outcome.lost) if outcome.lost else closed & ~won & ~untried
    return States(won, lost, ~won & ~lost & ~untried)
