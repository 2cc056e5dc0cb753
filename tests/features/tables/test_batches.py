"""A table read in batches is the table read whole: rows, their numbers, notes and problems."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from features.errors import TableRefused
from features.tables import batches, csv_batches
from features.tables.batches import open_batches
from features.tables.read import notes_of, read_table

ROWS = "".join(f"L-{number},2026-01-{number % 28 + 1:02d},ads,{number}\n" for number in range(1, 400))
TABLE = "lead_id,created_at,source,amount\n" + ROWS
FILES = {
    "plain": TABLE,
    "a mark and a title": "\ufeffLeads of 2026\n\n" + TABLE,
    "CRLF and semicolons": TABLE.replace(",", ";").replace("\n", "\r\n"),
    "a footer": TABLE + "\nTotal,,,79800\nConfidential\n",
    "blank rows and repeated headers": TABLE.replace("\nL-50,", "\n,,,\n\nlead_id,created_at,source,amount\nL-50,"),
    "guarded cells": TABLE.replace(",7\n", ",'=7\n").replace("L-9,", "'-9,"),
    "quoted values of several lines": TABLE.replace("ads,9\n", '"a, b\nc ""d""",9\n'),
    "delimiters at the end": TABLE.replace("\n", ",,\n"),
    "an index without a name": ",lead_id,source\n" + "".join(f"{n},L-{n},ü\n" for n in range(300)),
    "one column": "lead_id\n" + "".join(f"L-{number}\n" for number in range(300)),
    "wide, narrow and cut off": TABLE.replace("\nL-70,", "\nL-0,1\n1,2,3,4,5\nL-70,") + "L-400,20",
    "an open quote": TABLE.replace("\nL-300,", '\n"L-300,'),
    "rows held by quotes": TABLE.replace("\nL-300,2026", '\nL-300,"2026').replace(
        "\nL-310,2026-01-03", '\nL-310,2026-01-03"'
    ),
    "filled under no name": TABLE.replace("\n", ",,\n").replace(
        "L-90,2026-01-07,ads,90,,", "L-90,2026-01-07,ads,90,x,"
    ),
    "names that repeat": TABLE.replace("source,amount", "source,source"),
    "no header": ROWS,
    "no row": "lead_id,created_at\n\n",
    "nothing": "  ",
    "latin": TABLE.replace("ads", "Müller"),
}


def read_whole(path: Path) -> tuple[list[list[object]], list[int], list[str], str]:
    try:
        table = read_table(str(path))
    except TableRefused as refused:
        return [], [], [], str(refused)
    return table.astype(object).fillna("").to_numpy().tolist(), table.index.tolist(), list(notes_of(table)), ""


def read_in_batches(path: Path) -> tuple[list[list[object]], list[int], list[str], str]:
    try:
        table = open_batches(str(path))
        frames = [*table.frames]
    except TableRefused as refused:
        return [], [], [], str(refused)
    if table.problems:
        return [], [], [], str(TableRefused(table.problems, str(path)))
    frame = pd.concat(frames)
    return frame.astype(object).fillna("").to_numpy().tolist(), frame.index.tolist(), list(table.notes), ""


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("is_packed", [False, True])
def test_csv_is_read_alike(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, is_packed: bool) -> None:
    monkeypatch.setattr(csv_batches, "BATCH_BLOCKS", 1)
    monkeypatch.setattr(csv_batches.CsvRows, "__init__", _with_small_blocks(csv_batches.CsvRows.__init__))
    path = tmp_path / ("leads.csv.gz" if is_packed else "leads.csv")
    data = FILES[name].encode("latin-1" if name == "latin" else "utf-8")
    path.write_bytes(gzip.compress(data) if is_packed else data)
    whole = read_whole(path)
    assert read_in_batches(path) == whole
    assert whole[0] or whole[3]


def _with_small_blocks(init):  # type: ignore[no-untyped-def]
    """Blocks of 2 kB where the file is read in batches: a tenth of the table each."""

    def small(self, *parts, **named):  # type: ignore[no-untyped-def]
        init(self, *parts, **{"block_bytes": 1 << 11, **named})

    return small


def test_parquet_is_read_alike(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 90)
    path = tmp_path / "leads.parquet"
    frame = pd.DataFrame(
        {"lead_id": range(400), "age": [None, 41.5] * 200, "calls": pd.array([1, None] * 200, "Int64")}
    )
    frame.to_parquet(path, index=False)
    assert read_in_batches(path) == read_whole(path)
    (tmp_path / "half.parquet").write_bytes(path.read_bytes()[:900])
    assert "whole Parquet" in read_in_batches(tmp_path / "half.parquet")[3]


def test_a_file_that_is_not_there_or_not_whole_is_refused(tmp_path: Path) -> None:
    assert "no such file" in read_in_batches(tmp_path / "none.csv")[3]
    (tmp_path / "leads.csv.gz").write_bytes(gzip.compress(TABLE.encode())[:-20])
    assert "not whole gzip" in read_in_batches(tmp_path / "leads.csv.gz")[3]


def test_a_row_longer_than_a_block_names_where_it_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(TABLE + 'L-400,2026-01-01,"' + "x" * 2_500_000 + '",1\n' + ROWS)
    assert "a row is longer than 1 MB: a quote is missing or too many" in read_in_batches(path)[3]
