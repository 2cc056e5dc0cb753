"""The proposed [outcome]: its lines, what became of each lead by them, and when, as training will count it."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from features.config import ANY_VALUE, OutcomeSection
from features.early_facts import is_early
from features.parsing.plausible_dates import last_plausible, most_within
from features.schema_inference.closing_date import find_closed_at
from features.schema_inference.columns import Column, ColumnProfile
from features.schema_inference.date_formats import ISO, DateFormat, same_day
from features.schema_inference.outcome import MIN_SIDE, OutcomeChoice, OutcomeColumn, States, find_outcome
from features.schema_inference.proposal import Setting
from features.schema_inference.roles import DateRole, find_id
from features.schema_inference.table_profile import TableProfile
from features.values import Kind
from stats.types import Times

HORIZON_DAYS = int(OutcomeSection.model_fields["horizon_days"].default)
MOST_EARLY = 0.02
"""The share of closed leads that may be closed before they arrive, as clocks differ and people mistype."""
_NEARLY_ALL, _HARDLY_ANY = 0.9, 0.05
_NO_VALUE = "Lost"
"""Written for lost where no value means it, so that what is not won is open; no value of the column is called so."""


@dataclass(frozen=True, eq=False)
class OutcomeProposal:
    """The lines of [outcome], the state of each lead looked at, and the columns of the leads that it takes."""

    settings: tuple[Setting, ...]
    states: States
    taken: frozenset[str]
    lead_id: str | None
    column: OutcomeColumn
    closing: DateRole | None = None
    closed_at: Times | None = None
    """When each lead looked at was closed (n,), NaT for never; None where nothing says it."""
    has_own_table: bool = False
    value: str | None = None
    """The money of won leads in an outcome table of its own."""
    doubts: tuple[str, ...] = ()


def outcome_in_leads(
    table: TableProfile, given: str | OutcomeChoice | None, location: str
) -> tuple[TableProfile, OutcomeProposal]:
    """The outcome as a column of the leads table, and the table with its closing date read as it must be.

    Raises:
        TableRefused: when it cannot be told which column it is.
    """
    found = find_outcome(table.columns, given, location, table.lexicon)
    column = next(column for column in table.columns if column.name == found.name)
    states = found.states(column)
    others = [profile for profile in table.profiles if profile.name not in {found.name, table.created_at}]
    closing = _is_dated(found, table) or find_closed_at(others, table.lexicon, states, table.arrived)
    if closing is not None:
        table = settle_by_arrival(table, closing.name, states, table.arrived)
    closing_lines, doubts = propose_closing(closing, table, table.date_format)
    closed_at = None if closing is None else table.times_of(closing.name)
    lost_at = None if closing is None else _find_lost_at(closing.name, others, table, states)
    if closing is not None and closed_at is not None and lost_at is not None:
        closing = replace(closing, doubt="")
        closed_at = np.where(np.isnat(closed_at) & states.lost, table.times_of(lost_at), closed_at)
        closing_lines += (Setting("lost_at", lost_at, "when it was lost, as lost leads have no date in `at`"),)
    outcome_lines = propose_outcome_column(found, states, "a column of the leads table", column)
    proposal = OutcomeProposal(
        settings=(*outcome_lines, *closing_lines, propose_horizon(has_times=closing is not None)),
        states=states,
        taken=frozenset({found.name, *(() if closing is None else (closing.name,)), *filter(None, (lost_at,))}),
        lead_id=find_id(table.frame, table.lexicon),
        column=found,
        closing=closing,
        closed_at=closed_at,
        doubts=doubts,
    )
    return table, proposal


def _is_dated(found: OutcomeColumn, table: TableProfile) -> DateRole | None:
    """The outcome column itself, where it is the date that only won leads have."""
    if found.won != (ANY_VALUE,) or table.profile(found.name).kind is not Kind.DATETIME:
        return None
    return DateRole(found.name, "when it was won")


def _find_lost_at(at: str, profiles: list[ColumnProfile], table: TableProfile, states: States) -> str | None:
    """The dates of nearly all lost leads and hardly any other, written as `at` is; None where lost leads have that."""
    lost, forms = states.lost, {table.formats.form_of(at), ISO}
    if lost.sum() < MIN_SIDE or table.profile(at).column.filled[lost].mean() > _HARDLY_ANY:
        return None
    for profile in profiles:
        filled = profile.column.filled
        is_of_lost = filled[lost].mean() >= _NEARLY_ALL and filled[~lost].mean() <= _HARDLY_ANY
        if is_of_lost and profile.kind is Kind.DATETIME and table.formats.form_of(profile.name) in forms:
            return profile.name
    return None


def propose_outcome_column(
    outcome: OutcomeColumn, states: States, where: str, column: Column | None
) -> tuple[Setting, ...]:
    """The lines that say what the values of the outcome column mean; `column` is there for its counts."""
    known = int((states.won | states.lost | states.open).sum())
    means = "any value means won" if outcome.won == (ANY_VALUE,) else "values that mean won"
    won_why = f"{means}: {states.won.sum():,} of {known:,} leads looked at"
    others = ", ".join(outcome.others[:8])
    if not outcome.lost and not outcome.nobody_marked_lost and others:
        won_why = f"{won_why}; add lost = [...] if not all of these mean lost: {others}"
    settings = [Setting("column", outcome.name, where), Setting("won", outcome.won, won_why)]
    if outcome.nobody_marked_lost:
        why = f"nobody is marked as lost: who is not won within the horizon is not won; open are: {others}"
        settings.append(Setting("lost", (_NO_VALUE,), why))
    elif outcome.lost:
        open_too = f"; others are open: {others}" if outcome.others else ""
        settings.append(Setting("lost", outcome.lost, f"values that mean lost: {states.lost.sum():,} leads{open_too}"))
    if outcome.no_leads:
        rows = "" if column is None else f" ({_count_rows(column, outcome.no_leads):,} leads)"
        why = f"no leads at all{rows}? then take the # away: they are left out of training, and counted"
        settings.append(Setting("not_a_lead", outcome.no_leads, why, is_proposal=not outcome.asked_no_leads))
    if outcome.not_worked:
        settings.append(Setting("not_worked", outcome.not_worked, "nobody tried these yet: left out of training"))
    return tuple(settings)


def _count_rows(column: Column, texts: tuple[str, ...]) -> int:
    return int(sum(count for text, count in zip(column.texts, column.counts, strict=True) if text in texts))


def propose_horizon(*, has_times: bool) -> Setting:
    """The line of the horizon, which is the one that a scoring.toml without it has."""
    why = "a win counts when it comes within these days of the arrival"
    return Setting("horizon_days", HORIZON_DAYS, why if has_times else f"{why}; without `at` every win counts")


def propose_closing(
    closing: DateRole | None, table: TableProfile, leads_format: DateFormat
) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """The lines of the closing date of a table, its format where it is not that of the leads, and what is not sure."""
    if closing is None:
        return (), ()
    form = table.formats.dates.get(closing.name, DateFormat(ISO))
    ambiguous = f"every date also reads as {form.also}: look" if form.also else ""
    doubts = (f'"{closing.name}": read as {form.text}; {ambiguous}',) if ambiguous else ()
    at = Setting("at", closing.name, closing.why)
    if form.text == ISO or same_day(form.text, leads_format.text):
        return (at,), doubts
    why = "how its dates are written" + (f"; {ambiguous}" if ambiguous else "")
    return (at, Setting("date_format", form.text, why)), doubts


def settle_by_arrival(table: TableProfile, name: str, states: States, arrived: Times | None) -> TableProfile:
    """The table, its closing dates read so that fewer leads are closed before they arrive.

    That settles day and month where the column leaves them open; `states` and `arrived` are of its rows (n,).
    """
    form = table.formats.dates.get(name, DateFormat(ISO))
    if form.also is None or arrived is None:
        return table
    closed = states.won | states.lost
    early = _share_early(table.times_of(name)[closed], arrived[closed])
    early_otherwise = _share_early(table.times_in(name, form.also)[closed], arrived[closed])
    if early_otherwise < early:
        form = DateFormat(form.also, form.text)
        early, early_otherwise = early_otherwise, early
    is_settled = early <= MOST_EARLY < early_otherwise
    return table.with_date_format(name, DateFormat(form.text) if is_settled else form)


def _share_early(closed_at: Times, arrived: Times) -> float:
    """The share of leads with both times (n,) that were closed before they arrived."""
    known = ~np.isnat(closed_at) & ~np.isnat(arrived)
    return float(is_early(closed_at, arrived)[known].mean()) if known.any() else 0.0


def last_fact_day(table: TableProfile, outcome: OutcomeProposal, today: date | None) -> np.datetime64 | None:
    """The newest arrival or closing that may be; None where nothing is dated. Dates of open leads say nothing."""
    if table.arrived is None:
        return None
    clock = most_within(table.arrived, today)
    facts = [table.arrived]
    if outcome.closed_at is not None:
        facts.append(outcome.closed_at[outcome.states.won | outcome.states.lost])
    return last_plausible(np.concatenate(facts), clock)


def mature_states(states: States, arrived: Times | None, last: np.datetime64 | None) -> States:
    """The states (n,) at the end of the day of the last fact: who is open and older than the horizon is not won."""
    if arrived is None or last is None:
        return states
    end = last.astype("datetime64[D]") + np.timedelta64(1, "D")
    return states.matured(end - arrived >= np.timedelta64(HORIZON_DAYS, "D"))
