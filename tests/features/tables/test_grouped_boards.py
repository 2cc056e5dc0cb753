"""Boards that are exported in groups, and headers of two rows: told and left out, or refused with the row to mend."""

from pathlib import Path

import pytest

from features.tables.csv_stream import open_csv
from features.tables.read import notes_of, read_table
from tests.features.tables.reading import TABLE, Read, refusal
from tests.features.tables.test_workbook import workbook

HEADER = ("Name", "Stage", "Deal Value", "Created")
GROUPS = (("Active Deals", "Won"), ("Closed Deals", "Lost"), ("Later", "New"))


def board(groups: tuple[tuple[str, str], ...] = GROUPS, size: int = 12) -> list[list[object]]:
    """A board as monday.com exports it: its name, then for each group a title, the header, its deals and their sums."""
    rows: list[list[object]] = [["Deals", "", "", ""]]
    for place, (title, stage) in enumerate(groups):
        rows += [[title, "", "", ""], list(HEADER)]
        rows += [[f"Firm {place} {n}", stage, 100 * n, f"2025-0{place + 1}-{n + 1:02}"] for n in range(size)]
        rows += [["", "", 100 * size, ""], ["", "", "", ""]]
    return rows


def as_csv(rows: list[list[object]]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize("ragged", [False, True])
def test_titles_and_sums_of_groups_are_no_leads(tmp_path: Path, *, ragged: bool) -> None:
    text = as_csv(board())
    if ragged:  # titles are written without the commas behind them
        text = "\n".join(line.rstrip(",") if ",,," in line else line for line in text.splitlines()) + "\n"
    read = Read(tmp_path, text)
    assert len(read.frame) == 36
    assert set(read.frame["Stage"]) == {"Won", "Lost", "New"}
    assert "Titles and sums of groups stand between the rows (16, 18, 32, 34); they are left out." in read.notes
    assert any(note.startswith("Row 48 stands below the table") for note in read.notes)


def test_a_group_without_sums_or_without_a_title_is_one_too(tmp_path: Path) -> None:
    for left_out in ("Closed Deals,,,", ",,1200,"):
        text = as_csv(board()).replace(f"{left_out}\n", "")
        assert len(Read(tmp_path, text).frame) == 36


def test_groups_of_a_large_board_are_found_at_the_borders_of_batches(tmp_path: Path) -> None:
    groups = tuple((f"Group {place}", "Won") for place in range(9)) * 40
    text = as_csv(board(groups, 300))
    assert len(Read(tmp_path, text).frame) == 9 * 40 * 300


def test_a_lead_with_a_name_alone_is_a_lead_where_no_header_is_repeated(tmp_path: Path) -> None:
    rows = [*board((("Active Deals", "Won"),))[2:8], ["Just a name", "", "", ""], ["Firm 9", "Won", 5, "2025-02-01"]]
    read = Read(tmp_path, as_csv(rows))
    assert "Just a name" in set(read.frame["Name"])


def test_a_workbook_is_read_as_its_csv_is(tmp_path: Path) -> None:
    place = tmp_path / "board.xlsx"
    place.write_bytes(workbook({"deals": board()}, merged="A1:D1"))
    frame = read_table(str(place))
    assert len(frame) == 36
    assert len(dict(open_csv(place, "board.xlsx").rows())) == 36


TOP = "Lead,,Origin,\n"


def test_a_row_above_the_header_that_names_groups_of_columns_is_left_out(tmp_path: Path) -> None:
    read = Read(tmp_path, TOP + TABLE)
    assert list(read.frame.columns) == ["id", "arrived", "source", "won"]
    assert read.frame.index[0] == 3
    assert read.notes == ("Row 1 names groups of columns, above the header in the next row; left out.",)


def test_such_a_row_may_be_merged_in_a_workbook(tmp_path: Path) -> None:
    place = tmp_path / "leads.xlsx"
    rows = [line.split(",") for line in (TOP + TABLE).splitlines()]
    place.write_bytes(workbook({"leads": rows}, merged="A1:B1"))
    frame = read_table(str(place))
    assert list(frame.columns) == ["id", "arrived", "source", "won"]
    assert "Row 1 names groups of columns" in notes_of(frame)[0]


def test_a_header_that_lacks_names_above_leads_is_still_refused(tmp_path: Path) -> None:
    text = "id,,source,\n" + TABLE.partition("\n")[2]
    assert "no name in the header for column 2, 4; name or drop it" in refusal(tmp_path, text)


def test_below_such_a_row_a_column_may_be_blank(tmp_path: Path) -> None:
    spaced = "".join(f"{left},,{right}\n" for left, _, right in (line.rpartition(",") for line in TABLE.splitlines()))
    read = Read(tmp_path, "Lead,,,Origin,\n" + spaced)
    assert list(read.frame.columns) == ["id", "arrived", "source", "won"]
    assert set(read.frame["won"]) == {"True", "False"}
