"""What `leads init` found, in words for people who sell: leads and their outcomes in, lines out."""

from collections.abc import Callable, Iterator

import numpy as np

from features.parsing.plausible_dates import is_beyond
from features.schema_inference.columns import Flags, Times
from features.schema_inference.outcome import NEVER_SEEN
from features.schema_inference.outcome_proposal import OutcomeProposal
from features.schema_inference.proposal import Proposal, ProposedField, Summary
from features.schema_inference.table_profile import TableProfile
from features.values import Kind, Known

_LOOKS_CLOSED, _LOOKS_OPEN = 0.9, 0.1
_OPEN_WITH_VALUE = 0.01
_READ_AS = {
    "created_at": (Kind.DATETIME, "dates"),
    "at": (Kind.DATETIME, "dates"),
    "value": (Kind.NUMERIC, "numbers"),
}
_ROLES = ("id", "created_at", "column", "at", "source", "campaign", "value")


def closing_date_field(table: TableProfile, place: OutcomeProposal) -> list[ProposedField]:
    """The closing date as a field that is known later, where words among its dates stand for none."""
    at = next((str(setting.value) for setting in place.settings if setting.key == "at"), None)
    if at is None or place.closed_at is None or not (missing := table.profile(at).missing):
        return []
    rows = table.profile(at).placeholder_rows / len(table.frame)
    why = f"stand for no date, in {rows:.1%} of the rows"
    return [ProposedField(at, Kind.DATETIME, Known.LATER, missing, why, "when it was won or lost")]


def summarise(proposal: Proposal, table: TableProfile, place: OutcomeProposal, last: np.datetime64 | None) -> Summary:
    """What a person who sells wants to know of the table, and what to check first."""
    states, outcome = place.states, place.outcome
    export = table.lexicon.export
    roles = {key: proposal.setting(key) for key in _ROLES}
    told = {str(name): key for key, name in roles.items() if name is not None}
    names = [column.name for column in table.columns]
    arrived = table.arrived
    return Summary(
        leads=table.rows_in_table,
        is_sample=table.is_sample,
        won=int(states.won.sum()),
        lost=int(states.lost.sum()),
        open=int(states.open.sum()),
        not_worked=int((~(states.won | states.lost | states.open)).sum()),
        column=outcome.name,
        won_values=outcome.won,
        lost_values=tuple(text for text in outcome.lost if text != NEVER_SEEN or text in outcome.others),
        open_values=outcome.others,
        looks_like="" if export is None else f"{export.crm} {export.about}",
        headers=0 if export is None else sum(map(export.knows, names)),
        taken=() if export is None else tuple(_taken(told, export.roles_of)),
        first="" if arrived is None else _day(np.nanmin(arrived)),
        last="" if arrived is None else _day(_last_arrival(arrived, last)),
        later=tuple(field.name for field in proposal.suspects),
        left_out=len(proposal.left_out),
        used=sum(field.known is Known.ARRIVAL for field in proposal.fields),
        checks=tuple(_checks(proposal, table, place, last)),
    )


def _taken(told: dict[str, str], roles_of: Callable[[str], set[str]]) -> Iterator[str]:
    for name, key in told.items():
        if {"column": "outcome"}.get(key, key) in roles_of(name):
            yield f"{key if key != 'column' else 'outcome'} {name}"


def _day(time: np.datetime64) -> str:
    return str(time.astype("datetime64[D]"))


def _last_arrival(arrived: Times, last: np.datetime64 | None) -> np.datetime64:
    known = arrived[~np.isnat(arrived)]
    within = known if last is None else known[known <= last]
    return within.max()


def _checks(
    proposal: Proposal, table: TableProfile, place: OutcomeProposal, last: np.datetime64 | None
) -> Iterator[str]:
    yield from _check_stages(table, place)
    yield from _check_dates(table, place, last)
    yield from _check_roles(proposal, table, place)
    yield from (f"{doubt}." for doubt in proposal.doubts)


def _check_stages(table: TableProfile, place: OutcomeProposal) -> Iterator[str]:
    outcome = place.outcome
    if outcome.no_leads and not outcome.asked_no_leads:
        listed = ", ".join(outcome.no_leads)
        yield f"Are these leads at all: {listed}? They count as lost until you take the # from not_a_lead."
    if place.closed_at is not None:
        column = next(column for column in table.columns if column.name == outcome.name)
        for text in _closed_though_open(column.codes, column.texts, outcome.others, place):
            yield f'"{text}" counts as open, though its leads have a closing date: is it won or lost?'
    if outcome.lost and outcome.unknown:
        yield f"These count as open, as nobody knows them here: {', '.join(outcome.unknown[:6])}."
    if not outcome.lost and outcome.others:
        yield f"Everything that is not won counts as lost: {', '.join(outcome.others[:6])}."


def _closed_though_open(
    codes: "np.ndarray[tuple[int], np.dtype[np.intp]]",
    texts: tuple[str, ...],
    others: tuple[str, ...],
    place: OutcomeProposal,
) -> Iterator[str]:
    """Values taken for open whose leads are nearly all dated, where those of other such values hardly are."""
    if place.closed_at is None:
        return
    dated = ~np.isnat(place.closed_at)
    shares = {text: _share(dated, codes == texts.index(text)) for text in others}
    if min(shares.values(), default=1.0) <= _LOOKS_OPEN:
        yield from (text for text, share in shares.items() if share >= _LOOKS_CLOSED)


def _share(flags: Flags, rows: Flags) -> float:
    return float(flags[rows].mean()) if rows.any() else 0.0


def _check_dates(table: TableProfile, place: OutcomeProposal, last: np.datetime64 | None) -> Iterator[str]:
    if table.arrival is None:
        yield "No column says when a lead arrived: without it nothing can be held against time. Name it as created_at."
    elif table.arrival.doubt:
        yield f'"{table.arrival.name}" is taken for the arrival, as it is {table.arrival.why}.'
    if last is None or table.arrived is None:
        return
    closed = place.states.won | place.states.lost
    for name, times in ((table.created_at, table.arrived), ("closing", place.closed_at)):
        if times is None:
            continue
        beyond = is_beyond(times, last) & (closed if name == "closing" else np.ones(len(times), dtype=bool))
        if beyond.any():
            what = "closing dates" if name == "closing" else f"dates of {name}"
            rows = ", ".join(str(row) for row in table.frame.index[np.flatnonzero(beyond)[:3]])
            yield f"{int(beyond.sum()):,} {what} lie beyond today, or far beyond all others (row {rows}): not used."


def _named(role: str, kind: Kind, table: TableProfile) -> str | None:
    """The likeliest column of a role by its name, where what it holds is of another kind."""
    lexicon = table.lexicon
    named = [
        r for r in table.profiles if r.kind is not kind and r.column.texts and lexicon.place(role, r.name) is not None
    ]
    return min((r.name for r in named), key=lambda name: lexicon.rank(role, name), default=None)


def _check_roles(proposal: Proposal, table: TableProfile, place: OutcomeProposal) -> Iterator[str]:
    yield from _check_id(table, place)
    for role, (kind, what) in _READ_AS.items():
        if proposal.setting(role) is None and (name := _named(role, kind, table)):
            yield f'"{name}" is called like {role}, but what it holds is not read as {what}.'
    if proposal.setting("at") is None:
        dates = [r.name for r in table.profiles if r.kind is Kind.DATETIME and r.name != table.created_at]
        of = f" Is it one of {', '.join(dates[:6])}?" if dates else ""
        yield f"No column says when leads were won or lost (at), so that a win counts whenever it came.{of}"
    if proposal.setting("source") is None:
        yield "No column says where the leads came from (source): the weekly page compares sources."
    yield from _check_value(proposal, table, place)


def _check_id(table: TableProfile, place: OutcomeProposal) -> Iterator[str]:
    if place.lead_id is None:
        yield "No column names the leads: row numbers serve as ids."
    elif repeated := int(table.frame[place.lead_id].duplicated().sum()):
        yield f'"{place.lead_id}" repeats in {repeated:,} rows, which training refuses.'


def _check_value(proposal: Proposal, table: TableProfile, place: OutcomeProposal) -> Iterator[str]:
    value = proposal.setting("value")
    if value is None:
        yield "No column is the money of a won lead (value): pages then count leads, not money."
        return
    if not place.states.open.any():
        return
    if _share(table.profile(str(value)).column.filled, place.states.open) > _OPEN_WITH_VALUE:
        yield f'"{value}" is taken for the money of a won lead, and so never feeds the score.'
