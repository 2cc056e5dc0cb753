"""Tables of the report by group: their rows with links to the leads behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from analytics.cost.costs import NO_GRADES
from analytics.leads_as_of.groups import Name
from analytics.report import Report
from analytics.report.report import Window
from language.text import gettext as _
from language.text import mark
from serving.pages import formatting
from serving.pages.lines import first_upper
from serving.pages.report.numbers import Number, Numbers, Told, Value, named
from serving.pages.report.views import Grid, Heading, grid
from stats.estimates import Estimate

BY_WORDS = {
    "source": mark("source"),
    "campaign": mark("campaign"),
    "grade": mark("grade"),
    "agent": mark("agent"),
    "week": mark("week"),
    "model_version": mark("model"),
}
EVERY = mark("all")
ONE_UNIT: Mapping[Told, Callable[..., Told]] = {
    formatting.working_time: formatting.working_time_beside,
    formatting.money: formatting.money_beside,
}
"""How a column is told whose figures have more than one unit or precision when each is told alone."""
AS_REFERENCE = mark("grades as the reference model would give them")


class Group(Protocol):
    """A row of the report that has a name."""

    @property
    def name(self) -> Name: ...


Row = TypeVar("Row", bound=Group)
Row_co = TypeVar("Row_co", bound=Group, covariant=True)


class Grouped(Protocol[Row_co]):
    """A table of the report."""

    @property
    def by(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> Sequence[Row_co]: ...


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A number of each row: its heading, where it stands in the row, and how it is told."""

    text: str
    of: Callable[[Row], Value]
    told: Told


@dataclass(frozen=True)
class Tables(Generic[Row]):
    """How the `tables` of a part of the report are shown, each by groups, with all leads together at the end.

    `whole` is the part's row of all leads, None where it has none. They count the leads of `window`, None where no list
    shows those; `asked` is what else a list is asked for, `unlisted` a column that lists know otherwise. `base` says at
    the table which leads or days its numbers are of, `graded` whose the grades are. Tables by the column `unshown`
    are left out, and those whose columns `shows` is not true of.
    """

    title: str
    tables: Callable[[Report], Sequence[Grouped[Row]]]
    whole: Callable[[Report], Row] | None
    window: Window | None
    columns: tuple[Column[Row], ...]
    asked: Mapping[str, str] = field(default_factory=dict)
    unlisted: str = ""
    base: str = ""
    graded: str = ""
    unshown: str = ""
    shows: Callable[[Sequence[str]], bool] = lambda by: True  # noqa: ARG005

    def grids(self, numbers: Numbers) -> tuple[Grid, ...]:
        """One table for each of the report's."""
        found = enumerate(self.tables(numbers.report))
        shown = [(place, table) for place, table in found if self.unshown not in table.by and self.shows(table.by)]
        return tuple(self._grid(place, table, numbers) for place, table in shown)

    def _grid(self, table: int, found: Grouped[Row], numbers: Numbers) -> Grid:
        by = by_words(found.by)
        columns = [self._in_one_unit(column, found.rows, numbers) for column in self.columns]
        rows = [self._row(table, place, columns, numbers) for place in range(len(found.rows))]
        whole = _cell_numbers(self.whole, columns, numbers) if self.whole else None
        defined = [number.definition for number in rows[0]] if rows else [None] * len(self.columns)
        head = [Heading(_(column.text), metric) for column, metric in zip(self.columns, defined, strict=True)]
        named_rows = [
            (named(row.name, found.by), self._url(found.by, row.name, numbers), own)
            for row, own in zip(found.rows, rows, strict=True)
        ]
        beneath = (_(EVERY), self._url((), (), numbers), whole) if whole else None
        title = _("%(title)s by %(groups)s", title=_(self.title), groups=by)
        graded = _(self.graded) if "grade" in found.by else ""
        caption = ", ".join(filter(None, (title, self.base, graded)))
        return grid(caption, (Heading(first_upper(by), is_figure=False), *head), named_rows, beneath)

    def _in_one_unit(self, column: Column[Row], rows: Sequence[Row], numbers: Numbers) -> Column[Row]:
        """The column told in one unit and precision from top to bottom, so that figures can be compared at a glance."""
        told = ONE_UNIT.get(column.told)
        if told is None:
            return column
        found = [column.of(row) for row in (*rows, *([self.whole(numbers.report)] if self.whole else []))]
        values = [value.value if isinstance(value, Estimate) else value for value in found]
        return replace(column, told=told(*values))

    def _row(self, table: int, row: int, columns: Sequence[Column[Row]], numbers: Numbers) -> list[Number]:
        return _cell_numbers(lambda report: self.tables(report)[table].rows[row], columns, numbers)

    def _url(self, by: tuple[str, ...], name: Name, numbers: Numbers) -> str | None:
        if self.window is None or self.unlisted in by:
            return None
        return numbers.places.behind(self.window, by, name, **self.asked)


def _cell_numbers(row: Callable[[Report], Row], columns: Sequence[Column[Row]], numbers: Numbers) -> list[Number]:
    return [_cell_number(row, column, numbers) for column in columns]


def _cell_number(row: Callable[[Report], Row], column: Column[Row], numbers: Numbers) -> Number:
    return numbers.of(lambda report: column.of(row(report)), column.told)


def by_words(by: Sequence[str]) -> str:
    """Source and grade."""
    *others, last = [_(BY_WORDS.get(column, column)) for column in by] or [""]
    return _("%(others)s and %(last)s", others=", ".join(others), last=last) if others else last


def are_grades_stored(report: Report) -> bool:
    """Whether any lead that the page counts was graded as it came."""
    by_grade = (table for table in report.response.tables if table.by == ("grade",))
    return report.conversion.grades_by == "score" or any(row.name[0] for table in by_grade for row in table.rows)


def are_qualified_counted(report: Report) -> bool:
    """Whether leads of grade A or B can be counted among those that money was spent on."""
    return report.cost.whole is None or report.cost.whole.per_qualified.reason != NO_GRADES


def unshown_grades(report: Report) -> str:
    """The column that tables leave out: the grade, where none is stored."""
    return "" if are_grades_stored(report) else "grade"
