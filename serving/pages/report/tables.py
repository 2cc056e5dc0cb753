"""Tables of the report by group: the paths of their numbers in, rows with links to the leads behind them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from analytics.leads_as_of.groups import Name
from analytics.report.report import Window
from serving.pages.report.numbers import Number, Numbers, Told
from serving.pages.report.places import named
from serving.pages.report.views import Grid, Heading, grid

BY_WORDS = {"model_version": "model"}
EVERY = "all"


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


@dataclass(frozen=True, slots=True)
class Tables:
    """How the tables of a part of the report are shown, each by groups, with all leads together at the end.

    `path` is where the tables are, `whole` where the part tells of all leads, None where it does not. They count the
    leads of `window`, None where no list shows those; `asked` is what else a list is asked for, `unlisted` a column
    that lists know otherwise. `base` says at the table which leads or days its numbers are of, `graded` whose the
    grades are. Tables by the column `unshown` are left out.
    """

    title: str
    path: str
    whole: str | None
    window: Window | None
    columns: tuple[Column, ...]
    asked: Mapping[str, str] = field(default_factory=dict)
    unlisted: str = ""
    base: str = ""
    graded: str = ""
    unshown: str = ""

    def of(self, found: Sequence[Grouped], numbers: Numbers) -> tuple[Grid, ...]:
        """One table for each that was found."""
        shown = ((place, one) for place, one in enumerate(found) if self.unshown not in one.by)
        return tuple(self._table(f"{self.path}.{place}.rows", one, numbers) for place, one in shown)

    def _table(self, path: str, found: Grouped, numbers: Numbers) -> Grid:
        by, columns = by_words(found.by), (Heading(column.text, column.definition) for column in self.columns)
        rows = [
            (named(row.name, found.by), self._url(found.by, row.name, numbers), self._row(f"{path}.{place}", numbers))
            for place, row in enumerate(found.rows)
        ]
        whole = (EVERY, self._url((), (), numbers), self._row(self.whole, numbers)) if self.whole else None
        caption = ", ".join(
            filter(None, (f"{self.title} by {by}", self.base, self.graded if "grade" in found.by else ""))
        )
        return grid(caption, (Heading(by.capitalize(), is_figure=False), *columns), rows, whole)

    def _row(self, path: str, numbers: Numbers) -> list[Number]:
        return [numbers.at(f"{path}.{column.path}", column.told) for column in self.columns]

    def _url(self, by: tuple[str, ...], name: Name, numbers: Numbers) -> str | None:
        if self.window is None or self.unlisted in by:
            return None
        return numbers.places.behind(self.window, by, name, **self.asked)


def by_words(by: Sequence[str]) -> str:
    """Source and grade."""
    return " and ".join(BY_WORDS.get(column, column) for column in by)
