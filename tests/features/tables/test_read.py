"""read_table: what is read as people meant it, and what is refused, with which words."""

import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import Problem, TableRefused, missing_columns
from features.tables.csv import read_csv
from features.tables.formula_guard import unguarded
from features.tables.read import read_table


def read(folder: Path, data: bytes | str, name: str = "leads.csv") -> pd.DataFrame:
    place = folder / name
    place.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(str(place))


def refusal(folder: Path, data: bytes | str, name: str = "leads.csv") -> str:
    with pytest.raises(TableRefused) as refused:
        read(folder, data, name)
    return str(refused.value).replace(str(folder / name), "T")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    frame = read(tmp_path, f"age{delimiter}income\n41{delimiter}1.5\n")
    assert frame.to_dict("list") == {"age": ["41"], "income": ["1.5"]}


@pytest.mark.parametrize("rows", [1, 100])
def test_a_decimal_comma_does_not_hide_the_semicolon(tmp_path: Path, rows: int) -> None:
    assert list(read(tmp_path, "name;amount\n" + "x;1,5\n" * rows)["amount"]) == ["1,5"] * rows


def test_excel_may_name_its_delimiter_in_a_line_of_its_own(tmp_path: Path) -> None:
    frame = read(tmp_path, "sep=;\r\na;b\r\n1;2\r\n")
    assert frame.to_dict("index") == {3: {"a": "1", "b": "2"}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1251"])
def test_the_encoding_is_found_and_its_mark_does_not_stick_to_the_first_name(tmp_path: Path, encoding: str) -> None:
    frame = read(tmp_path, "имя;город\nИван;Минск\nЖанна;Дубна\n".encode(encoding))
    assert frame.to_dict("list") == {"имя": ["Иван", "Жанна"], "город": ["Минск", "Дубна"]}


def test_western_text_of_one_byte_a_letter_is_read(tmp_path: Path) -> None:
    assert list(read(tmp_path, "name,ort\nMüller,Köln\n".encode("latin-1")).iloc[0]) == ["Müller", "Köln"]


def test_rows_are_numbered_as_a_spreadsheet_does_and_empty_ones_passed_over(tmp_path: Path) -> None:
    frame = read(tmp_path, 'a,b\n1,"x\ny"\n\n3,\n,\n5,6\n\n')
    assert list(frame.index) == [2, 4, 6]
    assert list(frame["a"]) == ["1", "3", "5"]
    assert list(frame["b"].isna()) == [False, True, False]


def test_a_delimiter_at_the_end_of_every_line_makes_no_column(tmp_path: Path) -> None:
    assert list(read(tmp_path, "a;b;\n1;2;\n").columns) == ["a", "b"]


def test_thousands_of_columns_are_read(tmp_path: Path) -> None:
    header = ",".join(f"c{place}" for place in range(3000))
    assert read(tmp_path, f"{header}\n1{',' * 2999}\n").shape == (1, 3000)


def test_every_ragged_row_is_named_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n9\n1,2,3\n1,2")
    assert message.splitlines() == [
        "T:",
        "  1 value where the header has 3 (row 5)",
        "  2 values where the header has 3; the file may be cut off (2 rows: 3, 7)",
        "  4 values where the header has 3 (row 4)",
    ]


def test_many_bad_rows_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a,b\n" + "1\n" * 1000 + "1,2\n") == (
        "T: 1 value where the header has 2 (1,000 rows: 2, 3, 4, 5, 6, 7, 8, 9 …)"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "T: the file is empty"),
        (b"\xef\xbb\xbf", "T: the file is empty"),
        (b" \n\n", "T: the file is empty"),
        (b"a,b\n", "T: there is not a single row below the header"),
        (b",a\n1,2\n", "T: no name in the header for column 1; name or drop it"),
        (b'a,b,c\n1,2,3\n1,2,"cut of', "T: a quoted value that is never closed begins here (row 3)"),
        (
            b'a,b,c\n1,2,"x\n2,3,4\n5,6,7\n8,9,"\n',
            "T: a value holds whole rows: a quote is missing or too many (row 2)",
        ),
        (
            b"a,b\n" + "Müller,Köln\n".encode() * 30 + b"M\xfcller,x\n",
            "T: the text is not valid UTF-8, first in line 32; save it as UTF-8 again",
        ),
        (
            b"PK\x03\x04rest",
            "T: this is an Excel workbook or a zip archive that cannot be read; save it as CSV or Parquet",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", "T: this is a binary file, not text; save it as CSV or Parquet"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(tmp_path: Path, data: bytes, message: str) -> None:
    assert refusal(tmp_path, data) == message


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="there is no such file"):
        read_table(str(tmp_path / "leads.csv"))


def test_parquet_keeps_its_types_and_counts_from_one(tmp_path: Path) -> None:
    pd.DataFrame({"age": [41, 42], "job": ["x", None]}).to_parquet(tmp_path / "leads.parquet")
    frame = read_table(str(tmp_path / "leads.parquet"))
    assert list(frame.index) == [1, 2]
    assert frame["age"].dtype == "int64"


@pytest.mark.parametrize("data", [b"", b"PAR1 and then nothing", b"hello"])
def test_parquet_that_is_not_whole_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "the file is" in refusal(tmp_path, data, "leads.parquet")


@pytest.fixture
def database(tmp_path: Path) -> str:
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.executescript("CREATE TABLE leads (id, job); INSERT INTO leads VALUES (7, 'x'), (8, NULL)")
    connection.close()
    return f"sqlite:///{tmp_path / 'crm.db'}"


def test_a_query_is_read(database: str) -> None:
    assert read_table(database, "SELECT * FROM leads")["id"].to_dict() == {1: 7, 2: 8}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (None, "a database needs a query"),
        ("SELECT * FROM nope", "no such table: nope"),
        ("DELETE FROM leads", "begin it with SELECT or WITH"),
        ("WITH x AS (SELECT 1) DELETE FROM leads", "readonly"),
        (
            "SELECT a.id, b.id FROM leads a, leads b",
            "column 'id': the name stands in the header more than once",
        ),
    ],
)
def test_a_query_that_does_not_read_one_table_is_refused(database: str, query: str | None, message: str) -> None:
    with pytest.raises(TableRefused, match=message):
        read_table(database, query)
    assert len(read_table(database, "SELECT * FROM leads")) == 2


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="there is no such file"):
        read_table(f"sqlite:///{tmp_path / 'new.db'}", "SELECT 1")
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("url", ["postgresql://bob:s3cret@localhost:1/crm?password=zzz", "foo://bob:s3cret@x/y"])
def test_no_message_says_a_password(url: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read_table(url, "SELECT 1")
    assert not any(secret in str(refused.value) for secret in ("s3cret", "zzz", "bob"))


def test_a_column_that_is_not_there_gets_the_names_that_come_close() -> None:
    frame = pd.DataFrame({"Created At": ["x"], "age": ["1"]})
    assert missing_columns(frame.columns, ["age", "created_at"]) == [
        Problem("there is no such column; did you mean 'Created At'?", "created_at")
    ]


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_whatever_pandas_writes_is_read_back(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    written = pd.DataFrame(rows, columns=["one", "two", "three"])
    data = written.to_csv(index=False, sep=delimiter, quoting=1).encode()
    meant = [[unguarded(cell) for cell in row] for row in rows]  # '= is what a guarded = looks like
    assert read_csv(data, "T").to_numpy().tolist() == meant
