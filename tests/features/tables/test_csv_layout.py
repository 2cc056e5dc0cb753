"""What stands around a table in the files that people have: left out and said, read, or named for what it is."""

from pathlib import Path

import pytest

from features.errors import TableRefused
from features.tables.csv_stream import open_csv
from features.tables.read import read_table
from tests.features.tables.reading import HEADER, ROWS, TABLE, Read, refusal


@pytest.mark.parametrize(
    "note",
    [
        "Hi,\nplease send prices, sizes, colours\nThanks",
        "Hi,\nplease, send, prices, sizes\nThanks, Jo, and, all",
        "a\nb, c, d, e\nf, g, h, i\nj",
        "first, second, third, fourth\r\nlast, one, of, all\r\n",
    ],
)
def test_a_note_of_several_lines_is_read(tmp_path: Path, note: str) -> None:
    read = Read(tmp_path, "id,note,won\n1,x,yes\n" + f'2,"{note}",yes\n3,,no\n')
    assert read.frame["note"].tolist()[1] == note


def test_rows_that_a_missing_quote_swallowed_are_still_refused(tmp_path: Path) -> None:
    broken = TABLE.replace("\n5,", '\n"5,').replace("\n9,", '\n9",')
    assert refusal(tmp_path, broken) == ("a value holds whole rows: a quote is missing or too many (row 6)")


def test_an_index_column_is_left_out_and_said(tmp_path: Path) -> None:
    indexed = "," + HEADER + "".join(f"{place},{row}\n" for place, row in enumerate(ROWS))
    read = Read(tmp_path, indexed)
    assert list(read.frame.columns) == ["id", "arrived", "source", "won"]
    assert read.notes == ("Its first column has no name and only numbers the rows; it is left out.",)


def test_a_column_of_codes_without_a_name_is_asked_for(tmp_path: Path) -> None:
    named = "," + HEADER + "".join(f"A-{place},{row}\n" for place, row in enumerate(ROWS))
    assert refusal(tmp_path, named) == "no name in the header for column 1; name or drop it"


@pytest.mark.parametrize(
    ("header", "row", "note"),
    [
        ("id,,source,won", "{},,Web,yes", "Column 2 has no name and no values, and is left out."),
        (",id,,source,won,", ",{},,Web,yes,", "Columns 1, 3 have no name and no values, and are left out."),
    ],
)
def test_blank_columns_are_left_out_and_said(tmp_path: Path, header: str, row: str, note: str) -> None:
    read = Read(tmp_path, header + "\n" + "".join(f"{row.format(number)}\n" for number in range(40)))
    assert list(read.frame.columns) == ["id", "source", "won"]
    assert read.frame.iloc[7].tolist() == ["7", "Web", "yes"]
    assert read.notes == (note,)


def test_a_blank_column_that_holds_a_value_far_below_is_asked_for(tmp_path: Path) -> None:
    rows = ["A-{},,Web,yes"] * 2000
    rows[1900] = "A-{},odd,Web,yes"
    text = "id,,source,won\n" + "".join(f"{row.format(number)}\n" for number, row in enumerate(rows))
    (tmp_path / "leads.csv").write_text(text)
    with pytest.raises(TableRefused, match="no name in the header for column 2; name or drop it"):
        read_table(str(tmp_path / "leads.csv"))
    file = open_csv(tmp_path / "leads.csv", "leads.csv")
    wrong = [number for number, row in file.rows() if file.trouble(row)]
    assert wrong == [1902]


@pytest.mark.parametrize("row", ["A-7,odd,Web", "A-7,,Web", "A-7,Web,yes,,,", "A-7,Web,yes"])
def test_a_row_that_lacks_cells_of_a_table_with_a_blank_column_is_refused(tmp_path: Path, row: str) -> None:
    rows = [f"A-{number},,Web,yes" for number in range(40)]
    (tmp_path / "leads.csv").write_text("\n".join(["id,,source,won", *rows, row, *rows, ""]))
    file = open_csv(tmp_path / "leads.csv", "leads.csv")
    assert [number for number, cells in file.rows() if file.trouble(cells)] == [42]
    with pytest.raises(TableRefused):
        read_table(str(tmp_path / "leads.csv"))


def test_columns_of_one_name_are_told_apart_and_said(tmp_path: Path) -> None:
    read = Read(tmp_path, "Name,id,Name,Name (2),Name\na,1,b,c,d\ne,2,f,g,h\n")
    assert list(read.frame.columns) == ["Name", "id", "Name (3)", "Name (2)", "Name (4)"]
    assert read.notes[0] == 'Several columns are called "Name"; one of them is read as "Name (3)".'


def test_what_databases_write_for_null_is_nothing(tmp_path: Path) -> None:
    assert Read(tmp_path, 'a,b\n1,\\N\n2,"\\N"\n').frame["b"].isna().all()


@pytest.mark.parametrize(
    "rows",
    [
        ["1,2025-01-02,Web,yes", "2,2025-01-03,Fair,no"],
        ["jo@x.de,Web,yes", "al@y.de,Fair,no"],
        ["7,Web,3.5,yes", "8,Web,4.5,yes", "9,Fair,1.0,no", "10,Web,3.5,yes"],
    ],
)
def test_a_file_without_a_header_is_told(tmp_path: Path, rows: list[str]) -> None:
    assert refusal(tmp_path, "\n".join(rows)).startswith("its first row looks like a lead")


@pytest.mark.parametrize("header", ["1,2,3", "2019,2020,2021", "a,b,c", "Q1,Q2,id"])
def test_a_header_of_numbers_is_one(tmp_path: Path, header: str) -> None:
    assert list(Read(tmp_path, f"{header}\n5,6,7\n8,9,10\n").frame.columns) == header.split(",")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"<html><body><table><tr><td>a</td></tr></table>", "a web page (HTML)"),
        (b"\xef\xbb\xbf\n<TABLE border=1><tr><th>a", "a web page (HTML)"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "an Excel workbook of 2003"),
        (b"<?xml version='1.0'?><leads/>", "XML"),
        (b'[\n {"a": 1}]', "JSON"),
        (b'{"a":1}\n{"a":2}\n', "JSON"),
        (b"{\\rtf1 leads}", "a text document (RTF)"),
        (b"-- MySQL dump 10\n\nDROP TABLE IF EXISTS leads;\n", "SQL"),
        (b"BEGIN:VCARD\nVERSION:3.0\n", "contact cards"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"\x1f\x8b\x08", "not whole gzip"),
    ],
)
def test_what_is_no_csv_is_named(tmp_path: Path, text: bytes, what: str) -> None:
    assert what in refusal(tmp_path, text)
