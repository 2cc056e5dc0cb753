"""Proposes a scoring.toml of a table of leads, with outcomes, contacts, arrivals and scores where there are any.

Everything here is a proposal with its reason beside it. The person who knows the company decides.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from features.lead_table import without_equal_rows
from features.schema_inference.columns import ColumnProfile
from features.schema_inference.date_formats import ISO
from features.schema_inference.fields import closing_date_field, explain_misfits, propose_field, why_left_out
from features.schema_inference.linked_tables import (
    outcome_in_own_table,
    propose_arrivals,
    propose_contacts,
    propose_scores,
    relative,
)
from features.schema_inference.outcome import OutcomeChoice
from features.schema_inference.outcome_proposal import OutcomeProposal, last_fact_day, mature_states, outcome_in_leads
from features.schema_inference.people import propose_people
from features.schema_inference.proposal import LeftOut, Proposal, Setting
from features.schema_inference.roles import find_campaign, find_source, find_value, has_time_of_day
from features.schema_inference.row_order import RowOrder, detect_row_order
from features.schema_inference.summary import summarise
from features.schema_inference.table_locations import TableLocations
from features.schema_inference.table_profile import SAMPLE_ROWS, TableProfile, profile_table
from features.tables.read import notes_of, read_table
from features.tables.sql import without_password
from features.values import Kind, Known

FIRST_LEAD = 2
"""Its row in a CSV whose first row is the header."""


def propose(
    tables: TableLocations,
    *,
    relative_to: Path,
    outcome: str | OutcomeChoice | None = None,
    created_at: str | None = None,
    today: date | None = None,
) -> Proposal:
    """Look at the tables and propose how to score them; paths in it are relative to the folder `relative_to`.

    `outcome` is a column, or `COLUMN=VALUE,VALUE` to say which of its values mean won, or all of an `OutcomeChoice`.
    `created_at` names the arrival time where the user does; dates after `today` are held for slips of the keyboard.

    Raises:
        TableRefused: when a table cannot be read, or the outcome cannot be told.
    """
    table = replace(profile_table(read_table(tables.leads, tables.query)), asked_created_at=created_at)
    if tables.outcomes is None:
        table, proposed = outcome_in_leads(table, outcome, tables.leads)
    else:
        path = relative(tables.outcomes, relative_to)
        proposed = outcome_in_own_table(table, read_table(tables.outcomes), outcome, path, tables.outcomes)
    contact_lines: tuple[Setting, ...] = ()
    if tables.contacts is not None:
        contact_lines, doubts = propose_contacts(tables.contacts, relative_to, table, proposed.lead_id)
        proposed = replace(proposed, doubts=(*proposed.doubts, *doubts))
    return replace(
        _propose_leads(table, proposed, _locate_leads(tables, relative_to), today),
        contacts=contact_lines,
        arrivals=() if tables.arrivals is None else propose_arrivals(tables.arrivals, relative_to),
        propensity=() if tables.scores is None else propose_scores(tables.scores, relative_to),
    )


def _propose_leads(
    table: TableProfile, outcome: OutcomeProposal, location: list[Setting], today: date | None
) -> Proposal:
    candidates, left_out = _split_columns(table, outcome)
    last = last_fact_day(table, outcome, today)
    states = mature_states(outcome.states, table.arrived, last)
    value = find_value(candidates, states.won, table.lexicon)
    fields = [
        propose_field(profile, table, states, value)
        for profile in candidates
        if profile.name != value and (profile.name != table.created_at or _tells_the_hour(table))
    ]
    fields += closing_date_field(table, outcome)
    names = [field.name for field in fields if field.name not in outcome.taken]
    at_arrival = {field.name for field in fields if field.known is Known.ARRIVAL}
    usable = [profile for profile in candidates if profile.name in at_arrival]
    proposal = Proposal(
        head=_write_head(table, outcome),
        leads=(*location, *_propose_roles(table, outcome, usable, value)),
        outcome=outcome.settings,
        fields=tuple(fields),
        left_out=left_out,
        doubts=(*notes_of(table.frame), *_list_doubts(table, [table.created_at, value, *names]), *outcome.doubts),
    )
    return replace(proposal, summary=summarise(proposal, table, outcome, last, today))


def _list_doubts(table: TableProfile, used: Iterable[str | None]) -> list[str]:
    """What is not sure about how columns that are used are written."""
    names = dict.fromkeys(name for name in used if name)
    profiles = [table.profile(name) for name in names]
    return [
        f'"{profile.name}": {doubt}'
        for profile in profiles
        for doubt in (*profile.doubts, *(explain_misfits(profile, table) if profile.kind is not Kind.NUMERIC else ()))
    ]


def _split_columns(table: TableProfile, outcome: OutcomeProposal) -> tuple[list[ColumnProfile], tuple[LeftOut, ...]]:
    """The profiles that may be fields, and what is left out for what it holds."""
    lead_id = next((column for column in table.columns if column.name == outcome.lead_id), None)
    candidates, left_out = [], []
    for profile in table.profiles:
        if profile.name in outcome.taken or profile.name == outcome.lead_id:
            continue
        if why := why_left_out(profile, lead_id, table.lexicon):
            left_out.append(LeftOut(profile.name, why))
        else:
            candidates.append(profile)
    return candidates, tuple(left_out)


def _propose_roles(
    table: TableProfile, outcome: OutcomeProposal, usable: list[ColumnProfile], value: str | None
) -> list[Setting]:
    roles = [
        ("id", outcome.lead_id, _why_id(table, outcome.lead_id)),
        ("created_at", table.created_at, "" if table.arrival is None else table.arrival.why),
    ]
    order = RowOrder("created_at", "what tells which leads came later")
    if table.created_at is None:
        states = outcome.states
        order = detect_row_order(usable, states.won, states.won | states.losing)
    settings = [Setting(key, name, why) for key, name, why in roles if name]
    settings.append(Setting("order", order.order, f"created_at | file | none: {order.why}"))
    groups = [
        ("source", find_source(usable, table.lexicon), "where the lead came from"),
        ("campaign", find_campaign(usable, table.lexicon), "which campaign brought it"),
        ("value", value, "money from a won lead; never a field, as it is known later"),
    ]
    settings += [Setting(key, name, why) for key, name, why in groups if name]
    taken = {str(setting.value) for setting in settings} | set(outcome.taken)
    return [*settings, *propose_people(table.profiles, taken, table.lexicon), *_propose_formats(table, value)]


def _locate_leads(tables: TableLocations, relative_to: Path) -> list[Setting]:
    """The lines that say where the leads are."""
    location = [Setting("table", relative(tables.leads, relative_to), _why_table(tables.leads))]
    if tables.query:
        location.append(Setting("query", tables.query, "what the database is asked"))
    return location


def _why_table(leads: str) -> str:
    why = "CSV, Parquet, or a SQLAlchemy URL with a query"
    has_password = "://" in leads and without_password(leads) != leads
    return f"{why}; its password is left out" if has_password else why


def _why_id(table: TableProfile, name: str | None) -> str:
    rows = without_equal_rows(table.frame, name)[0]
    repeated = int(rows[name].duplicated().sum()) if name else 0
    doubt = f"; {repeated:,} of the rows looked at repeat one, which training refuses" if repeated else ""
    return f"names the lead{doubt}"


def _propose_formats(table: TableProfile, value: str | None) -> list[Setting]:
    settings: list[Setting] = []
    form = table.date_format
    if (decimal := table.decimal(value)) != ".":
        settings.append(Setting("decimal", decimal, "numbers are written as 1.234,5"))
    if form.text != ISO:
        doubt = f"; every date also reads as {form.also}: look" if form.also else ""
        settings.append(Setting("date_format", form.text, f"how dates are written (strptime){doubt}"))
    return settings


def _tells_the_hour(table: TableProfile) -> bool:
    return table.arrived is not None and has_time_of_day(table.arrived)


def _write_head(table: TableProfile, outcome: OutcomeProposal) -> tuple[str, ...]:
    head = ["Proposed by `leads init`. Read it, correct it, then run `leads train`."]
    if outcome.lead_id is None:
        head.append("No column names the leads, so there is no id below: row numbers serve as ids.")
    if not table.is_sample and table.frame.index[0] > FIRST_LEAD:
        head.append(f"The leads begin in row {table.frame.index[0]}; what stands above its header is no part of them.")
    head += notes_of(table.frame)
    if table.is_sample:
        head.append(f"Figures are from a random sample of {SAMPLE_ROWS:,} of {table.rows_in_table:,} rows.")
    return (
        *head,
        'A column without a [fields.…] table is not used; one that is known = "later" never feeds the score.',
        "kind: numeric | category | flag | datetime | text | email | phone. known: arrival | later.",
    )
