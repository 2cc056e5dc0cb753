"""A workbook is read where it has one plain sheet of rows; else it is said what is in the way."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from features.errors import TableRefused
from features.tables.csv_stream import open_csv
from features.tables.read import notes_of, read_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DAY = "day"
"""Marks a number as one of Excel's day numbers, shown as a date."""

Rows = Sequence[Sequence[object]]
LEADS: Rows = [
    ["id", "arrived", "size", "won"],
    [1, (DAY, 45659), 12.5, True],
    [2, (DAY, 45660.5), 7, False],
    [3, (DAY, 45661), "", True],
]


def workbook(sheets: Mapping[str, Rows], hidden: str = "", merged: str = "") -> bytes:
    """An .xlsx as spreadsheets write it, the least that they need."""
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/>'
        for n in range(len(sheets))
    )
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n + 1}" state="{"hidden" if name == hidden else "visible"}" r:id="r{n}"/>'
        for n, name in enumerate(sheets)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(len(sheets))
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="w" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}<Relationship Id="st" '
        f'Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
        "</styleSheet>",
    }
    for n, rows in enumerate(sheets.values()):
        parts[f"xl/worksheets/s{n}.xml"] = _sheet(rows, merged)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{part}')
    return data.getvalue()


def _sheet(rows: Rows, merged: str) -> str:
    written = []
    for number, row in enumerate(rows, 1):
        cells = [_cell(f"{'ABCDEFGH'[place]}{number}", value) for place, value in enumerate(row) if value != ""]
        written.append(f'<row r="{number}">{"".join(cells)}</row>' if cells else "")
    merges = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(written)}</sheetData>{merges}</worksheet>'


def _cell(at: str, value: object) -> str:
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, tuple):
        return f'<c r="{at}" s="1"><v>{value[1]}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{at}"><v>{value}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def put(folder: Path, data: bytes, name: str = "leads.xlsx") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def refusal(folder: Path, data: bytes) -> str:
    with pytest.raises(TableRefused) as refused:
        read_table(str(put(folder, data)))
    return str(refused.value)


@pytest.mark.parametrize("name", ["leads.xlsx", "leads.csv", "leads.xls"])
def test_a_plain_sheet_is_read_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    place = put(tmp_path, workbook({"Leads": LEADS}), name)
    frame = read_table(str(place))
    assert frame.fillna("").to_dict("index") == {
        2: {"id": "1", "arrived": "2025-01-02", "size": "12.5", "won": "true"},
        3: {"id": "2", "arrived": "2025-01-03T12:00:00", "size": "7", "won": "false"},
        4: {"id": "3", "arrived": "2025-01-04", "size": "", "won": "true"},
    }
    assert dict(open_csv(place, "t").rows()) == dict(
        zip(frame.index, frame.fillna("").to_numpy().tolist(), strict=True)
    )


def test_a_report_is_read_with_the_sheets_own_row_numbers(tmp_path: Path) -> None:
    rows: Rows = [[""], ["", "Leads of 2025"], [""], *(["", *row] for row in LEADS), [""], ["", "Confidential"]]
    frame = read_table(str(put(tmp_path, workbook({"Leads": rows}, merged="B2:E2"))))
    assert list(frame.index) == [5, 6, 7]
    assert notes_of(frame) == ("Row 9 stands below the table, as a report's last lines do, and is no part of it.",)


def test_text_that_holds_delimiters_quotes_and_lines_stays_whole(tmp_path: Path) -> None:
    note = 'one, "two"; three\nfour'
    frame = read_table(
        str(put(tmp_path, workbook({"A": [["id", "note", "won"], ["x", note, "yes"], ["y", "", "no"]]})))
    )
    assert frame["note"].tolist()[0] == note


def test_a_hidden_sheet_is_none(tmp_path: Path) -> None:
    data = workbook({"Lists": [["Web"], ["Fair"]], "Leads": LEADS}, hidden="Lists")
    assert len(read_table(str(put(tmp_path, data)))) == 3


def test_several_sheets_of_rows_are_named(tmp_path: Path) -> None:
    assert "the workbook has 2 sheets ('Leads', 'Calls')" in refusal(
        tmp_path, workbook({"Leads": LEADS, "Calls": LEADS})
    )


def test_merged_cells_among_the_rows_are_told(tmp_path: Path) -> None:
    assert "cells are merged" in refusal(tmp_path, workbook({"Leads": LEADS}, merged="A2:A3"))


def test_a_workbook_without_anything_in_it_is_told(tmp_path: Path) -> None:
    assert "no sheet with anything in it" in refusal(tmp_path, workbook({"Leads": []}))


def test_an_archive_that_is_no_workbook_and_a_locked_one_are_told(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("leads.csv", "a,b\n1,2\n")
    assert "a zip archive that cannot be read" in refusal(tmp_path, data.getvalue())
    assert "locked by a password or damaged" in refusal(tmp_path, b"\xd0\xcf\x11\xe0" + b"\0" * 600)
