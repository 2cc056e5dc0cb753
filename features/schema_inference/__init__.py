"""Proposes a scoring.toml: leads, and outcomes if they have a table of their own, in; a `Proposal` out.

Everything here is a proposal with its reason beside it. The person who knows the company decides.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from features.lead_table import without_equal_rows
from features.schema_inference import names
from features.schema_inference.as_training import as_training_counts, last_day
from features.schema_inference.beside import arrivals_beside, contacts_beside, relative, scores_beside
from features.schema_inference.dates import ISO, same_day
from features.schema_inference.drift import RowOrder, row_order
from features.schema_inference.kinds import Reading
from features.schema_inference.leaks import MOST_FLAG_VALUES, Finding, examine
from features.schema_inference.left_out import why_left_out
from features.schema_inference.outcome_column import Asked
from features.schema_inference.outcome_place import OutcomePlace, in_leads, in_own_table
from features.schema_inference.proposal import LeftOut, Proposal, ProposedField, Setting
from features.schema_inference.roles import find_campaign, find_source, find_value, has_time_of_day
from features.schema_inference.states import States
from features.schema_inference.summarise import closing_date_field, summarise
from features.schema_inference.survey import SAMPLE_ROWS, Survey, look_at
from features.tables.read import notes_of, read_table
from features.tables.sql import without_password
from features.values import Kind, Known

_SHOWN_MISFITS = 3
FIRST_LEAD = 2
"""Its row in a CSV whose first row is the header."""


def propose(
    leads: str,
    outcomes: str | None = None,
    outcome: str | Asked | None = None,
    query: str | None = None,
    contacts: str | None = None,
    arrivals: str | None = None,
    scores: str | None = None,
    *,
    relative_to: Path,
    today: date | None = None,
    created_at: str | None = None,
) -> Proposal:
    """Look at the tables and propose how to score them; paths in it are relative to the folder `relative_to`.

    `outcome` is a column, or `COLUMN=VALUE,VALUE` to say which of its values mean won, or all that was `Asked`.
    `created_at` names the arrival time where the user does; dates after `today` are held for slips of the keyboard.

    Raises:
        TableRefused: when a table cannot be read, or the outcome cannot be told.
    """
    survey = replace(look_at(read_table(leads, query)), asked_created_at=created_at)
    if outcomes is None:
        place = in_leads(survey, outcome, leads)
    else:
        place = in_own_table(survey, read_table(outcomes), outcome, relative(outcomes, relative_to), outcomes)
    table = [Setting("table", relative(leads, relative_to), _why_table(leads))]
    if query:
        table.append(Setting("query", query, "what the database is asked"))
    return replace(
        _proposal(survey, place, table, today),
        contacts=() if contacts is None else contacts_beside(contacts, relative_to, _ids(survey, place)),
        arrivals=() if arrivals is None else arrivals_beside(arrivals, relative_to),
        propensity=() if scores is None else scores_beside(scores, relative_to),
    )


def _ids(survey: Survey, place: OutcomePlace) -> frozenset[str]:
    """The ids of the leads looked at, as text."""
    if place.lead_id is None:
        return frozenset()
    return frozenset(next(column.texts for column in survey.columns if column.name == place.lead_id))


def _proposal(survey: Survey, place: OutcomePlace, table: list[Setting], today: date | None) -> Proposal:
    candidates, left_out = _split(survey, place)
    last = last_day(survey, place, today)
    states = as_training_counts(place.states, survey.arrived, last)
    value = find_value(candidates, states.won, survey.lexicon)
    fields = [
        _written(_field(reading, survey, states, value), survey, value)
        for reading in candidates
        if reading.name != value and (reading.name != survey.created_at or _tells_the_hour(survey))
    ]
    fields += closing_date_field(survey, place)
    at_arrival = {field.name for field in fields if field.known is Known.ARRIVAL}
    usable = [reading for reading in candidates if reading.name in at_arrival]
    proposal = Proposal(
        head=_head(survey, place),
        leads=(*table, *_roles(survey, place, usable, value)),
        outcome=place.settings,
        fields=tuple(fields),
        left_out=left_out,
        doubts=(*notes_of(survey.frame), *_doubts(survey, [survey.created_at, value, *(f.name for f in fields)])),
    )
    return replace(proposal, summary=summarise(proposal, survey, place, last))


def _doubts(survey: Survey, used: Iterable[str | None]) -> list[str]:
    """What is not sure about how columns that are used are written."""
    names = dict.fromkeys(name for name in used if name)
    return [f'"{name}": {doubt}' for name in names for doubt in survey.reading(name).doubts]


def _split(survey: Survey, place: OutcomePlace) -> tuple[list[Reading], tuple[LeftOut, ...]]:
    """The readings that may be fields, and what is left out for what it holds."""
    lead_id = next((column for column in survey.columns if column.name == place.lead_id), None)
    candidates, left_out = [], []
    for reading in survey.readings:
        if reading.name in place.taken or reading.name == place.lead_id:
            continue
        if why := why_left_out(reading, lead_id, survey.lexicon):
            left_out.append(LeftOut(reading.name, why))
        else:
            candidates.append(reading)
    return candidates, tuple(left_out)


def _roles(survey: Survey, place: OutcomePlace, usable: list[Reading], value: str | None) -> list[Setting]:
    roles = [
        ("id", place.lead_id, _why_id(survey, place.lead_id)),
        ("created_at", survey.created_at, "" if survey.arrival is None else survey.arrival.why),
    ]
    order = RowOrder("created_at", "what tells which leads came later")
    if survey.created_at is None:
        states = place.states
        order = row_order(usable, states.won, states.won | states.losing)
    settings = [Setting(key, name, why) for key, name, why in roles if name]
    settings.append(Setting("order", order.order, f"created_at | file | none: {order.why}"))
    groups = [
        ("source", find_source(usable, survey.lexicon), "where the lead came from"),
        ("campaign", find_campaign(usable, survey.lexicon), "which campaign brought it"),
        ("value", value, "money from a won lead; never a field, as it is known later"),
    ]
    settings += [Setting(key, name, why) for key, name, why in groups if name]
    return [*settings, *_writing(survey, value)]


def _why_table(leads: str) -> str:
    why = "CSV, Parquet, or a SQLAlchemy URL with a query"
    has_password = "://" in leads and without_password(leads) != leads
    return f"{why}; its password is left out" if has_password else why


def _why_id(survey: Survey, name: str | None) -> str:
    rows = without_equal_rows(survey.frame, name)[0]
    repeated = int(rows[name].duplicated().sum()) if name else 0
    doubt = f"; {repeated:,} of the rows looked at repeat one, which training refuses" if repeated else ""
    return f"names the lead{doubt}"


def _writing(survey: Survey, value: str | None) -> list[Setting]:
    settings, form = [], survey.date_format
    if (decimal := survey.decimal(value)) != ".":
        settings.append(Setting("decimal", decimal, "numbers are written as 1.234,5"))
    if form.text != ISO:
        doubt = f"; every date also reads as {form.also}: look" if form.also else ""
        settings.append(Setting("date_format", form.text, f"how dates are written (strptime){doubt}"))
    return settings


def _field(reading: Reading, survey: Survey, states: States, value: str | None) -> ProposedField:
    seen = survey.times_of(reading.name) if reading.kind is Kind.DATETIME else None
    is_arrival = reading.name == survey.created_at
    finding = Finding() if is_arrival else examine(reading, states, survey.arrived, seen)
    if not is_arrival and (why := _why_later(reading, survey, value)):
        finding = Finding((*finding.suspect, why))
    return ProposedField(
        reading.name,
        reading.kind,
        Known.LATER if finding.suspect else Known.ARRIVAL,
        reading.missing,
        f"stand for nothing, in {reading.placeholder_rows / len(survey.frame):.1%} of the rows",
        _summary(reading),
        (*_misfits(reading, survey), *reading.doubts, *_notes(finding)),
    )


def _why_later(reading: Reading, survey: Survey, value: str | None) -> str | None:
    """Why a field is known later by its name; a second stage tells of the outcome too."""
    lexicon = survey.lexicon
    if why := lexicon.why_later(reading.name):
        return why
    second = reading.kind is Kind.CATEGORY and names.is_stage(reading.name) and not names.end_is_harmless(reading.name)
    if second and lexicon.place("outcome", reading.name) is not None:
        return "it tells how far the lead has come, as the outcome does"
    if names.is_closed_flag(reading.name) and len(reading.column.texts) <= MOST_FLAG_VALUES:
        return "it says whether the lead is closed"
    if reading.kind is Kind.NUMERIC and value and lexicon.place("value", reading.name) is not None:
        return f"it is money of the deal, as {value} is"
    return None


def _written(field: ProposedField, survey: Survey, value: str | None) -> ProposedField:
    """The field, told how it is written where [leads] says otherwise."""
    if field.kind is Kind.NUMERIC and (written := survey.writing.numbers.get(field.name)):
        return replace(field, decimal=written.decimal if written.decimal != survey.decimal(value) else None)
    if field.kind is Kind.DATETIME:
        form = survey.writing.form_of(field.name) or ISO
        return field if form == ISO or same_day(form, survey.date_format.text) else replace(field, date_format=form)
    return field


def _summary(reading: Reading) -> str:
    column = reading.column
    fill = "always filled" if column.fill == 1 else f"filled in {column.fill:.1%} of the rows"
    return f"{len(column.texts):,} different values, {fill}"


def _notes(finding: Finding) -> tuple[str, ...]:
    if finding.suspect:
        decide = 'write known = "arrival" if it is known when the lead arrives'
        return (*(f"suspect: {why}" for why in finding.suspect), decide)
    return tuple(f"strong: {why}" for why in finding.strong)


def _misfits(reading: Reading, survey: Survey) -> tuple[str, ...]:
    if not reading.misfits:
        return ()
    bad = np.flatnonzero(reading.column.filled & np.isnan(reading.by_row))
    rows = ", ".join(str(row) for row in survey.frame.index[bad[:_SHOWN_MISFITS]])
    more = ", …" if len(bad) > _SHOWN_MISFITS else ""
    return (f"{len(bad):,} values are not a number (rows {rows}{more}): mend them, or list them under missing",)


def _tells_the_hour(survey: Survey) -> bool:
    return survey.arrived is not None and has_time_of_day(survey.arrived)


def _head(survey: Survey, place: OutcomePlace) -> tuple[str, ...]:
    head = ["Proposed by `leads init`. Read it, correct it, then run `leads train`."]
    if place.lead_id is None:
        head.append("No column names the leads, so there is no id below: row numbers serve as ids.")
    if not survey.is_sample and survey.frame.index[0] > FIRST_LEAD:
        head.append(f"The leads begin in row {survey.frame.index[0]}; what stands above its header is no part of them.")
    head += notes_of(survey.frame)
    if survey.is_sample:
        head.append(f"Figures are from a random sample of {SAMPLE_ROWS:,} of {survey.rows_in_table:,} rows.")
    return (
        *head,
        'A column without a [fields.…] table is not used; one that is known = "later" never feeds the score.',
        "kind: numeric | category | flag | datetime | text | email | phone. known: arrival | later.",
    )
