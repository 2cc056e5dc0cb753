"""Reads the four tables of a company's history, CSV files, row by row as facts to be stored.

A fact is a row under the names of docs/tables.md, parsed; a lead's own fields stay as they are written, under `fields`.
No table is held in memory.
"""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from features.config import ScoringConfig
from features.errors import Problem, TableRefused, missing_columns
from features.history import NOT_A_LEAD
from features.tables.csv_stream import CsvFile, open_csv
from features.tables.dated_rows import DatedRows
from features.tables.import_columns import LOST_AT, Column, FactKind, columns_of
from features.tables.sql import safe_name
from features.values import ValueRefused

Fact = dict[str, Any]
Tell = Callable[[str, float], None]

KEYS = {"leads": ("lead_id",), "spend": ("date", "source", "campaign")}
"""What a row of a table is the only one of."""

MOMENTS: Mapping[FactKind, str] = {"leads": "created_at", "contacts": "started_at", "outcomes": "at", "spend": "date"}
"""When what a row of a table tells happened."""

_ROWS_BETWEEN_REPORTS = 5_000

_CELLS_REMEMBERED = 1_024
"""Of a column: agents, channels and sources come again and again."""


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

    def facts(self) -> Iterator[tuple[int, Fact]]:
        """The facts of a table that was checked, with their row numbers.

        Raises:
            TableRefused: where the file is not what it was when it was checked.
        """
        read = _FactReader(self)
        for number, row in self.file.rows():
            fact = read.fact(number, row) if len(row) == len(self.file.header) else None
            if fact is None:
                raise TableRefused([Problem("the file was changed while it was read; start again")], self.name)
            yield number, fact


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
    read, repeats, latest = _FactReader(table), _RepeatFinder(KEYS.get(table.kind)), _LatestOutcomes()
    dated, rows = DatedRows(), 0
    try:
        for number, row in table.file.rows():
            rows += 1
            if rows % _ROWS_BETWEEN_REPORTS == 0:
                tell(f"checking {table.name}", rows / max(table.file.lines, rows))
            if trouble := table.file.trouble(row):
                read.problems[trouble, None].append(number)
            elif (fact := read.fact(number, row)) is not None:
                repeats.add(number, row, fact)
                latest.add(number, fact)
                dated.add(number, fact.get("lead_id"), fact.get(MOMENTS[table.kind]))
    except TableRefused as refused:
        unclosed = refused.problems
    else:
        unclosed = ()
    problems = [Problem(detail, column, tuple(found)) for (detail, column), found in read.problems.items()]
    if problems := [*problems, *unclosed, *repeats.problems()]:
        raise TableRefused(problems, table.name)
    return Checked(rows, latest.superseded(), latest.no_leads(), dated)


class _FactReader:
    """Parses rows as facts; `problems` gathers the rows by what is wrong and in which column."""

    def __init__(self, table: FactTable) -> None:
        place = {name: at for at, name in enumerate(table.file.header)}
        self.problems: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        self._columns = [
            (column.fact, place[column.header], lru_cache(_CELLS_REMEMBERED)(column.read), column)
            for column in table.columns
        ]
        self._fields = [(name, place[name]) for name in table.fields] if table.kind == "leads" else None

    def fact(self, number: int, row: list[str]) -> Fact | None:
        """The row's fact; None where any of it cannot be read."""
        fact: Fact = {}
        whole = True
        for name, place, read, column in self._columns:
            try:
                value = read(row[place])
            except ValueRefused:
                self.problems[f"is not {column.accepted}", column.header].append(number)
                whole = False
                continue
            if value is None and column.required:
                self.problems["has no value", column.header].append(number)
                whole = False
            fact[name] = value
        if (lost_at := fact.pop(LOST_AT, None)) is not None and fact["status"] == "lost" and fact["at"] is None:
            fact["at"] = lost_at
        if self._fields is not None:
            fact["fields"] = {name: row[place] or None for name, place in self._fields}
        return fact if whole else None


class _RepeatFinder:
    """Finds rows of the same key that differ, by their hashes; a row that stands twice word for word is no fault."""

    def __init__(self, key: tuple[str, ...] | None) -> None:
        self._key = key
        self._keys, self._rows, self._numbers = array("q"), array("q"), array("q")

    def add(self, number: int, row: list[str], fact: Fact) -> None:
        if self._key is not None:
            self._keys.append(hash(tuple([fact.get(name) for name in self._key])))
            self._rows.append(hash(tuple(row)))
            self._numbers.append(number)

    def problems(self) -> list[Problem]:
        if self._key is None or not self._keys:
            return []
        keys, rows, numbers = (np.array(held) for held in (self._keys, self._rows, self._numbers))
        order = np.lexsort([rows, keys])
        same_key, same_row = (held[order][1:] == held[order][:-1] for held in (keys, rows))
        found = numbers[np.isin(keys, keys[order][1:][same_key & ~same_row])]
        if not len(found):
            return []
        detail = f"rows that differ have the same {', '.join(self._key)}; there may be one of each"
        return [Problem(detail, rows=tuple(found.tolist()))]


class _LatestOutcomes:
    """Of several outcomes of a lead finds all but the latest; of equally late ones the last row counts."""

    def __init__(self) -> None:
        self._leads, self._times, self._numbers = array("q"), array("d"), array("q")
        self._no_leads: dict[int, str] = {}

    def add(self, number: int, fact: Fact) -> None:
        known, status = fact.get("reported_at") or fact.get("at"), fact.get("status")
        if status not in ("won", "lost", NOT_A_LEAD):
            return
        self._leads.append(hash(fact["lead_id"]))
        self._times.append(known.timestamp() if isinstance(known, datetime) else -np.inf)
        self._numbers.append(number)
        if status == NOT_A_LEAD:
            self._no_leads[number] = fact["lead_id"]

    def no_leads(self) -> frozenset[str]:
        return frozenset(self._no_leads[number] for number in self._no_leads.keys() - self.superseded())

    def superseded(self) -> frozenset[int]:
        leads, numbers = np.array(self._leads), np.array(self._numbers)
        order = np.lexsort([numbers, np.array(self._times), leads])
        followed = leads[order][:-1] == leads[order][1:]
        return frozenset(numbers[order][:-1][followed].tolist())


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
