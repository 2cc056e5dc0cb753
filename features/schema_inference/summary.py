"""What to tell of a proposal: how many leads, what became of them, what decides that, and what to check first."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from features.parsing.plausible_dates import is_beyond, most_within
from features.schema_inference import column_names, vocabulary
from features.schema_inference.columns import Column
from features.schema_inference.crm_catalogue import Export
from features.schema_inference.outcome_candidates import asks_for_loss
from features.schema_inference.outcome_proposal import MOST_EARLY, OutcomeProposal, share_before
from features.schema_inference.proposal import Proposal, Summary
from features.schema_inference.roles import is_called_lead_id, may_be_id
from features.schema_inference.stage_meanings import Stages
from features.schema_inference.table_profile import TableProfile
from features.values import Kind, Known
from stats.types import Mask, Times

_LOOKS_CLOSED, _LOOKS_OPEN = 0.9, 0.1
_HARDLY_ANY = 0.01
_READ_AS = {
    "created_at": (Kind.DATETIME, "dates"),
    "at": (Kind.DATETIME, "dates"),
    "value": (Kind.NUMERIC, "numbers"),
}
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
    yield from _check_roles(proposal, table, outcome)
    yield from _check_remarks(proposal, table)
    yield from _check_counts(proposal)
    yield from map(_end_sentence, proposal.doubts)


def _end_sentence(sentence: str) -> str:
    return sentence if sentence[-1:] in ".?" else f"{sentence}."


def _check_order_of_times(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    """Whether leads are closed before they arrive: then one of the two dates, or how it is read, is wrong."""
    if table.arrived is None or outcome.closed_at is None or outcome.closing is None:
        return
    early = share_before(outcome.closed_at, table.arrived, outcome.states.won | outcome.states.lost)
    if early > MOST_EARLY:
        yield (
            f'{early:.0%} of the closed leads are closed before they arrive: is "{table.created_at}" the arrival '
            f'(created_at) and "{outcome.closing.name}" the closing date (at), and are day and month read the right '
            "way round?"
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
    shares = {text: _share_among(dated, column.codes == column.texts.index(text)) for text in outcome.column.others}
    if min(shares.values(), default=1.0) <= _LOOKS_OPEN:
        yield from (text for text, share in shares.items() if share >= _LOOKS_CLOSED)


def _share_among(flags: Mask, rows: Mask) -> float:
    return float(flags[rows].mean()) if rows.any() else 0.0


def _check_arrival(table: TableProfile) -> Iterator[str]:
    if table.arrival is None:
        yield (
            "No column says when a lead arrived: without it nothing can be held against time. Name it as created_at."
            + "".join(_called_arrival(table))
        )
        return
    yield from _check_unread(table.arrived, table.arrival.name, table)
    if table.arrival.doubt:
        yield f'"{table.arrival.name}" is taken for the arrival (created_at), {_end_sentence(table.arrival.doubt)}'


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


def _called_so(role: str, kind: Kind, table: TableProfile) -> str | None:
    """The likeliest column of a role by its name, where what it holds is of another kind."""
    lexicon = table.lexicon
    called = [
        profile.name
        for profile in table.profiles
        if profile.kind is not kind and profile.column.texts and lexicon.place(role, profile.name) is not None
    ]
    return min(called, key=lambda name: lexicon.rank(role, name), default=None)


def _check_roles(proposal: Proposal, table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    yield from _check_id(table, outcome)
    for role, (kind, what) in _READ_AS.items():
        if proposal.setting(role) is None and (name := _called_so(role, kind, table)):
            yield f'"{name}" is called like {role}, but what it holds is not read as {what}.'
    yield from _check_closing(table, outcome)
    if proposal.setting("source") is None:
        yield "No column says where the leads came from (source): the weekly page compares sources."
    yield from _check_value(proposal, table, outcome)


def _check_closing(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    if outcome.closing is None:
        dates = [profile.name for profile in table.profiles if profile.kind is Kind.DATETIME]
        others = [name for name in dates if name != table.created_at]
        of = f" Is it one of {', '.join(others[:6])}?" if others else ""
        yield f"No column says when leads were won or lost (at), so that a win counts whenever it came.{of}"
        return
    if outcome.closed_at is not None and outcome.states.lost.any():
        dated = ~np.isnat(outcome.closed_at)
        if _share_among(dated, outcome.states.lost) <= _LOOKS_OPEN:
            yield (
                f'Lost leads have no date in "{outcome.closing.name}" (at): each counts as lost only once it is older '
                "than the horizon. A column that dates both won and lost leads would let them count at once."
            )
            return
    if outcome.closing.doubt:
        doubt = _end_sentence(outcome.closing.doubt)
        yield f'"{outcome.closing.name}" is taken for when leads were won or lost (at), {doubt}'


def _check_id(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    lead_id = outcome.lead_id
    if lead_id is None:
        yield "No column names the leads: row numbers serve as ids."
        return
    ids = table.column(lead_id)
    if empty := int((~ids.filled).sum()):
        yield f'"{lead_id}" is empty in {_count_rows(empty)}, which training refuses.'
    if repeated := int(ids.filled.sum()) - len(ids.texts):
        yield (
            f'"{lead_id}" repeats in {_count_rows(repeated)}, which training refuses: keep one row a '
            "lead. If the rows are stages of leads, give them with --outcomes beside a table of the leads."
        )
    if repeated or not is_called_lead_id(lead_id, table.lexicon):
        rivals = [
            column.name
            for column in table.columns
            if column.name != lead_id and (_repeats_a_little(column, table) or may_be_id(column, table.lexicon))
        ]
        if rivals:
            yield f'"{lead_id}" is taken for the id of the lead (id): or is it {", ".join(rivals[:3])}?'


def _count_rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _repeats_a_little(column: Column, table: TableProfile) -> bool:
    """Whether a column is called the lead's id, and most of its values are of one lead."""
    return is_called_lead_id(column.name, table.lexicon) and 2 * len(column.texts) >= len(column.codes)


def _check_remarks(proposal: Proposal, table: TableProfile) -> Iterator[str]:
    """Free text by agents, which is often written after a call, and then tells how it went."""
    words = table.lexicon.says("remarks")
    for field in proposal.fields:
        is_remark = not words.isdisjoint(vocabulary.normalise_name(field.name).split())
        if is_remark and field.kind in (Kind.CATEGORY, Kind.TEXT) and field.known is Known.ARRIVAL:
            yield f'"{field.name}" is taken as known at arrival: if it is written after calls, set known = "later".'


def _check_counts(proposal: Proposal) -> Iterator[str]:
    """Counts of calls and mails, which go on growing after the arrival."""
    counts = [
        f'"{field.name}"'
        for field in proposal.fields
        if field.known is Known.ARRIVAL and field.kind is Kind.NUMERIC and column_names.counts_contacts(field.name)
    ]
    if counts:
        listed = f"{', '.join(counts[:6])}{' …' if len(counts) > 6 else ''}"
        yield f'Calls or mails after the arrival must not be among {listed}: if they are, set known = "later".'


def _check_value(proposal: Proposal, table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    value = proposal.setting("value")
    if value is None:
        elsewhere = (
            "" if outcome.value is None else f' "{outcome.value}" beside the outcomes is read once it is called value.'
        )
        yield f"No column is the money of a won lead (value): pages then count leads, not money.{elsewhere}"
        return
    filled = table.profile(str(value)).column.filled
    if max(_share_among(filled, rows) for rows in (outcome.states.open, outcome.states.lost)) > _HARDLY_ANY:
        yield f'"{value}" is taken for the money of a won lead (value), and so never feeds the score.'
