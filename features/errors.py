"""The errors that a person can mend: `Refused`, and tables and leads that are refused with every problem they have."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_ROWS = 8
SHOWN_COLUMNS = 12


class Refused(Exception):
    """The base of every error that is shown as its message alone: exit 1 in a terminal, never a traceback."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, in which column, in which rows (all of them, as people count them).

    `table` is named where several tables are read at once.
    """

    detail: str
    column: str | None = None
    rows: tuple[int, ...] = ()
    table: str = ""

    def __str__(self) -> str:
        table = f"{self.table}: " if self.table else ""
        column = f"column {self.column!r}: " if self.column is not None else ""
        return f"{table}{column}{self.detail}{_list_rows(self.rows)}"


class TableRefused(Refused):
    """A table that cannot be read, with every problem it has."""

    def __init__(self, problems: Iterable[Problem], table: str = "") -> None:
        self.problems = tuple(problems)
        self.table = table
        lines = [str(problem) for problem in self.problems]
        head = f"{table}:" if table else ""
        super().__init__(f"{head} {lines[0]}".strip() if len(lines) == 1 else "\n  ".join([head, *lines]))


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one part of a lead: its path from the root, and what is accepted there."""

    path: tuple[str | int, ...]
    detail: str


class LeadRefused(ValueError):
    """A lead that cannot be read, with every problem it has."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{'.'.join(map(str, p.path))}: {p.detail}" for p in self.problems))


def header_problems(names: Sequence[str]) -> list[Problem]:
    """What is wrong with the names of a table's columns: some have none, or the same name stands twice."""
    problems = nameless_columns([place for place, name in enumerate(names) if not name])
    for name, count in Counter(names).items():
        if name and count > 1:
            problems.append(Problem("the name stands in the header more than once", name))
    return problems


def nameless_columns(places: Sequence[int]) -> list[Problem]:
    """A problem of the columns at these places (from 0) that have no name; none where there are none."""
    listed = ", ".join(str(place + 1) for place in places[:SHOWN_ROWS])
    return [Problem(f"no name in the header for column {listed}; name or drop it")] if places else []


def missing_columns(columns: Iterable[object], wanted: Iterable[str]) -> list[Problem]:
    """A problem for each wanted name that is not among a table's columns, with the names that come close."""
    names = [str(column) for column in columns]
    absent = [name for name in wanted if name not in names]
    return [Problem(f"there is no such column; {_suggest_columns(name, names)}", name) for name in absent]


def _suggest_columns(name: str, columns: list[str]) -> str:
    by_folded_name = {column.casefold(): column for column in columns}
    folded = name.casefold()
    close = [folded] if folded in by_folded_name else get_close_matches(folded, by_folded_name, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(by_folded_name[one]) for one in close)}?"
    listed = ", ".join(map(repr, columns[:SHOWN_COLUMNS]))
    return f"the table has {listed}{' …' if len(columns) > SHOWN_COLUMNS else ''}"


def _list_rows(rows: tuple[int, ...]) -> str:
    if not rows:
        return ""
    listed = ", ".join(map(str, rows[:SHOWN_ROWS]))
    if len(rows) == 1:
        return f" (row {listed})"
    return f" ({len(rows):,} rows: {listed}{' …' if len(rows) > SHOWN_ROWS else ''})"
