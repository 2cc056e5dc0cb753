"""Reads the one sheet of a spreadsheet workbook as CSV text; row numbers stay those of the sheet.

Titles above and footers below are left to the readers of CSV, which know them.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from features.errors import Problem, TableRefused

BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of a zip archive, as .xlsx and .ods are one, and of Microsoft's older container."""

Rows = Sequence[Sequence[object]]

_SHOWN_SHEETS = 4


def workbook_text(data: bytes, table: str) -> str:
    """The only visible sheet that holds rows, as CSV.

    Raises:
        TableRefused: where it is no workbook, is locked, has several sheets of rows, or merges cells of its rows.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [workbook.get_sheet_by_name(name) for name in _visible(workbook)]
        filled = [(sheet, _sheet_rows(sheet)) for sheet in sheets if sheet.start is not None]
    except (CalamineError, OSError, ValueError):
        raise _workbook_refused(_no_workbook(data), table) from None
    if not filled:
        raise _workbook_refused("the workbook has no sheet with anything in it", table)
    if len(filled) > 1:
        names = ", ".join(repr(sheet.name) for sheet, _ in filled[:_SHOWN_SHEETS])
        raise _workbook_refused(
            f"the workbook has {len(filled)} sheets ({names}); save the one that is meant as CSV", table
        )
    sheet, rows = filled[0]
    if merged := _rows_with_merged_cells(sheet, rows):
        detail = "cells are merged, so a value stands for several; part them, or save the sheet as CSV"
        raise TableRefused([Problem(detail, rows=merged)], table)
    return _as_csv(rows)


def _visible(workbook: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _no_workbook(data: bytes) -> str:
    if data.startswith(BEGINNINGS[0]):
        return "this is an Excel workbook or a zip archive that cannot be read; save it as CSV or Parquet"
    return "this is an Excel workbook that is locked by a password or damaged; save it as CSV or Parquet"


def _sheet_rows(sheet: CalamineSheet) -> Rows:
    """From the sheet's first row on, so that rows keep their numbers, without the empty columns before the table."""
    first_column = 0 if sheet.start is None else sheet.start[1]
    return [row[first_column:] for row in sheet.to_python(skip_empty_area=False)]


def _rows_with_merged_cells(sheet: CalamineSheet, rows: Rows) -> tuple[int, ...]:
    """The rows, as people count them, of cells that are merged beside others.

    A title alone in its row may be, and names of groups of columns in the first row of several values.
    """
    ranges = sheet.merged_cell_ranges or []
    top = next((place for place, row in enumerate(rows) if _count_filled(row) > 1), 0)
    spans = [(first, last) for (first, _), (last, _) in ranges if not first == last == top]
    touched = {row for first, last in spans for row in range(first, last + 1)}
    return tuple(row + 1 for row in sorted(touched) if row < len(rows) and _count_filled(rows[row]) > 1)


def _count_filled(row: Sequence[object]) -> int:
    return sum(value not in ("", None) for value in row)


def _as_csv(rows: Rows) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_format_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _format_cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, datetime | date) else value


def _workbook_refused(detail: str, table: str) -> TableRefused:
    return TableRefused([Problem(detail)], table)
