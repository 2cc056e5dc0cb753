"""What the weekly page's template is given: frozen values with every word already chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from language.text import gettext as _
from language.text import pgettext
from serving.pages.formatting import DASH
from serving.pages.report.headline import Headline
from serving.pages.report.numbers import Number
from serving.pages.views import Link


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head; `definition` is the metric that its numbers are, `url` leads to the leads behind all of them."""

    text: str
    definition: str | None = None
    is_figure: bool = True
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A number or a text; `mark` refers to the note that says why there is no number."""

    number: Number | None = None
    text: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A group; `url` leads to the leads behind it, `definition` is what the row is where its column does not say."""

    name: str
    url: str | None
    definition: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of numbers, the row of all groups together, and the reasons for numbers that are not known."""

    caption: str
    head: tuple[Heading, ...]
    rows: tuple[Row, ...]
    whole: Row | None
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as SVG, wide and narrow, with its finding, how to read it, and what it shows in words."""

    finding: str
    caption: str
    alt: str
    wide: str
    narrow: str


@dataclass(frozen=True, slots=True)
class Line:
    """A number behind its name, with the leads that it counts."""

    name: str
    number: Number
    leads: Link | None = None


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number of the later period, the same of the earlier one, and what is said of the change."""

    name: str
    after: Number
    before: Number
    verdict: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the four metrics: its chief number and those that explain it; `over` says which leads."""

    title: str
    chief: Line
    lines: tuple[Line, ...]
    over: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: what it says in words, its charts and tables.

    The table `beside` is narrow and stands with the words; `folded` ones open on demand.
    """

    anchor: str
    title: str
    over: str
    says: tuple[str, ...]
    charts: tuple[Chart, ...] = ()
    beside: Grid | None = None
    grids: tuple[Grid, ...] = ()
    folded: tuple[Grid, ...] = ()

    @property
    def finding(self) -> str:
        """What it says in a line, to be read before it is opened."""
        return self.charts[0].finding if self.charts else next(iter(self.says), "")

    @property
    def tables(self) -> tuple[Grid, ...]:
        """All of its tables, in the order of the page."""
        return (*([self.beside] if self.beside else []), *self.grids, *self.folded)


@dataclass(frozen=True, slots=True)
class Discussed:
    """A point for the meeting, the numbers it is about and the part of the page that shows them.

    `about` is what it says in the report's own words, by which agreements on it are found in any language.
    """

    about: str
    says: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A number of the contract."""

    key: str
    name: str
    formula: str
    window: str
    owner: str
    unit: str
    version: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole weekly page; `definitions_at` is what stands before a metric's key in a link to it."""

    title: str
    known: str
    compared: tuple[str, ...]
    headline: Headline
    meaning: str
    cautions: tuple[str, ...]
    terms: tuple[Link, ...]
    key_figures: tuple[KeyFigure, ...]
    metrics: tuple[Tile, ...]
    sections: tuple[Section, ...]
    discuss: tuple[Discussed, ...]
    made: tuple[str, ...]
    unknown: tuple[str, ...]
    definitions_at: str


Named = tuple[str, str | None, Sequence[Number | str] | Sequence[Number]]
"""A row: its name, where it leads, its numbers."""


def grid(
    caption: str, head: Sequence[Heading], rows: Sequence[Named], whole: Named | None = None, *, said: str = ""
) -> Grid:
    """A table whose missing numbers refer to notes, one for each reason; `whole` stays beneath however it is sorted.

    A column in which nothing is known is left out, and a note says why; of a table in which no number is known, only
    the notes are left. What is `said` of the whole table is its first note, without a mark.
    """
    marks: dict[str, str] = {}
    defined = any(heading.definition for heading in head)
    all_rows = [row[-1] for row in (*rows, *([whole] if whole else []))]
    shown, gaps = _known_columns(head, all_rows)
    made = tuple(_row(row, shown, marks, defined=defined) for row in rows) if shown else ()
    beneath = _row(whole, shown, marks, defined=defined) if whole and shown else None
    notes = [("", text) for text in (said, *gaps) if text]
    notes += [(mark, reason) for reason, mark in marks.items()]
    return Grid(caption, (head[0], *(head[1 + column] for column in shown)), made, beneath, tuple(notes))


def _known_columns(head: Sequence[Heading], rows: Sequence[Sequence[Number | str]]) -> tuple[list[int], list[str]]:
    """The columns in which anything is known, and of each other one why nothing is; none where no number is known."""
    columns = range(len(head) - 1)
    unknown = [column for column in columns if rows and all(_is_unknown(row[column]) for row in rows)]
    figures = [column for column in columns if any(isinstance(row[column], Number) for row in rows)]
    gaps = [f"{head[1 + column].text}: {_reason(rows, column)}." for column in unknown if column in figures]
    if figures and set(figures) <= set(unknown):
        return [], gaps
    return [column for column in columns if column not in unknown], gaps


def _is_unknown(value: Number | str) -> bool:
    return (value if isinstance(value, str) else value.text) in ("", DASH)


def _reason(rows: Sequence[Sequence[Number | str]], column: int) -> str:
    """Why nothing is known in a column: as the last row says it, which is that of all together."""
    reasons = [cell.reason for row in rows if isinstance(cell := row[column], Number) and cell.reason]
    return reasons[-1] if reasons else _("not known")


def _row(named: Named, shown: Sequence[int], marks: dict[str, str], *, defined: bool) -> Row:
    name, url, own = named
    values = [own[column] for column in shown]
    return Row(name, url, None if defined else _definition(values), tuple(_cell(value, marks) for value in values))


def listing(caption: str, lines: Sequence[tuple[str, Number]]) -> Grid:
    """A table of single numbers, each a row."""
    head = (Heading(_("Number"), is_figure=False), Heading(pgettext("of a number", "Value")))
    return grid(caption, head, [(name, None, [number]) for name, number in lines])


def _cell(value: Number | str, marks: dict[str, str]) -> Cell:
    if isinstance(value, str):
        return Cell(text=value)
    if value.known or not value.reason:
        return Cell(value)
    return Cell(value, mark=marks.setdefault(value.reason, _letter(len(marks))))


def _definition(values: Sequence[Number | str]) -> str | None:
    return next((value.definition for value in values if isinstance(value, Number)), None)


def _letter(place: int) -> str:
    return chr(ord("a") + place % 26)
