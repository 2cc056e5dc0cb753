"""The report's tables as CSV, whose cells no spreadsheet runs."""

import csv
import io

from features.tables.formula_guard import guarded
from language.text import gettext as _
from language.text import mark
from serving.pages.report.views import Cell, Grid, ReportView, Row

INTERVAL = mark("%(column)s, 95 %% interval")


def find_table(view: ReportView, anchor: str, place: int) -> Grid | None:
    """A part's table, counted as they stand on the page; None where there is none."""
    section = next((one for one in view.sections if one.anchor == anchor), None)
    tables = section.tables if section else ()
    return tables[place] if 0 <= place < len(tables) else None


def write_csv(grid: Grid) -> str:
    """A table with a byte order mark, so that spreadsheets read it as UTF-8; numbers are whole, not rounded.

    Behind a number that has an interval anywhere in its column stands a column with that.
    """
    rows = [*grid.rows, *([grid.whole] if grid.whole else [])]
    has_interval = [any(_interval(row, column) for row in rows) for column in range(len(grid.head) - 1)]
    file = io.StringIO("\ufeff")
    file.seek(0, io.SEEK_END)
    writer = csv.writer(file)
    name, *others = (heading.text for heading in grid.head)
    writer.writerow(map(guarded, [name, *_spread(others, [_(INTERVAL, column=text) for text in others], has_interval)]))
    for row in rows:
        values = [_value(cell) for cell in row.cells]
        intervals = [_interval(row, column) for column in range(len(row.cells))]
        writer.writerow(map(guarded, [row.name, *_spread(values, intervals, has_interval)]))
    return file.getvalue()


def _spread(values: list[str], intervals: list[str], has_interval: list[bool]) -> list[str]:
    pairs = zip(values, intervals, has_interval, strict=True)
    return [text for value, interval, is_shown in pairs for text in ([value, interval] if is_shown else [value])]


def _value(cell: Cell) -> str:
    if cell.number is None:
        return cell.text
    return "" if cell.number.value is None else repr(cell.number.value)


def _interval(row: Row, column: int) -> str:
    number = row.cells[column].number
    return number.interval if number else ""
