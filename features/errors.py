"""What is wrong with a table: `Problem`s, all of them carried by one `TableRefused`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from features.refused import Refused

SHOWN_ROWS = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, in which column, in which rows (all of them, as people count them).

    `table` is said where several tables are read at once.
    """

    detail: str
    column: str | None = None
    rows: tuple[int, ...] = ()
    table: str = ""

    def __str__(self) -> str:
        table = f"{self.table}: " if self.table else ""
        column = f"column {self.column!r}: " if self.column is not None else ""
        return f"{table}{column}{self.detail}{_shown(self.rows)}"


class TableRefused(Refused):
    """A table that cannot be read, with every problem it has."""

    def __init__(self, problems: Iterable[Problem], table: str = "") -> None:
        self.problems = tuple(problems)
        self.table = table
        lines = [str(problem) for problem in self.problems]
        head = f"{table}:" if table else ""
        super().__init__(f"{head} {lines[0]}".strip() if len(lines) == 1 else "\n  ".join([head, *lines]))


def header_problems(names: Sequence[str]) -> list[Problem]:
    """What is wrong with the names of a table's columns."""
    places = [str(place) for place, name in enumerate(names, 1) if not name]
    nameless = f"no name in the header for column {', '.join(places[:SHOWN_ROWS])}; name or drop it"
    repeated = [name for name, count in Counter(names).items() if name and count > 1]
    return [Problem(nameless)] * bool(places) + [
        Problem("the name stands in the header more than once", name) for name in repeated
    ]


def no_such_column(frame: pd.DataFrame, wanted: Iterable[str]) -> list[Problem]:
    """A problem for each wanted column that the table does not have, with the names that come close."""
    columns = [str(column) for column in frame.columns]
    absent = [name for name in wanted if name not in frame.columns]
    return [Problem(f"there is no such column; {_instead(name, columns)}", name) for name in absent]


def _instead(name: str, columns: list[str]) -> str:
    folded = {column.casefold(): column for column in columns}
    key = name.casefold()
    close = [folded[match] for match in ([key] if key in folded else get_close_matches(key, folded, n=3, cutoff=0.6))]
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    shown = ", ".join(map(repr, columns[:12]))
    return f"the table has {shown}{' …' if len(columns) > 12 else ''}"


def _shown(rows: tuple[int, ...]) -> str:
    listed = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    match len(rows):
        case 0:
            return ""
        case 1:
            return f" (row {listed})"
        case count:
            return f" ({count:,} rows: {listed}{' …' if count > SHOWN_ROWS else ''})"
