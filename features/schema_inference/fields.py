"""The [fields.X] of each column: its kind, when it is known and why; or why it can teach nothing and is left out."""

import json
from dataclasses import replace

import numpy as np

from features.leakage.suspects import MOST_FLAG_VALUES, LeakageFinding, find_leakage
from features.schema_inference import column_names
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column, ColumnProfile
from features.schema_inference.date_formats import ISO, mixes_formats, same_day
from features.schema_inference.outcome import States
from features.schema_inference.outcome_proposal import OutcomeProposal
from features.schema_inference.proposal import ProposedField
from features.schema_inference.table_profile import MOSTLY, TableProfile
from features.values import Kind, Known

_HARDLY_REPEATED = 0.9
_ENOUGH_ROWS = 20
_RARELY = 0.001
_MANY_NAMES = 30
_MANY_KEYS = 0.2
_SHOWN_LETTERS = 40
_SHOWN_MISFITS = 3
_AS_TIMES = "write them as 2026-11-02T09:30:00Z to use them"


def why_left_out(profile: ColumnProfile, lead_id: Column | None, lexicon: Lexicon) -> str | None:
    """A sentence on why a column is no field; None when it is one."""
    column = profile.column
    filled = int(column.filled.sum())
    if not filled:
        return "empty" if not profile.missing else f"nothing but placeholders ({', '.join(profile.missing)})"
    if len(column.texts) == 1 and filled == len(column.codes):
        return f'constant: always "{column.texts[0][:_SHOWN_LETTERS]}"'
    if filled < max(min(_ENOUGH_ROWS, len(column.codes) / 10), _RARELY * len(column.codes)):
        return f"almost empty: filled in {filled:,} of {len(column.codes):,} rows"
    if lead_id is not None and np.array_equal(column.codes, lead_id.codes) and column.texts == lead_id.texts:
        return f"the same as {lead_id.name}"
    return _why_unread(profile) or why_names_someone(profile, lexicon) or _why_names_a_lead(profile, filled)


def _why_unread(profile: ColumnProfile) -> str | None:
    """Values that hold something, written so that nobody could learn from them."""
    if profile.kind in (Kind.CATEGORY, Kind.TEXT):
        if profile.column.mostly(_is_json, MOSTLY):
            return "JSON: bring what it holds into columns of its own to use it"
        if mixes_formats(profile.column):
            return f"dates in several formats; {_AS_TIMES}"
    return None


def _is_json(text: str) -> bool:
    if text[:1] not in "{[":
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def why_names_someone(profile: ColumnProfile, lexicon: Lexicon) -> str | None:
    """Names of people always; of companies, and of people in another language, where there are many of them."""
    if profile.kind not in (Kind.CATEGORY, Kind.TEXT):
        return None
    if column_names.is_person(profile.name):
        return "a person's name"
    if len(profile.column.texts) < _MANY_NAMES:
        return None
    if lexicon.is_company(profile.name):
        return "a company's name"
    return "a person's name" if lexicon.is_person(profile.name) else None


def _why_names_a_lead(profile: ColumnProfile, filled: int) -> str | None:
    column = profile.column
    if profile.doubts and profile.kind in (Kind.CATEGORY, Kind.TEXT):
        return f"numbers that cannot be read: {'; '.join(profile.doubts)}"
    if profile.kind is Kind.CATEGORY and column_names.is_code(profile.name) and _holds_many(column, filled):
        return f"an id: {len(column.texts):,} different values in {filled:,} rows"
    nearly_unique = filled >= _ENOUGH_ROWS and len(column.texts) >= _HARDLY_REPEATED * filled
    if not nearly_unique:
        return None
    if profile.misfits and profile.kind is Kind.CATEGORY:
        count = f"{len(profile.misfits):,} different values"
        return f"numbers, but for {count}: mend those to use it"
    if profile.kind is Kind.CATEGORY or (profile.kind is Kind.NUMERIC and _numbers_the_rows(profile)):
        return f"an id: {len(column.texts):,} different values in {filled:,} rows"
    return None


def _holds_many(column: Column, filled: int) -> bool:
    """Whether keys are so many, and so seldom the same, that nothing can be learned of one."""
    return len(column.texts) >= max(_MANY_NAMES, _MANY_KEYS * filled)


def _numbers_the_rows(profile: ColumnProfile) -> bool:
    """Whether whole numbers hardly repeat and are called a number, or count the rows one by one."""
    numbers = profile.by_row[~np.isnan(profile.by_row)]
    if (numbers != np.floor(numbers)).any():
        return False
    return column_names.is_code(profile.name) or bool((np.diff(numbers) == 1).all())


def propose_field(profile: ColumnProfile, table: TableProfile, states: States, value: str | None) -> ProposedField:
    """The [fields.X] table of one column: its kind, when it is known and why, and how it is written.

    `value` is the column of the money of a won lead, None where there is none.
    """
    seen = table.times_of(profile.name) if profile.kind is Kind.DATETIME else None
    is_arrival = profile.name == table.created_at
    finding = LeakageFinding() if is_arrival else find_leakage(profile, states, table.arrived, seen)
    if not is_arrival and (why := _why_later(profile, table, value)):
        finding = LeakageFinding((*finding.suspect, why))
    field = ProposedField(
        profile.name,
        profile.kind,
        Known.LATER if finding.suspect else Known.ARRIVAL,
        profile.missing,
        f"stand for nothing, in {profile.placeholder_rows / len(table.frame):.1%} of the rows",
        _describe_values(profile),
        (*explain_misfits(profile, table), *profile.doubts, *_explain_finding(finding)),
    )
    return _with_formats(field, table, value)


def _why_later(profile: ColumnProfile, table: TableProfile, value: str | None) -> str | None:
    """Why a field is known later by its name; a second stage tells of the outcome too."""
    lexicon = table.lexicon
    if why := lexicon.why_later(profile.name):
        return why
    second = (
        profile.kind is Kind.CATEGORY
        and column_names.is_stage(profile.name)
        and not column_names.end_is_harmless(profile.name)
    )
    if second and lexicon.place("outcome", profile.name) is not None:
        return "it tells how far the lead has come, as the outcome does"
    if column_names.is_closed_flag(profile.name) and len(profile.column.texts) <= MOST_FLAG_VALUES:
        return "it says whether the lead is closed"
    if profile.kind is Kind.NUMERIC and value and lexicon.place("value", profile.name) is not None:
        return f"it is money of the deal, as {value} is"
    return None


def _with_formats(field: ProposedField, table: TableProfile, value: str | None) -> ProposedField:
    """The field, told how it is written where [leads] says otherwise."""
    if field.kind is Kind.NUMERIC and (written := table.formats.numbers.get(field.name)):
        return replace(field, decimal=written.decimal if written.decimal != table.decimal(value) else None)
    if field.kind is Kind.DATETIME:
        form = table.formats.form_of(field.name) or ISO
        return field if form == ISO or same_day(form, table.date_format.text) else replace(field, date_format=form)
    return field


def _describe_values(profile: ColumnProfile) -> str:
    column = profile.column
    fill = "always filled" if column.fill == 1 else f"filled in {column.fill:.1%} of the rows"
    return f"{len(column.texts):,} different values, {fill}"


def _explain_finding(finding: LeakageFinding) -> tuple[str, ...]:
    if finding.suspect:
        decide = 'write known = "arrival" if it is known when the lead arrives'
        return (*(f"suspect: {why}" for why in finding.suspect), decide)
    return tuple(f"strong: {why}" for why in finding.strong)


def explain_misfits(profile: ColumnProfile, table: TableProfile) -> tuple[str, ...]:
    """What is said of values that are no number in a column of numbers, or in one of texts that are numbers by half."""
    if not profile.misfits:
        return ()
    misfits = frozenset(profile.misfits)
    codes = [code for code, text in enumerate(profile.column.texts) if text in misfits]
    bad = np.flatnonzero(np.isin(profile.column.codes, codes))
    rows = ", ".join(str(row) for row in table.frame.index[bad[:_SHOWN_MISFITS]])
    more = ", …" if len(bad) > _SHOWN_MISFITS else ""
    said = f"{len(bad):,} values are not a number (rows {rows}{more})"
    if profile.kind is Kind.NUMERIC:
        return (f"{said}: mend them, or list them under missing",)
    share = 1 - len(bad) / int(profile.column.filled.sum())
    return (f'{share:.0%} of the values are numbers, and {said}: mend those to read it as kind = "numeric"',)


def closing_date_field(table: TableProfile, outcome: OutcomeProposal) -> list[ProposedField]:
    """The closing date as a field that is known later, where words among its dates stand for none."""
    if outcome.closing is None or outcome.has_own_table:
        return []
    profile = table.profile(outcome.closing.name)
    if not profile.missing:
        return []
    why = f"stand for no date, in {profile.placeholder_rows / len(table.frame):.1%} of the rows"
    return [ProposedField(profile.name, Kind.DATETIME, Known.LATER, profile.missing, why, "when it was won or lost")]
