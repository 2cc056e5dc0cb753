"""What to check first of the columns that play a role, and of fields that may be filled in after the arrival."""

from collections.abc import Iterator

import numpy as np

from features.schema_inference import column_names, vocabulary
from features.schema_inference.columns import Column
from features.schema_inference.outcome_proposal import OutcomeProposal
from features.schema_inference.proposal import Proposal
from features.schema_inference.roles import is_called_lead_id, may_be_id
from features.schema_inference.table_profile import TableProfile
from features.values import Kind, Known
from stats.types import Mask

_LOOKS_OPEN, _HARDLY_ANY = 0.1, 0.01
_READ_AS = {
    "created_at": (Kind.DATETIME, "dates"),
    "at": (Kind.DATETIME, "dates"),
    "value": (Kind.NUMERIC, "numbers"),
}


def _called_so(role: str, kind: Kind, table: TableProfile) -> str | None:
    """The likeliest column of a role by its name, where what it holds is of another kind."""
    lexicon = table.lexicon
    called = [
        profile.name
        for profile in table.profiles
        if profile.kind is not kind and profile.column.texts and lexicon.place(role, profile.name) is not None
    ]
    return min(called, key=lambda name: lexicon.rank(role, name), default=None)


def check_roles(proposal: Proposal, table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    """What to check of the columns that play a role."""
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
        if share_among(dated, outcome.states.lost) <= _LOOKS_OPEN:
            yield (
                f'Lost leads have no date in "{outcome.closing.name}" (at): each counts as lost only once it is older '
                "than the horizon. A column that dates both won and lost leads would let them count at once."
            )
            return
    if outcome.closing.doubt:
        doubt = end_sentence(outcome.closing.doubt)
        yield f'"{outcome.closing.name}" is taken for when leads were won or lost (at), {doubt}'


def _check_id(table: TableProfile, outcome: OutcomeProposal) -> Iterator[str]:
    lead_id = outcome.lead_id
    if lead_id is None:
        yield "No column names the leads: row numbers serve as ids."
        return
    ids = table.column(lead_id)
    if empty := int((~ids.filled).sum()):
        yield f'"{lead_id}" is empty in {_say_rows(empty)}, which training refuses.'
    if repeated := int(ids.filled.sum()) - len(ids.texts):
        yield (
            f'"{lead_id}" repeats in {_say_rows(repeated)}, which training refuses: keep one row a '
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


def _say_rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _repeats_a_little(column: Column, table: TableProfile) -> bool:
    """Whether a column is called the lead's id, and most of its values are of one lead."""
    return is_called_lead_id(column.name, table.lexicon) and 2 * len(column.texts) >= len(column.codes)


def check_remarks(proposal: Proposal, table: TableProfile) -> Iterator[str]:
    """Free text by agents, which is often written after a call, and then tells how it went."""
    words = table.lexicon.says("remarks")
    for field in proposal.fields:
        is_remark = not words.isdisjoint(vocabulary.normalise_name(field.name).split())
        if is_remark and field.kind in (Kind.CATEGORY, Kind.TEXT) and field.known is Known.ARRIVAL:
            yield f'"{field.name}" is taken as known at arrival: if it is written after calls, set known = "later".'


def check_counts(proposal: Proposal) -> Iterator[str]:
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
    if max(share_among(filled, rows) for rows in (outcome.states.open, outcome.states.lost)) > _HARDLY_ANY:
        yield f'"{value}" is taken for the money of a won lead (value), and so never feeds the score.'


def share_among(flags: Mask, rows: Mask) -> float:
    """The share of these rows that are flagged; 0 where there are none."""
    return float(flags[rows].mean()) if rows.any() else 0.0


def end_sentence(sentence: str) -> str:
    """The sentence with its full stop, or question mark."""
    return sentence if sentence[-1:] in ".?" else f"{sentence}."
