"""Where the outcome stands, among the leads or in a table of its own: tables in, [outcome] and states out."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.errors import Problem, TableRefused
from features.parsing.plausible_dates import last_plausible, most_within
from features.schema_inference import column_names, vocabulary
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column, Times
from features.schema_inference.date_formats import ISO, date_format, same_day
from features.schema_inference.outcome import NEVER_SEEN, OutcomeChoice, OutcomeColumn, States, find_outcome
from features.schema_inference.proposal import Setting
from features.schema_inference.roles import find_closed_at, id_candidates
from features.schema_inference.table_profile import TableProfile
from features.values import is_missing, outcome_key, text_of

HORIZON_DAYS = 90


@dataclass(frozen=True, eq=False)
class OutcomeProposal:
    """The lines of [outcome], the state of each lead looked at, and the columns of the leads it takes."""

    settings: tuple[Setting, ...]
    states: States
    taken: frozenset[str]
    lead_id: str | None
    outcome: OutcomeColumn
    closed_at: Times | None = None
    """When each lead looked at was closed (n,), where a column of the leads says it."""


def in_leads(table: TableProfile, given: str | OutcomeChoice | None, location: str) -> OutcomeProposal:
    """The outcome as a column of the leads table.

    Raises:
        TableRefused: when it cannot be told which column it is.
    """
    outcome = find_outcome(table.columns, given, location, table.lexicon)
    column = next(column for column in table.columns if column.name == outcome.name)
    states = outcome.states(column)
    others = [profile for profile in table.profiles if profile.name not in {outcome.name, table.created_at}]
    at = find_closed_at(others, table.lexicon, states, table.arrived)
    told = () if at is None else _at_settings(table.column(at.name), table, at.why)
    where = "a column of the leads table"
    settings = (*_column_settings(outcome, states, where, column), *told, _horizon(bool(told)))
    taken = frozenset({outcome.name, *(() if at is None else (at.name,))})
    lead_id = next(iter(id_candidates(table.frame, table.lexicon)), None)
    closed_at = None if at is None else table.times_of(at.name)
    return OutcomeProposal(settings, states, taken, lead_id, outcome, closed_at)


def in_own_table(
    table: TableProfile, outcomes: pd.DataFrame, given: str | OutcomeChoice | None, path: str, name: str
) -> OutcomeProposal:
    """The outcome in a table of its own at `path`, one row a closed lead; `name` is how messages call it.

    Raises:
        TableRefused: when no column names the leads, or none says what became of them.
    """
    lead_id, outcome_id = _shared_id(table.frame, outcomes, name)
    columns = [Column.of(outcomes[column], str(column)) for column in outcomes.columns if column != outcome_id]
    lexicon = Lexicon.of(map(str, outcomes.columns))
    outcome = find_outcome(columns, given, name, lexicon, wins_only=True)
    states = _joined(table, outcomes, lead_id, outcome_id, outcome)
    at = next((_at_settings(column, table) for column in columns if _says_when(column, lexicon)), ())
    settings = (
        Setting("table", path, "one row a closed lead; a lead that is not in it is open"),
        Setting("id", outcome_id, f"names the lead, as {lead_id} does in the leads table"),
        *_column_settings(outcome, states, "what became of the lead", None),
        *at,
        _horizon(bool(at)),
    )
    return OutcomeProposal(settings, states, frozenset({lead_id}), lead_id, outcome)


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


def _at_settings(column: Column, table: TableProfile, why: str = "when it was won or lost") -> tuple[Setting, ...]:
    """The column that says when, and its date format where it is not that of the leads."""
    at = Setting("at", column.name, why)
    form = date_format(column)
    if form is None or form.text == ISO or same_day(form.text, table.date_format.text):
        return (at,)
    doubt = f"; every date also reads as {form.also}: look" if form.also else ""
    return (at, Setting("date_format", form.text, f"how its dates are written{doubt}"))


def _says_when(column: Column, lexicon: Lexicon) -> bool:
    named = (
        lexicon.place("at", column.name) is not None
        or column_names.place_in(vocabulary.OUTCOME_AT, column.name) is not None
    )
    return named and date_format(column) is not None


def _shared_id(leads: pd.DataFrame, outcomes: pd.DataFrame, name: str) -> tuple[str, str]:
    for lead_id in id_candidates(leads):
        known = set(_keys(leads[lead_id]))
        same_name = [column for column in outcomes.columns if column == lead_id]
        for outcome_id in dict.fromkeys([*same_name, *(c for c in outcomes.columns if column_names.is_code(str(c)))]):
            if known & set(_keys(outcomes[outcome_id])):
                return lead_id, str(outcome_id)
    detail = "no column of it names leads of the leads table; both need one with the same ids, such as lead_id"
    raise TableRefused([Problem(detail)], name)


def _keys(column: "pd.Series[str]") -> list[str]:
    return [text_of(value) for value in column.tolist() if not is_missing(value)]


def _joined(
    table: TableProfile, outcomes: pd.DataFrame, lead_id: str, outcome_id: str, outcome: OutcomeColumn
) -> States:
    said = dict(zip(map(text_of, outcomes[outcome_id].tolist()), outcomes[outcome.name].tolist(), strict=True))
    became = [said.get(text_of(value)) for value in table.frame[lead_id].tolist()]
    keys = np.array(["" if is_missing(value) else outcome_key(value) for value in became], dtype=object)

    def among(texts: tuple[str, ...]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return np.isin(keys, [outcome_key(text) for text in texts])

    won, untried, closed = among(outcome.won), among(outcome.not_worked), keys != ""
    lost = among(outcome.lost) if outcome.lost else closed & ~won & ~untried
    return States(won, lost, ~won & ~lost & ~untried)


def last_day(table: TableProfile, place: OutcomeProposal, today: date | None) -> np.datetime64 | None:
    """The newest arrival or closing that may be; None where nothing is dated. Dates of open leads say nothing."""
    if table.arrived is None:
        return None
    clock = most_within(table.arrived, today)
    facts = [table.arrived]
    if place.closed_at is not None:
        facts.append(place.closed_at[place.states.won | place.states.lost])
    return last_plausible(np.concatenate(facts), clock)


def mature_states(states: States, arrived: Times | None, last: np.datetime64 | None) -> States:
    """The states (n,) at the end of the day of the last fact."""
    if arrived is None or last is None:
        return states
    end = last.astype("datetime64[D]") + np.timedelta64(1, "D")
    return states.matured(end - arrived >= np.timedelta64(HORIZON_DAYS, "D"))
