"""Facts of many rows at once, a column each, from the cells of a file to the statement that stores them.

A fact is a row under the names of docs/tables.md, parsed; a lead's own fields stay as they are written, under `fields`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from features.tables.import_columns import TIME_FACTS
from stats.types import Times

Fact = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FactBatch:
    """Facts of rows that follow each other.

    `numbers` (n,) count the rows as people do. `columns` are lists (n,), and those of times arrays (n,) of
    datetime64[us] in UTC with NaT for none.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, name: str) -> Any:
        """The facts of a name (n,); nothing in each row where the table has no such column."""
        if name in self.columns:
            return self.columns[name]
        return no_times(len(self)) if name in TIME_FACTS else [None] * len(self)

    def at(self, places: Sequence[int]) -> "FactBatch":
        """The facts at some places, which are in the order of the rows."""
        if len(places) == len(self):
            return self
        taken = {
            name: held[places] if isinstance(held, np.ndarray) else [held[place] for place in places]
            for name, held in self.columns.items()
        }
        return FactBatch([self.numbers[place] for place in places], taken)

    def where(self, kept: Iterable[bool]) -> "FactBatch":
        """The facts that are `kept` (n,)."""
        return self.at([place for place, is_kept in enumerate(kept) if is_kept])

    def facts(self) -> Iterator[Fact]:
        """The facts row by row, with datetimes."""
        columns = (to_datetimes(held) if isinstance(held, np.ndarray) else held for held in self.columns.values())
        return (dict(zip(self.columns, row, strict=True)) for row in zip(*columns, strict=True))


def batch_of(facts: Sequence[Fact], numbers: Sequence[int]) -> FactBatch:
    """Facts that all have the same names, as columns."""
    names = facts[0] if facts else ()
    columns = {name: [fact[name] for fact in facts] for name in names}
    return FactBatch(numbers, {name: to_times(held) if name in TIME_FACTS else held for name, held in columns.items()})


def known_at(outcomes: FactBatch) -> Times:
    """When the company knew of each outcome (n,), as far as a table says: when it was reported, or when it was."""
    reported, at = outcomes.column("reported_at"), outcomes.column("at")
    known: Times = np.where(np.isnat(reported), at, reported)
    return known


def no_times(count: int) -> Times:
    """As many times that are not known."""
    return np.full(count, "NaT", dtype="datetime64[us]")


def to_times(values: Iterable[Any]) -> Times:
    """Times (n,) in UTC of aware datetimes."""
    plain = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
    return np.array(plain, dtype="datetime64[us]")


def to_datetimes(times: Times) -> list[datetime | None]:
    """Aware datetimes (n,) of times in UTC."""
    return [None if value is None else value.replace(tzinfo=UTC) for value in times.tolist()]
