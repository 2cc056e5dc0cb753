"""Reads the four tables of a company's history, CSV files, as facts to be stored. No table is held in memory."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from features.config import ScoringConfig
from features.errors import Problem, TableRefused, missing_columns
from features.tables.csv_stream import CsvFile, open_csv
from features.tables.dated_rows import DatedRows
from features.tables.fact_batches import FactBatch
from features.tables.fact_checks import LatestOutcomes, RepeatFinder
from features.tables.fact_reader import FactReader
from features.tables.import_columns import Column, FactKind, columns_of
from features.tables.sql import safe_name

Tell = Callable[[str, float], None]

KEYS = {"leads": ("lead_id",), "spend": ("date", "source", "campaign")}
"""What a row of a table is the only one of."""

MOMENTS: Mapping[FactKind, str] = {"leads": "created_at", "contacts": "started_at", "outcomes": "at", "spend": "date"}
"""When what a row of a table tells happened."""


@dataclass(frozen=True)
class FactTable:
    """A CSV file that was opened; `fields` are the columns that hold no fact."""

    kind: FactKind
    file: CsvFile
    columns: tuple[Column, ...]
    fields: tuple[str, ...]
    fingerprint: str

    @property
    def name(self) -> str:
        return self.file.name

    def batches(self, size: int, skipped: int = 0) -> Iterator[FactBatch]:
        """The facts of a table that was checked, so many at once, without those of the first `skipped` rows.

        Raises:
            TableRefused: where the file is not what it was when it was checked.
        """
        reader = FactReader(self.file, self.columns, self.fields if self.kind == "leads" else None)
        for numbers, rows in self.file.chunks_of(size, skipped):
            batch, _ = reader.read(numbers, rows)
            if reader.problems:
                raise TableRefused([Problem("the file was changed while it was read; start again")], self.name)
            yield batch


@dataclass(frozen=True)
class Checked:
    """A whole table that was checked.

    `rows` counts its rows, `superseded` has the numbers of outcomes that a later row of the same lead replaces, and
    `no_leads` the ids of what the latest outcome calls no lead at all. `dated` says which row has which time.
    """

    rows: int
    superseded: frozenset[int]
    no_leads: frozenset[str]
    dated: DatedRows


def open_tables(folder: Path, config: ScoringConfig | None) -> list[FactTable]:
    """The tables of the folder that are there, leads first; by scoring.toml's names, or those of docs/tables.md.

    Raises:
        TableRefused: with what is wrong with the files and headers, or where there is no table at all.
    """
    tables: list[FactTable] = []
    problems: list[Problem] = []
    for kind, name in _table_names(config).items():
        try:
            if "://" in name or (folder / name).exists():
                tables.append(_open_table(kind, folder / name, name, config))
        except TableRefused as refused:
            shown = safe_name(name) if "://" in name else name
            problems += [replace(problem, table=shown) for problem in refused.problems]
    if not tables and not problems:
        wanted = ", ".join(dict.fromkeys(_table_names(config).values()))
        problems = [Problem(f"holds none of {wanted}", table=str(folder))]
    if problems:
        raise TableRefused(problems)
    return tables


def check(table: FactTable, tell: Tell) -> Checked:
    """Read a whole table and find what is wrong with it; `tell` is given a sentence and the share that is done.

    Raises:
        TableRefused: with every row that cannot be used.
    """
    reader = FactReader(table.file, table.columns, None)
    repeats = RepeatFinder(KEYS.get(table.kind))
    latest = LatestOutcomes()
    dated = DatedRows(MOMENTS[table.kind])
    count = 0
    try:
        for numbers, rows in table.file.chunks():
            count += len(rows)
            tell(f"checking {table.name}", count / max(table.file.lines, count, 1))
            batch, read = reader.read(numbers, rows)
            repeats.add(batch, read)
            dated.add(batch)
            if table.kind == "outcomes":
                latest.add(batch)
    except TableRefused as refused:
        unclosed = refused.problems
    else:
        unclosed = ()
    problems = [Problem(detail, column, tuple(found)) for (detail, column), found in reader.problems.items()]
    if problems := [*problems, *unclosed, *repeats.problems()]:
        raise TableRefused(problems, table.name)
    return Checked(count, latest.superseded(), latest.no_leads(), dated)


def _table_names(config: ScoringConfig | None) -> dict[FactKind, str]:
    """The file of each table; leads come first, so that what names them finds them."""
    if config is None:
        return {"leads": "leads.csv", "contacts": "contacts.csv", "outcomes": "outcomes.csv", "spend": "spend.csv"}
    return {
        "leads": config.leads.table,
        "contacts": config.contacts.table if config.contacts else "contacts.csv",
        "outcomes": config.outcome.table or config.leads.table,
        "spend": "spend.csv",
    }


def _open_table(kind: FactKind, path: Path, name: str, config: ScoringConfig | None) -> FactTable:
    if "://" in name:
        raise TableRefused([Problem("only CSV files can be imported")])
    file = open_csv(path, name)
    columns = columns_of(kind, file.header, config)
    if absent := missing_columns(file.header, [column.header for column in columns]):
        raise TableRefused(absent, name)
    used = {column.header for column in columns}
    if config is not None and config.outcome.table is None:
        used |= {config.outcome.column, config.outcome.at or "", config.outcome.lost_at or ""}
    meant = "" if config is None else config.model_dump_json(exclude=_not_meant(config))
    fingerprint = hashlib.sha256(f"{file.sha256} {kind} {meant}".encode()).hexdigest()
    return FactTable(kind, file, tuple(columns), tuple(n for n in file.header if n not in used), fingerprint)


def _not_meant(config: ScoringConfig) -> dict[str, Any]:
    """What of scoring.toml changes no fact; a key that is not used is left out, so that old imports are known again."""
    unused = {} if config.outcome.lost_at else {"outcome": {"lost_at"}}
    return {"training": True, **unused}
