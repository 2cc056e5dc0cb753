"""What to tell of a proposal: how many leads, what became of them, what decides that, and what to check first."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from features.early_facts import is_early
from features.parsing.plausible_dates import is_beyond, most_within
from features.schema_inference.crm_catalogue import Export
from features.schema_inference.outcome_candidates import asks_for_loss
from features.schema_inference.outcome_proposal import OutcomeProposal
from features.schema_inference.proposal import Proposal, Summary
from features.schema_inference.role_checks import check_counts, check_remarks, check_roles, end_sentence, share_among
from features.schema_inference.stage_meanings import Stages
from features.schema_inference.table_profile import TableProfile
from features.values import Kind, Known
from stats.types import Mask, Times

_LOOKS_CLOSED, _LOOKS_OPEN = 0.9, 0.1
_ROLES = {
    "id": "id",
    "created_at": "created_at",
    "column": "outcome",
    "at": "at",
    "source": "source",
    "campaign": "campaign",
    "value": "value",
}
"""What each role is called under [leads] or [outcome], and in the summary."""


def summarise(
    proposal: Proposal, table: TableProfile, outcome: OutcomeProposal, last: np.datetime64 | None, today: date | None
) -> Summary:
    """What a person who sells wants to know of the table, and what to check first.

    `last` is the day of the last fact, `today` the clock's; None where they are not known.
    """
    states, column, export = outcome.states, outcome.column, table.lexicon.export
    first_day, last_day = _arrival_days(table.arrived, last)
    return Summary(
        leads=table.rows_in_table,
        is_sample=table.is_sample,
        won=int(states.won.sum()),
        lost=int(states.lost.sum()),
        open=int(states.open.sum()),
        not_worked=int((~(states.won | states.lost | states.open)).sum()),
        column=column.name,
        won_values=column.won,
        lost_values=column.lost,
        open_values=column.others,
        nobody_marked_lost=column.nobody_marked_lost,
        looks_like="" if export is None else f"{export.crm} {export.about}",
        headers=0 if export is None else sum(export.knows(column.name) for column in table.columns),
        taken=tuple(_roles_from_export(proposal, export)),
        first=first_day,
        last=last_day,
        later=tuple(field.name for field in proposal.suspects),
        left_out=len(proposal.left_out),
        used=sum(field.known is Known.ARRIVAL for field in proposal.fields),
        checks=tuple(_checks(proposal, table, outcome, last, today)),
    )


def _roles_from_export(proposal: Proposal, export: Export | None) -> Iterator[str]:
    for key, role in _ROLES.items():
        name = proposal.setting(key)
        if export is not None and name is not None and role in export.roles_of(str(name)):
            yield f"{role} {name}"


def _arrival_days(arrived: Times | None, last: np.datetime64 | None) -> tuple[str, str]:
    """The days of the first and the last arrival that may be, "" where there are none."""
    if arrived is None or np.isnat(arrived).all():
        return "", ""
    known = arrived[~np.isnat(arrived)].astype("datetime64[D]")
    within = known if last is None else known[known <= last]
    return str(known.min()), str(within.max())


def _checks(
    proposal: Proposal, table: TableProfile, outcome: OutcomeProposal, last: np.datetime64 | None, today: date | None
) -> Iterator[str]:
    yield from _check_order_of_times(table, outcome)
    yield from _check_stages(table, outcome)
    yield from _check_arrival(table)
    yield from _check_dates_ahead(table, outcome, last, today)
    yield from check_roles(proposal, table, outcome)
    yield from check_remarks(proposal, table)
    yield from check_counts(proposal)
    yield from map(end_sentence, proposal.doubts)


def _check_order_of_times(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    """Whether leads are closed before they arrive: then one of the two dates, or how it is read, is wrong."""
    if table.arrived is None or outcome.closed_at is None or outcome.closing is None:
        return
    closed = outcome.states.won | outcome.states.lost
    early = closed & is_early(outcome.closed_at, table.arrived)
    if early.any():
        first = table.frame.index[int(np.argmax(early))]
        yield (
            f"{int(early.sum()):,} of {int(closed.sum()):,} closed leads are closed before they arrive (row {first:,} "
            f'first), and count as closed on arrival: is "{table.created_at}" the arrival (created_at) and '
            f'"{outcome.closing.name}" the closing date (at), are both in one time zone, and are day and month read '
            "the right way round?"
        )


def _check_stages(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    column = outcome.column
    if asks_for_loss(column.name, Stages(table.lexicon.export)):
        listed = " and ".join(column.won[:6])
        yield (
            f'"{column.name}" asks whether a lead was lost, and {listed} is taken for won: leads that are still open '
            "may be among them."
        )
    if column.no_leads and not column.asked_no_leads:
        listed = ", ".join(column.no_leads)
        yield f"Are these leads at all: {listed}? They count as lost until you take the # from not_a_lead."
    if not outcome.has_own_table:
        for text in _closed_though_open(table, outcome):
            yield f'"{text}" counts as open, though its leads have a closing date: is it won or lost?'
    if (column.lost or column.nobody_marked_lost) and column.unknown:
        listed = ", ".join(column.unknown[:6])
        yield f"Are these open: {listed}? They count so, as their words do not tell for sure."
    elif not column.lost and column.others and not column.nobody_marked_lost:
        yield f"Everything that is not won counts as lost: {', '.join(column.others[:6])}."


def _closed_though_open(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    """Values taken for open whose leads are nearly all dated, where those of other such values hardly are."""
    if outcome.closed_at is None:
        return
    column = next(column for column in table.columns if column.name == outcome.column.name)
    dated = ~np.isnat(outcome.closed_at)
    shares = {text: share_among(dated, column.codes == column.texts.index(text)) for text in outcome.column.others}
    if min(shares.values(), default=1.0) <= _LOOKS_OPEN:
        yield from (text for text, share in shares.items() if share >= _LOOKS_CLOSED)


def _check_arrival(table: TableProfile) -> Iterator[str]:
    if table.arrival is None:
        yield (
            "No column says when a lead arrived: without it nothing can be held against time. Name it as created_at."
            + "".join(_called_arrival(table))
        )
        return
    yield from _check_unread(table.arrived, table.arrival.name, table)
    if table.arrival.doubt:
        yield f'"{table.arrival.name}" is taken for the arrival (created_at), {end_sentence(table.arrival.doubt)}'


def _check_unread(times: Times | None, name: str, table: TableProfile) -> Iterator[str]:
    """Cells of a column of dates that are no date; training refuses those rows."""
    if times is None:
        return
    column = next(column for column in table.columns if column.name == name)
    unread = column.filled & np.isnat(times)
    if unread.any():
        rows = ", ".join(str(row) for row in table.frame.index[np.flatnonzero(unread)[:3]])
        count = int(unread.sum())
        cells = "1 cell is" if count == 1 else f"{count:,} cells are"
        what = "it" if count == 1 else "them"
        yield f'{cells} no date in "{name}" (row {rows}): mend or empty {what} before training.'


def _called_arrival(table: TableProfile) -> Iterator[str]:
    """The first column of dates that is called the arrival, and how many leads lack it."""
    for profile in table.profiles:
        if profile.kind is Kind.DATETIME and table.lexicon.place("created_at", profile.name) is not None:
            yield f' "{profile.name}" is called so, but {1 - profile.column.fill:.0%} of the leads have none.'
            return


def _check_dates_ahead(
    table: TableProfile, outcome: OutcomeProposal, last: np.datetime64 | None, today: date | None
) -> Iterator[str]:
    """Dates that lie ahead of the clock, or far beyond all others, and are not used."""
    if table.arrived is None:
        return
    if today is not None and most_within(table.arrived, today) is None:
        ahead = int((table.arrived > np.datetime64(today, "us") + np.timedelta64(2, "D")).sum())
        yield f'{ahead:,} leads arrive after today ({today}): is "{table.created_at}" read the right way?'
    if last is None:
        return
    closed = outcome.states.won | outcome.states.lost
    beyond = is_beyond(table.arrived, last)
    if beyond.any():
        yield _say_beyond(beyond, f"dates of {table.created_at}", table)
    if outcome.closed_at is not None and (beyond := is_beyond(outcome.closed_at, last) & closed).any():
        yield _say_beyond(beyond, "closing dates", table)


def _say_beyond(beyond: Mask, what: str, table: TableProfile) -> str:
    rows = ", ".join(str(row) for row in table.frame.index[np.flatnonzero(beyond)[:3]])
    return f"{int(beyond.sum()):,} {what} lie beyond today, or far beyond all others (row {rows}): not used."
