"""Rows that repeat the header."""

from pathlib import Path

from tests.features.tables.reading import HEADER, TABLE, Read


def test_the_header_again_where_files_were_put_together_is_left_out_and_said(tmp_path: Path) -> None:
    once = Read(tmp_path, TABLE + HEADER + "21,2025-01-21,Web,True\n")
    assert once.frame["id"].tolist() == [str(number) for number in range(1, 22)]
    assert once.frame.index.tolist() == [*range(2, 22), 23]
    assert once.notes == ("Row 22 repeats the header, as in files that were put together; it is left out.",)
    twice = Read(tmp_path, TABLE + "\ufeff" + TABLE.replace("\n1,", "\n101,") + HEADER)
    assert len(twice.frame) == 40
    assert twice.notes == ("Rows 22, 43 repeat the header, as in files that were put together; they are left out.",)


def test_a_row_that_holds_one_of_the_names_is_no_header(tmp_path: Path) -> None:
    read = Read(tmp_path, TABLE + "id,2025-01-21,source,won\n")
    assert (len(read.frame), read.notes) == (21, ())
