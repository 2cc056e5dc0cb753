"""Cells read a column at once give the facts that each gives by itself, whatever stands in them."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.config import check_config
from features.tables.fact_reader import FactReader
from features.tables.import_tables import FactTable, check, open_tables

TIMES = [
    *(
        "2026-11-02",
        "2026-11-02T01:00:00Z",
        "2026-11-02 01:00",
        "2026-11-02T01:00:00.123456Z",
        "2026-11-02T01:00+05:30",
    ),
    *("2026-02-30", "1899-12-31", "1900-01-01", "2199-12-31T23:59:59Z", "2200-01-01", "02.11.2026", "Nov 2, 2026"),
    *("2026-11-02T01:00:00.5Z", " 2026-11-02", "", "soon", "N/A", "2026-11-02T24:00:00Z", "1767225600"),
]
TEXTS = [
    "7",
    "8.0",
    "-8.00",
    "08.0",
    " a  b ",
    "a\u00a0b",
    "é",
    "N/A",
    "",
    " ",
    r"\N",
    "x" * 200,
    "x" * 201,
    "a\0",
    "a\nb",
    "'",
]
NUMBERS = [
    "1",
    "-1",
    "1.50",
    "-0",
    "1e3",
    "1,5",
    "1.234,50",
    "€ 12",
    "inf",
    "nan",
    "",
    "999",
    "N/A",
    "00.10",
    "12k",
    "x",
]
WORDS = ["yes", "No", "1", "0.0", "true", "maybe", "", "in", "Outbound", "won", "LOST", "open", "Ja"]
HEADERS = {
    "leads": ("lead_id", "created_at", "source", "campaign", "value", "own"),
    "contacts": ("lead_id", "started_at", "agent", "direction", "connected", "duration_s", "again_at"),
    "outcomes": ("lead_id", "at", "status", "value", "reason", "reported_at"),
    "spend": ("date", "source", "campaign", "amount"),
}
CELLS = {
    **dict.fromkeys(("created_at", "started_at", "again_at", "at", "reported_at", "date"), TIMES),
    **dict.fromkeys(("lead_id", "source", "campaign", "agent", "reason", "own"), TEXTS),
    **dict.fromkeys(("value", "duration_s", "amount"), NUMBERS),
    **dict.fromkeys(("direction", "connected", "status"), WORDS),
}
CONFIG = {
    "leads": {
        "table": "leads.csv",
        "id": "lead_id",
        "created_at": "created_at",
        "source": "source",
        "value": "value",
        "decimal": ",",
        "date_format": "%d.%m.%Y",
    },
    "outcome": {
        "table": "outcomes.csv",
        "id": "lead_id",
        "column": "status",
        "won": ["Ja"],
        "lost": ["No"],
        "at": "at",
    },
    "contacts": {"table": "contacts.csv", "id": "lead_id", "started_at": "started_at"},
    "fields": {"source": {"kind": "category", "missing": ["N/A"]}},
}


def tables(folder: Path, *, configured: bool) -> dict[str, FactTable]:
    for kind, header in HEADERS.items():
        (folder / f"{kind}.csv").write_text(",".join(header) + "\n" + ",".join(["1"] * len(header)) + "\n")
    config = check_config(CONFIG, folder / "scoring.toml") if configured else None
    return {table.kind: table for table in open_tables(folder, config)}


def facts(table: FactTable, rows: list[list[str]], *, by_row: bool) -> tuple[list[str], dict[object, list[int]]]:
    """The facts of rows, and what is wrong with them; a row that is too short has all of them read one by one."""
    given_rows = [*rows, ["short"]] if by_row else rows
    reader = FactReader(table.file, table.columns, table.fields if table.kind == "leads" else None)
    batch, kept = reader.read([*range(len(given_rows))], given_rows)
    assert len(batch) == len(kept)
    return [repr(fact) for fact in batch.facts()], {
        what: found for what, found in reader.problems.items() if what[1] is not None
    }


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "by scoring.toml"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, FactTable]:
    return tables(tmp_path_factory.mktemp("tables"), configured=request.param)


@pytest.mark.parametrize("kind", HEADERS)
def test_each_cell_is_read_as_it_is_by_itself(opened: dict[str, FactTable], kind: str) -> None:
    table = opened[kind]
    plain = {name: next(cell for cell in CELLS[name] if not refused(table, name, cell)) for name in HEADERS[kind]}
    rows = [[*(plain | {name: cell}).values()] for name in HEADERS[kind] for cell in CELLS[name]]
    fine = [row for row in rows if not facts(table, [row], by_row=True)[1]]
    assert len(fine) > len(rows) / 3

    assert facts(table, fine, by_row=False) == facts(table, fine, by_row=True)
    assert facts(table, rows, by_row=False) == facts(table, rows, by_row=True)


def refused(table: FactTable, name: str, cell: str) -> bool:
    """Whether a cell alone cannot be what a column holds."""
    column = next((column for column in table.columns if column.header == name), None)
    if column is None:
        return False
    try:
        return column.read(cell) is None
    except ValueError:
        return True


@given(st.data())
def test_any_rows_are_read_alike_in_columns_and_one_by_one(opened: dict[str, FactTable], data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*HEADERS]))
    cells = st.tuples(*(st.sampled_from(CELLS[name]) for name in HEADERS[kind]))
    rows = [list(row) for row in data.draw(st.lists(cells, min_size=1, max_size=4))]
    assert facts(opened[kind], rows, by_row=False) == facts(opened[kind], rows, by_row=True)


def test_many_cells_of_a_column_are_read_as_few_are(opened: dict[str, FactTable]) -> None:
    table = opened["contacts"]
    mark = "," if any("comma" in column.accepted for column in table.columns) else "."
    rows = [[f"{n}", "2026-11-02", f"a{n}", "in", "yes", f"{n}{mark}5" if n % 3 else "", ""] for n in range(1, 400)]
    many, problems = facts(table, rows, by_row=False)
    assert (many, problems) == ([facts(table, [row], by_row=True)[0][0] for row in rows], {})


def test_a_batch_with_a_bad_row_names_that_row_alone(tmp_path: Path) -> None:
    with (tmp_path / "leads.csv").open("w", newline="") as file:
        rows = [[str(number), "note\nof two lines"] for number in range(1, 12_000)]
        rows[10_500] = ["", "x"]
        csv.writer(file).writerows([["lead_id", "note"], *rows])
    (table,) = open_tables(tmp_path, None)
    with pytest.raises(Exception, match=r"column 'lead_id': has no value \(row 10502\)"):
        check(table, lambda *_: None)
