"""The tables that may stand beside the leads: a place in, the lines of [contacts], [arrivals] or [propensity] out."""

import os
from pathlib import Path

from features.errors import Problem
from features.schema_inference import vocabulary
from features.schema_inference.proposal import Setting
from features.schema_inference.table_profile import TableProfile, profile_table
from features.tables.arrival_snapshot import LEAD_ID, RECEIVED_AT
from features.tables.read import TableRefused, no_such_column, read_table
from features.tables.sql import without_password
from features.values import Kind

_MOSTLY_LEADS = 0.5
"""The share of a column's rows that must name leads; calls of leads that are not in the table are not seldom."""


def contacts_beside(contacts: str, folder: Path, leads: frozenset[str] = frozenset()) -> tuple[Setting, ...]:
    """Where contacts are, which column names the lead, by its name or by holding ids of `leads`, and which is the time.

    Raises:
        TableRefused: where it cannot be read, or lacks either; it says what to write.
    """
    frame = read_table(contacts)
    table = profile_table(frame)
    lead_id = LEAD_ID if LEAD_ID in frame.columns else _id_of(table, leads)
    started_at = "started_at" if "started_at" in frame.columns else _time_of(table)
    problems = [
        Problem(f'{what}; it has {", ".join(map(repr, frame.columns[:20]))}. Write [contacts] {key} = "COLUMN"')
        for key, found, what in (
            ("id", lead_id, "no column of it names the leads"),
            ("started_at", started_at, "it cannot be told which column says when a contact began"),
        )
        if found is None
    ]
    if lead_id is None or started_at is None:
        raise TableRefused(problems, contacts)
    return (
        Setting("table", relative(contacts, folder), "leads that nobody tried are left out, not taken for lost"),
        Setting("id", lead_id, "names the lead"),
        Setting("started_at", started_at, "when the attempt or conversation began"),
    )


def _id_of(table: TableProfile, leads: frozenset[str]) -> str | None:
    """The column that holds ids of leads: most of what it holds, and more than any other does."""
    shares = {column.name: column.share(lambda text: text in leads) for column in table.columns if leads}

    def likely(name: str) -> tuple[float, bool, int]:
        speaks = not vocabulary.OBJECT_WORDS.isdisjoint(vocabulary.normalise_name(name).split())
        return round(shares[name], 1), speaks, -table.lexicon.rank("id", name)

    best = max(shares, key=likely, default=None)
    return best if best is not None and shares[best] >= _MOSTLY_LEADS else None


def _time_of(table: TableProfile) -> str | None:
    """The time of a contact: a date by its name, or the only one there is."""
    dates = [profile.name for profile in table.profiles if profile.kind is Kind.DATETIME]
    named = [
        name for accepted in vocabulary.CONTACT_AT for name in dates if vocabulary.normalise_name(name) == accepted
    ]
    if named:
        return named[0]
    return dates[0] if len(dates) == 1 else None


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
