"""The leads table as it stands, read and parsed: what `features.history` joins outcomes, contacts and scores to."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from features.config import ScoringConfig
from features.errors import Problem, TableRefused
from features.lead_table import LeadTable, parse_later_fields, parse_leads, without_equal_rows
from features.tables.read import notes_of, read_table


@dataclass(frozen=True)
class LeadRows:
    """The rows of the leads table, one a lead.

    Attributes:
        raw: the columns as they stand there, those of an outcome beside the leads among them; None where the table
            cannot be read.
        leads: the parsed leads; None where any of them is refused.
        later: the fields that are known later; None where there are none.
        problems: what is wrong with the table.
        notes: what was left out of it, as sentences.
    """

    raw: pd.DataFrame | None
    leads: LeadTable | None = None
    later: LeadTable | None = None
    problems: Sequence[Problem] = ()
    notes: tuple[str, ...] = ()


def read_lead_rows(config: ScoringConfig) -> LeadRows:
    """The leads table of a scoring.toml, a row that it has twice once."""
    name = config.leads.table
    try:
        table = read_table(config.locate(name), config.leads.query)
    except TableRefused as refused:
        return LeadRows(None, problems=refused.problems)
    rows, repeated = without_equal_rows(table, config.leads.id)
    notes = (*(f"{name}: {note}" for note in notes_of(table)), *note_equal_rows(name, repeated))
    try:
        leads = parse_leads(rows, config.lead_schema)
    except TableRefused as refused:
        return LeadRows(rows, problems=refused.problems, notes=notes)
    return LeadRows(rows, leads, parse_later_fields(rows, config.lead_schema), notes=notes)


def note_equal_rows(table: str, repeated: int) -> tuple[str, ...]:
    """A note of how many rows of a table were equal to an earlier one."""
    return (f"{table}: rows that are equal to an earlier one: {repeated:,}; they count once",) if repeated else ()
