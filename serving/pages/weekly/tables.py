"""Tables of the report by group: the paths of their numbers in, rows with links to the leads behind them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analytics.groups import Name
from analytics.report import Window
from serving.pages.weekly.numbers import Numbers, Told
from serving.pages.weekly.places import named
from serving.pages.weekly.views import Grid, Heading, grid

BY_WORDS = {"model_version": "model"}


@dataclass(frozen=True, slots=True)
class Column:
    """A number of each row: its heading, its path within the row, how it is told, and the metric that it is."""

    text: str
    path: str
    told: Told
    definition: str | None = None


class Group(Protocol):
    """A row of the report that has a name."""

    @property
    def name(self) -> Name: ...


class Grouped(Protocol):
    """A table of the report."""

    @property
    def by(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> Sequence[Group]: ...


def tables(
    title: str, path: str, found: Sequence[Grouped], window: Window | None, columns: Sequence[Column], numbers: Numbers
) -> tuple[Grid, ...]:
    """The tables at a path of the report; `window` is which leads they count, None where no list shows those."""
    return tuple(
        _table(title, f"{path}.{place}.rows", one, window, columns, numbers) for place, one in enumerate(found)
    )


def _table(
    title: str, path: str, found: Grouped, window: Window | None, columns: Sequence[Column], numbers: Numbers
) -> Grid:
    by = by_words(found.by)
    head = (Heading(by.capitalize(), is_figure=False), *(Heading(column.text, column.definition) for column in columns))
    rows = [
        (
            named(row.name),
            numbers.places.behind(window, found.by, row.name) if window else None,
            [numbers.at(f"{path}.{place}.{column.path}", column.told) for column in columns],
        )
        for place, row in enumerate(found.rows)
    ]
    return grid(f"{title} by {by}", head, rows)


def by_words(by: Sequence[str]) -> str:
    """Source and grade."""
    return " and ".join(BY_WORDS.get(column, column) for column in by)
