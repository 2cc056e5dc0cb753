"""A file read row by row has the cells, row numbers and troubles that `read_csv` finds in it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import TableRefused
from features.tables.csv import read_csv
from features.tables.csv_stream import CsvFile, open_csv


def opened(folder: Path, data: bytes | str) -> CsvFile:
    place = folder / "leads.csv"
    place.write_bytes(data.encode() if isinstance(data, str) else data)
    return open_csv(place, "leads.csv")


def refusal(folder: Path, data: bytes | str) -> str:
    with pytest.raises(TableRefused) as refused:
        list(opened(folder, data).rows())
    return str(refused.value)


FILES = {
    "plain": "a,b\n1,2\n3,4\n",
    "a mark and semicolons": "\ufeffa;b\r\n1;2\r\n",
    "a delimiter named": "sep=;\r\na;b\r\n1;2\r\n",
    "a title above the header": "Leads\nof 2026\n\na,b,c\n1,2,3\n4,5,6\n",
    "empty rows and cells": 'a,b\n1,"x\ny"\n\n3,\n,\n5,6\n\n',
    "a delimiter at each end": "a;b;\n1;2;\n3;;\n",
    "guarded cells": "a,'=b\n'+44 20,''=1\nO'Neill,'x\n",
    "quotes": 'a,b\n"say ""hi""","1,5"\n',
    "no newline at the end": "a,b\n1,2",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_it_is_read_as_a_whole_file_is(tmp_path: Path, text: str) -> None:
    file, frame = opened(tmp_path, text), read_csv(text.encode(), "t")

    rows = dict(file.rows())

    assert list(file.header) == list(frame.columns)
    assert list(rows) == list(frame.index)
    assert [list(row) for row in rows.values()] == frame.fillna("").to_numpy().tolist()
    assert [file.trouble(row) for row in rows.values()] == [None] * len(rows)


CELLS = st.text(st.sampled_from("ab'=+-\"\n\r, ;0é"), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=6))
def test_any_cells_are_read_as_from_a_whole_file(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["a", "b"], *rows]]
    text = "\n".join(quoted)

    frame = read_csv(text.encode(), "t").fillna("")

    read = dict(opened(tmp_path_factory.getbasetemp(), text).rows())
    assert read == {at: row for at, row in zip(frame.index, frame.to_numpy().tolist(), strict=True)}  # noqa: C416


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_other_encodings_are_read_too(tmp_path: Path, encoding: str) -> None:
    rows = list(opened(tmp_path, "имя;город\nИван;Минск\nЖанна;Дубна\n".encode(encoding)).rows())
    assert rows == [(2, ["Иван", "Минск"]), (3, ["Жанна", "Дубна"])]


def test_rows_of_another_width_and_rows_in_a_cell_are_told(tmp_path: Path) -> None:
    file = opened(tmp_path, 'a,b,c\n1,2\n1,2,3\n1,2,3,4\n"1\n2,3,4\n5",6,7\n')
    assert [(at, file.trouble(row)) for at, row in file.rows()] == [
        (2, "2 values where the header has 3"),
        (3, None),
        (4, "4 values where the header has 3"),
        (5, "a value holds whole rows: a quote is missing or too many"),
    ]


def test_a_quote_that_is_never_closed_is_refused_where_it_begins(tmp_path: Path) -> None:
    told = "leads.csv: a quoted value that is never closed begins here (row 3)"
    assert refusal(tmp_path, 'a,b\n1,2\n"3,4\n5,6\n') == told
    assert refusal(tmp_path, 'a,b\n1,2\n"3,4\n' + "5,6\n" * 50_000) == told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "the file is empty"),
        ("a,,b\n1,2,3\n", "no name in the header for column 2"),
        (b"PK\x03\x04\x00\x00\xff", "an Excel workbook"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes | str, told: str) -> None:
    assert told in refusal(tmp_path, data)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="there is no such file"):
        open_csv(tmp_path / "none.csv", "none.csv")
