"""Tables that stand beside the leads: outcomes, contacts, arrivals and scores, each joined by a column of lead ids."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from features.early_facts import COUNTS_AS, describe_early, is_early
from features.errors import Problem, TableRefused, missing_columns
from features.schema_inference import column_names, vocabulary
from features.schema_inference.closing_date import find_changed_at, find_closed_at
from features.schema_inference.columns import NAT, Column
from features.schema_inference.outcome import OutcomeChoice, States, find_outcome
from features.schema_inference.outcome_proposal import (
    OutcomeProposal,
    propose_closing,
    propose_horizon,
    propose_outcome_column,
    settle_by_arrival,
)
from features.schema_inference.proposal import Setting
from features.schema_inference.roles import find_value, id_candidates
from features.schema_inference.table_profile import TableProfile, profile_table
from features.tables.arrival_snapshot import LEAD_ID, RECEIVED_AT
from features.tables.read import read_table
from features.tables.sql import without_password
from features.values import Kind
from stats.types import Codes, Times

_MOST_ROWS = 0.5
"""The share of a column's rows that must name leads; calls of leads that are not in the table are not seldom."""
_DENSE = 1.05
"""The range of whole numbers that count their own rows, in rows."""


@dataclass(frozen=True, slots=True)
class JoinColumn:
    """A column of another table that holds ids of leads, and what is not sure about that."""

    name: str
    doubt: str = ""


def join_column(table: TableProfile, leads: TableProfile, lead_id: str) -> JoinColumn | None:
    """The column of a table that holds ids of `leads`, called `lead_id` there; None where no column does.

    A column that is named for the lead comes first, one that counts its own rows last, and most rows of any other must
    name leads. Where two are as likely, the doubt says so.
    """
    ids = frozenset(next(column.texts for column in leads.columns if column.name == lead_id))
    most_rows = _MOST_ROWS * len(leads.frame) / leads.rows_in_table  # of a sample's leads fewer rows can be
    shares = {column.name: column.share(lambda text: text in ids) for column in table.columns}
    counting = {column.name for column in table.columns if _counts_rows(column)}

    def rank(name: str) -> tuple[bool, bool, bool, float]:
        named = _is_named_for_lead(name, lead_id)
        return shares[name] >= most_rows, named, name not in counting, round(shares[name], 1)

    likely = [
        name
        for name, share in shares.items()
        if share >= most_rows or (share > 0 and (_is_named_for_lead(name, lead_id) or name == lead_id))
    ]
    if not likely:
        return None
    likely.sort(key=lambda name: (rank(name), name == lead_id, -table.lexicon.rank("id", name)), reverse=True)
    best = likely[0]
    if shares[best] < most_rows:
        return JoinColumn(best, f"only {shares[best]:.0%} of its rows name leads of the leads table")
    rivals = [name for name in likely[1:] if rank(name) == rank(best)]
    return JoinColumn(best, f"{', '.join(rivals)} may name the leads as well: look" if rivals else "")


def _is_named_for_lead(name: str, lead_id: str) -> bool:
    """Whether a name speaks of a lead, as "Lead ID" and "opportunity" do, or is the very name of the leads' ids."""
    words = vocabulary.normalise_name(name).split()
    if vocabulary.OBJECT_WORDS.isdisjoint(words):
        return name == lead_id and vocabulary.normalise_name(lead_id) not in vocabulary.BARE_IDS
    return len(words) == 1 or column_names.is_code(name)


def _counts_rows(column: Column) -> bool:
    """Whether it holds whole numbers that never repeat and run on without gaps, as a table's own counter does."""
    if not column.texts or len(column.texts) < column.filled.sum():
        return False
    if not all(map(str.isdecimal, column.texts)):
        return False
    numbers = np.array([float(text) for text in column.texts])
    return bool(numbers.max() - numbers.min() + 1 <= _DENSE * len(numbers))


def outcome_in_own_table(
    leads: TableProfile, outcomes: pd.DataFrame, given: str | OutcomeChoice | None, path: str, location: str
) -> OutcomeProposal:
    """The outcome in a table of its own at `path`, one row a closed lead; `location` is how messages call it.

    Raises:
        TableRefused: when no column names the leads, or none says what became of them.
    """
    table = profile_table(outcomes, all_rows=True)
    lead_id, join = _join_outcomes(leads, table, location)
    columns = [column for column in table.columns if column.name != join.name]
    found = find_outcome(columns, given, location, table.lexicon, wins_only=True)
    column = next(column for column in columns if column.name == found.name)
    by_row = found.states(column)
    row_of = _row_of_lead(leads, lead_id, table, join.name)
    arrived = None if leads.arrived is None else _arrival_of_rows(leads, row_of, len(table.frame))
    others = [profile for profile in table.profiles if profile.name not in {found.name, join.name}]
    closing = find_closed_at(others, table.lexicon, by_row, arrived, may_be_bare=True)
    repeats = table.column(join.name).repeats
    if closing is None and repeats:
        closing = find_changed_at(others)
    if closing is not None:
        table = settle_by_arrival(table, closing.name, by_row, arrived)
        row_of = _row_of_lead(leads, lead_id, table, join.name, table.times_of(closing.name))
    states = _states_of_leads(by_row, row_of)
    if not states.won.any():
        raise TableRefused([Problem("by its rows no lead of the leads table is won", found.name)], location)
    closing_lines, doubts = propose_closing(closing, table, leads.date_format)
    if closing is None and repeats:
        doubts = (f"{location} has several rows of one lead and no date: of these the last in the file counts", *doubts)
    if join.doubt:
        doubts = (f'"{join.name}" of {location} is taken for the id of the lead; {join.doubt}', *doubts)
    settings = (
        Setting(
            "table", path, "one row a closed lead; of several the latest counts, and a lead that is not in it is open"
        ),
        Setting("id", join.name, f"names the lead, as {lead_id} does in the leads table"),
        *propose_outcome_column(found, states, "what became of the lead", None),
        *closing_lines,
        propose_horizon(has_times=closing is not None),
    )
    return OutcomeProposal(
        settings=settings,
        states=states,
        taken=frozenset({lead_id}),
        lead_id=lead_id,
        column=found,
        closing=closing,
        closed_at=None if closing is None else np.append(table.times_of(closing.name), NAT)[row_of],
        has_own_table=True,
        value=find_value(others, by_row.won, table.lexicon),
        doubts=doubts,
    )


def _join_outcomes(leads: TableProfile, outcomes: TableProfile, location: str) -> tuple[str, JoinColumn]:
    """The leads' id and the column of the outcomes that holds it; the leads' likeliest id is tried first."""
    for lead_id in id_candidates(leads.frame, leads.lexicon):
        if found := join_column(outcomes, leads, lead_id):
            return lead_id, found
    detail = "no column of it names leads of the leads table; both need one with the same ids, such as lead_id"
    raise TableRefused([Problem(detail)], location)


def _row_of_lead(
    leads: TableProfile, lead_id: str, table: TableProfile, joined: str, times: Times | None = None
) -> Codes:
    """For each lead its last row in the table (n,), the latest where `times` (rows,) are known; -1 for none."""
    ids, keys = (
        next(column for column in profile.columns if column.name == name)
        for profile, name in ((leads, lead_id), (table, joined))
    )
    rows = (
        np.arange(len(keys.codes)) if times is None else np.argsort(times.astype("int64"), kind="stable")
    )  # NaT first
    row_of = {keys.texts[keys.codes[row]]: row for row in rows.tolist() if keys.codes[row] >= 0}
    return ids.spread(np.array([row_of.get(text, -1) for text in ids.texts], dtype=np.intp), missing=-1)


def _states_of_leads(by_row: States, row_of: Codes) -> States:
    """What became of each lead (n,); one that has no row is open."""
    won, lost, is_open = (
        np.append(flags, missing)[row_of]
        for flags, missing in ((by_row.won, False), (by_row.lost, False), (by_row.open, True))
    )
    return States(won, lost, is_open)


def _arrival_of_rows(leads: TableProfile, row_of: Codes, rows: int) -> Times:
    """When the lead of each row arrived (rows,), NaT for a row of no lead."""
    arrived = np.full(rows, NAT)
    if leads.arrived is not None:
        arrived[row_of[row_of >= 0]] = leads.arrived[row_of >= 0]
    return arrived


def propose_contacts(
    contacts: str, folder: Path, leads: TableProfile, lead_id: str | None
) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """The lines of [contacts]: where they are, which column holds ids of `leads`, and which the time; and doubts.

    Raises:
        TableRefused: where it cannot be read, or lacks either; it says what to write.
    """
    table = profile_table(read_table(contacts))
    names = [column.name for column in table.columns]
    join = JoinColumn(LEAD_ID) if LEAD_ID in names else None
    if join is None and lead_id is not None:
        join = join_column(table, leads, lead_id)
    started_at = "started_at" if "started_at" in names else _find_contact_time(table)
    problems = [
        Problem(f'{what}; it has {", ".join(map(repr, names[:20]))}. Write [contacts] {key} = "COLUMN"')
        for key, found, what in (
            ("id", join, "no column of it names the leads"),
            ("started_at", started_at, "it cannot be told which column says when a contact began"),
        )
        if found is None
    ]
    if join is None or started_at is None:
        raise TableRefused(problems, contacts)
    settings = (
        Setting("table", relative(contacts, folder), "leads that nobody tried are left out, not taken for lost"),
        Setting("id", join.name, "names the lead"),
        Setting("started_at", started_at, "when the attempt or conversation began"),
    )
    doubts = (f'"{join.name}" of {contacts} is taken for the id of the lead; {join.doubt}',) if join.doubt else ()
    return settings, (*doubts, *_doubt_early_contacts(contacts, table, join.name, started_at, leads, lead_id))


def _doubt_early_contacts(
    contacts: str, table: TableProfile, joined: str, started_at: str, leads: TableProfile, lead_id: str | None
) -> tuple[str, ...]:
    """What is said of contacts that are dated before their lead arrived."""
    if lead_id is None or leads.arrived is None or leads.created_at is None:
        return ()
    ids, keys = leads.column(lead_id), table.column(joined)
    arrived = {ids.texts[code]: at for code, at in zip(ids.codes.tolist(), leads.arrived, strict=True) if code >= 0}
    arrived_of_key = np.array([arrived.get(text, NAT) for text in keys.texts], dtype=NAT.dtype)
    early = is_early(table.times_of(started_at), keys.spread(arrived_of_key, NAT))
    if not early.any():
        return ()
    numbers = table.frame.index.to_numpy()[early]
    said = describe_early(numbers, COUNTS_AS.format(what="contacted"), started_at, leads.created_at)
    return (f"{contacts}: {said}",)


def _find_contact_time(table: TableProfile) -> str | None:
    """The time of a contact: a date by its name, or the only one there is."""
    dates = [profile.name for profile in table.profiles if profile.kind is Kind.DATETIME]
    named = [
        name for accepted in vocabulary.CONTACT_AT for name in dates if vocabulary.normalise_name(name) == accepted
    ]
    if named:
        return named[0]
    return dates[0] if len(dates) == 1 else None


def propose_arrivals(arrivals: str, folder: Path) -> tuple[Setting, ...]:
    """The lines of [arrivals]: where leads are as they arrived, which `leads export-history` writes.

    Raises:
        TableRefused: where it cannot be read, or is no such table.
    """
    _require_columns(arrivals, (LEAD_ID, RECEIVED_AT))
    why = "leads as they arrived: training refuses what was filled in later"
    return (Setting("table", relative(arrivals, folder), why),)


def propose_scores(scores: str, folder: Path) -> tuple[Setting, ...]:
    """The lines of [propensity]: where logged scores are, which `leads export-history` writes.

    Raises:
        TableRefused: where it cannot be read, or lacks their columns.
    """
    _require_columns(scores, (LEAD_ID, "probability", "scored_at"))
    why = "called leads count for those that scored alike and were not called"
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


def _require_columns(table: str, columns: tuple[str, ...]) -> None:
    if absent := missing_columns(read_table(table).columns, columns):
        raise TableRefused(absent, table)
