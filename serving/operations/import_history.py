"""CSV tables into the store: all are checked before anything is written, then written chunk by chunk.

How far a table was read is committed with each chunk, so an import that was cut short goes on where it was, and one
that ended is not done again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from features.early_facts import describe_early
from features.errors import Problem, TableRefused
from features.tables.fact_batches import FactBatch
from features.tables.import_tables import MOMENTS, Checked, FactTable, Tell, check
from serving.operations.leads import LeadOperations
from serving.store import Connection, Store
from serving.store.history import import_progress
from serving.store.history.imported_rows import (
    find_new_contacts,
    find_queued,
    insert_contacts,
    keep_superseded,
    put_leads,
    put_outcomes,
    put_spend,
)
from serving.store.ids import load_erased

COUNTS = ("stored", "undecided", "erased", "no_leads")
CHUNK = 10_000
"""Rows of one transaction; the service's own writes wait for it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a table's rows.

    `rows` were read this time, and `before` by an import that was cut short. Of those read this time, `stored` told
    something new, `undecided` are neither won nor lost, `erased` name a person who was erased, and `no_leads` are about
    what scoring.toml says never was a lead: as in training, those are left out. `unknown_leads`
    have contacts or outcomes in the store and are not there themselves. `done_before`: the table was imported already.
    `early` says of rows that are dated before their lead arrived; it is empty where none is, or the leads' table was
    imported before.
    """

    kind: str
    table: str
    rows: int = 0
    before: int = 0
    stored: int = 0
    undecided: int = 0
    erased: int = 0
    no_leads: int = 0
    unknown_leads: int = 0
    done_before: bool = False
    early: str = ""


def import_tables(
    store: Store, found: Sequence[FactTable], operations: LeadOperations, clock: Callable[[], datetime], tell: Tell
) -> Iterator[Imported]:
    """Import tables, and tell of each as it is done.

    Raises:
        TableRefused: with every row of all the tables that cannot be used; then nothing was written.
        ImportOvertaken: where the same table is imported twice at once.
        StoreUnavailable: where the database cannot be reached; import again to go on.
    """
    done = {table.kind: store.read_now(import_progress.find, table) for table in found}
    ahead = [table for table in found if done[table.kind] is not None]
    checked = _check([table for table in found if table in ahead or (ahead and table.kind == "outcomes")], tell)
    no_leads = checked["outcomes"].no_leads if "outcomes" in checked else frozenset()
    for table in found:
        before = done[table.kind]
        if before is None:
            yield Imported(table.kind, table.name, done_before=True)
        else:
            imported = _Import(store, table, checked[table.kind], no_leads, operations, clock, tell).run(before)
            yield replace(imported, early=_say_early(table, found[0], checked))


def _check(found: Sequence[FactTable], tell: Tell) -> dict[str, Checked]:
    checked: dict[str, Checked] = {}
    problems: list[Problem] = []
    for table in found:
        try:
            checked[table.kind] = check(table, tell)
        except TableRefused as refused:
            problems += [replace(problem, table=table.name) for problem in refused.problems]
    if problems:
        raise TableRefused(problems)
    return checked


def _say_early(table: FactTable, leads: FactTable, checked: Mapping[str, Checked]) -> str:
    """What is said of contacts or outcomes that are dated before their lead arrived, where its row was read too."""
    if table.kind not in ("contacts", "outcomes") or "leads" not in checked:
        return ""
    numbers = checked[table.kind].dated.before(checked["leads"].dated)
    if not len(numbers):
        return ""
    return describe_early(numbers, "they are stored as they stand", _moment_of(table), _moment_of(leads))


def _moment_of(table: FactTable) -> str:
    """The column that dates a table's rows."""
    return next(column.header for column in table.columns if column.fact == MOMENTS[table.kind])


@dataclass(frozen=True, slots=True)
class _Import:
    """One table on its way in."""

    store: Store
    table: FactTable
    checked: Checked
    no_leads: frozenset[str]
    operations: LeadOperations
    clock: Callable[[], datetime]
    tell: Tell

    def run(self, before: int) -> Imported:
        """Write the rows behind those that were written before."""
        all_, done = Imported(self.table.kind, self.table.name, before=before), before
        for batch in self.table.batches(CHUNK, before):
            part = self.store.write_now(self._write_chunk, done, batch)
            counts = {name: getattr(all_, name) + getattr(part, name) for name in COUNTS}
            all_ = replace(all_, rows=all_.rows + len(batch), **counts)
            done += len(batch)
            self.tell(f"importing {self.table.name}", done / self.checked.rows)
        return replace(all_, unknown_leads=self.store.write_now(self._finish, done))

    def _write_chunk(self, connection: Connection, done: int, batch: FactBatch) -> Imported:
        now, kind = self.clock(), self.table.kind
        import_progress.advance(connection, self.table, done, done + len(batch))
        import_progress.lock_erased(connection)
        import_progress.gather_log(connection, import_progress.LOG_PAGES)
        is_erased, superseded = load_erased(connection), self.checked.superseded
        leads = batch.where(lead_id not in self.no_leads for lead_id in batch.column("lead_id"))
        known = leads if kind == "spend" else leads.where(not is_erased(lead_id) for lead_id in leads.column("lead_id"))
        decided = known
        if kind == "leads":
            stored = put_leads(connection, known, now)
        elif kind == "contacts":
            stored = _put_contacts(connection, known, self.operations, now)
        elif kind == "outcomes":
            decided = known.where(status in ("won", "lost") for status in known.column("status"))
            keep_superseded(connection, decided.where(at in superseded for at in decided.numbers), now)
            stored = put_outcomes(connection, decided.where(at not in superseded for at in decided.numbers), now)
        else:
            stored = put_spend(connection, known)
        return Imported(
            kind,
            self.table.name,
            stored=stored,
            undecided=len(known) - len(decided),
            erased=len(leads) - len(known),
            no_leads=len(batch) - len(leads),
        )

    def _finish(self, connection: Connection, done: int) -> int:
        """Note that the table is in; how many leads its kind names that are not there."""
        import_progress.advance(connection, self.table, done, done)
        import_progress.finish(connection, self.table, self.clock())
        return import_progress.count_unknown_leads(connection, self.table.kind)


def _put_contacts(connection: Connection, batch: FactBatch, operations: LeadOperations, now: datetime) -> int:
    """Keep contacts that are not there yet, as if the service had been told of those whose leads wait; how many."""
    queued = find_queued(connection, batch.column("lead_id"))
    told = find_new_contacts(connection, batch.where(lead_id in queued for lead_id in batch.column("lead_id")))
    added = [operations.add_contact(connection, new.contact, new.again_at, now) for new in told]
    others = batch.where(lead_id not in queued for lead_id in batch.column("lead_id"))
    return sum(is_new for _, is_new in added) + insert_contacts(connection, others, now)
