"""The tables that may stand beside the leads: a place in, the lines of [contacts], [arrivals] or [propensity] out."""

import os
from pathlib import Path

from features.arrivals import LEAD_ID, RECEIVED_AT
from features.infer.proposal import Setting
from features.sql_table import without_password
from features.tables import TableRefused, no_such_column, read_table


def contacts_beside(contacts: str, folder: Path) -> tuple[Setting, ...]:
    """Where contacts are; the columns are those of the product's own contacts table.

    Raises:
        TableRefused: where it cannot be read, or lacks them.
    """
    _check(contacts, (LEAD_ID, "started_at"))
    return (
        Setting("table", relative(contacts, folder), "leads that nobody tried are left out, not taken for lost"),
        Setting("id", LEAD_ID, "names the lead"),
        Setting("started_at", "started_at", "when the attempt or conversation began"),
    )


def arrivals_beside(arrivals: str, folder: Path) -> tuple[Setting, ...]:
    """Where leads are as they arrived, which `leads export-history` writes.

    Raises:
        TableRefused: where it cannot be read, or is no such table.
    """
    _check(arrivals, (LEAD_ID, RECEIVED_AT))
    why = "leads as they arrived: training refuses what was filled in later"
    return (Setting("table", relative(arrivals, folder), why),)


def scores_beside(scores: str, folder: Path) -> tuple[Setting, ...]:
    """Where logged scores are, which `leads export-history` writes.

    Raises:
        TableRefused: where it cannot be read, or lacks their columns.
    """
    _check(scores, (LEAD_ID, "probability", "scored_at"))
    why = "worked leads count for those that scored alike and were not worked"
    return (
        Setting("table", relative(scores, folder), why),
        Setting("id", LEAD_ID, "names the lead"),
        Setting("probability", "probability", "what it was scored with"),
        Setting("scored_at", "scored_at", "when; a lead's first score counts"),
    )


def relative(location: str, folder: Path) -> str:
    """A table's place as seen from a folder; a database's without its password."""
    if "://" in location:
        return without_password(location)
    return Path(os.path.relpath(Path(location).resolve(), folder.resolve())).as_posix()


def _check(table: str, columns: tuple[str, ...]) -> None:
    if absent := no_such_column(read_table(table), columns):
        raise TableRefused(absent, table)
