"""parse_leads: a raw table becomes columns, or every problem it has at once."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import Problem, TableRefused
from features.lead_table import MEND_TIMES, LeadTable, ids_of, one_lead, parse_column, parse_leads
from features.schema import Field, LeadSchema
from features.tables.read import read_table
from features.values import Kind, Known
from tests.features.companies import Company, companies

NOT_ISO = f"is not an ISO 8601 time such as 2026-11-02T09:30:00Z; {MEND_TIMES} in [leads] of scoring.toml"
SCHEMA = LeadSchema(
    (
        Field("age", Kind.NUMERIC, missing=("999",)),
        Field("job", Kind.CATEGORY),
        Field("utm", Kind.CATEGORY, missing=("Select",)),
        Field("deal", Kind.NUMERIC, Known.LATER),
    ),
    id="id",
    created_at="at",
    source="utm",
)


def raw(**columns: list[object]) -> pd.DataFrame:
    """Three sound leads, rows 2 to 4 of a CSV, with some columns replaced."""
    sound: dict[str, list[object]] = {
        "id": ["a", "b", "c"],
        "at": ["2026-01-01", "2026-01-02T10:00Z", "2026-01-03"],
        "age": ["30", None, "999.0"],
        "job": ["dev", "ops", "dev"],
        "utm": ["ads", "Select", "mail"],
        "deal": ["1", "x", None],
    }
    return pd.DataFrame(sound | columns).set_axis([2, 3, 4])


def problems(frame: pd.DataFrame, schema: LeadSchema = SCHEMA) -> tuple[Problem, ...]:
    with pytest.raises(TableRefused) as refused:
        parse_leads(frame, schema)
    return refused.value.problems


def test_columns_are_parsed_and_roles_found() -> None:
    leads = parse_leads(raw(), SCHEMA)
    assert leads.lead_id.tolist() == ["a", "b", "c"]
    assert leads.created_at is not None
    assert leads.created_at.astype(str).tolist() == [
        "2026-01-01T00:00:00.000000",
        "2026-01-02T10:00:00.000000",
        "2026-01-03T00:00:00.000000",
    ]
    assert {name: [column[row] for row in range(3)] for name, column in leads.fields.items()} == {
        "age": [30.0, None, None],
        "job": ["dev", "ops", "dev"],
        "utm": ["ads", None, "mail"],
    }
    assert leads.source == leads.fields["utm"]
    assert leads.campaign is None


def test_leads_are_taken_in_the_order_asked_for() -> None:
    leads = parse_leads(raw(), SCHEMA).take(np.array([2, 0]))
    assert (len(leads), leads.lead_id.tolist()) == (2, ["c", "a"])
    assert [leads.fields["job"][0], leads.fields["age"][1]] == ["dev", 30.0]
    assert one_lead(leads, 0, SCHEMA) == SCHEMA.parse(
        "c", {"job": "dev", "age": None}, created_at="2026-01-03", source="mail"
    )


def test_every_problem_is_named_at_once_with_its_rows() -> None:
    frame = raw(id=["a", "a", None], at=["soon", None, "2026-01-03"], age=["thirty", "40", "n/a"]).drop(columns="job")
    assert problems(frame.rename(columns={"utm": "UTM"})) == (
        Problem("there is no such column; did you mean 'UTM'?", "utm"),
        Problem("there is no such column; the table has 'id', 'at', 'age', 'UTM', 'deal'", "job"),
        Problem("has no value; every lead needs an id", "id", (4,)),
        Problem("the same id stands on several rows; an id names one lead", "id", (2, 3)),
        Problem(NOT_ISO, "at", (2,)),
        Problem("has no value; every lead needs its arrival time", "at", (3,)),
        Problem("is not a number", "age", (2, 4)),
    )


def test_a_refusal_reads_well() -> None:
    with pytest.raises(TableRefused) as refused:
        parse_leads(raw(age=["x", "1", "2"], id=["a", "a", "b"]), SCHEMA)
    assert str(refused.value).splitlines() == [
        "",
        "  column 'id': the same id stands on several rows; an id names one lead (2 rows: 2, 3)",
        "  column 'age': is not a number (row 2)",
    ]


def test_a_column_that_is_field_and_role_is_complained_of_once() -> None:
    schema = replace(SCHEMA, fields=(Field("at", Kind.DATETIME),))
    assert problems(raw(at=["x", "2026-01-01", "y"]), schema) == (
        Problem(
            NOT_ISO,
            "at",
            (2, 4),
        ),
    )


def test_a_time_that_is_none_is_refused_with_what_to_do_where() -> None:
    schema = replace(SCHEMA, fields=(Field("Last visit", Kind.DATETIME),))
    (problem,) = problems(raw(**{"Last visit": ["soon", None, None]}), schema)
    assert problem.detail.endswith(f'; {MEND_TIMES} in [fields."Last visit"] of scoring.toml')


def test_a_problem_says_how_this_company_writes() -> None:
    schema = replace(SCHEMA, decimal=",", date_format="%d.%m.%Y")
    found = problems(raw(age=["1,234.5", "1.234,5", None], at=["31.12.2025", "12/31/2025", "1.1.2026"]), schema)
    assert [(problem.detail, problem.rows) for problem in found] == [
        (
            "is not a time written as %d.%m.%Y, or an ISO 8601 time such as 2026-11-02T09:30:00Z; mend or empty these "
            'cells, or say how the column is written, such as date_format = "%d/%m/%Y", in [leads] of scoring.toml',
            (3,),
        ),
        ("is not a number, with a decimal comma", (2,)),
    ]


def test_what_is_known_later_is_neither_wanted_nor_read() -> None:
    assert list(parse_leads(raw().drop(columns="deal"), SCHEMA).fields) == ["age", "job", "utm"]


def test_without_an_id_column_the_row_number_names_the_lead() -> None:
    assert parse_leads(raw(), replace(SCHEMA, id=None)).lead_id.tolist() == ["2", "3", "4"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 22]),
        pd.Series([1.0, 22.0]),
        pd.Series(["1", " 22 "]),
        pd.Series(["1.0", "22.0"]),
        pd.Series([1, 22], dtype="Int64"),
        pd.Series([1, "22"], dtype=object),
        pd.Series([Decimal("1.0"), np.int64(22)], dtype=object),
        pd.Series(["1", "22"], dtype="category"),
    ],
)
def test_an_id_is_the_same_text_whatever_its_type(column: "pd.Series[int]") -> None:
    assert ids_of(column).tolist() == ["1", "22"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, None]),
        pd.Series([1, None], dtype="Int64"),
        pd.Series(["1", None], dtype="str"),
        pd.Series(["1", pd.NA], dtype="string"),
        pd.Series(["1", " "], dtype=object),
        pd.Series([1, float("nan")], dtype=object),
    ],
)
def test_an_id_that_is_not_there_is_none_and_refused_whatever_the_columns_type(column: "pd.Series[int]") -> None:
    assert ids_of(column).tolist() == ["1", None]
    schema = LeadSchema((Field("x", Kind.NUMERIC),), id="id")
    frame = pd.DataFrame({"id": column, "x": [1, 2]})
    assert problems(frame, schema) == (Problem("has no value; every lead needs an id", "id", (1,)),)


def test_ids_that_differ_in_type_alone_are_duplicates() -> None:
    assert problems(raw(id=[1, "1", 1.0])) == (
        Problem("the same id stands on several rows; an id names one lead", "id", (2, 3, 4)),
    )


def test_what_holds_several_values_is_refused_by_row() -> None:
    assert problems(raw(age=[[1], 2, {"a": 1}], job=["a", np.array([1, 2]), ["b"]])) == (
        Problem("is not a number", "age", (2, 4)),
        Problem("is not text, a number or true/false", "job", (3, 4)),
    )


def test_a_nested_parquet_file_is_refused_by_row_too(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "tags": [["a"], None], "who": [{"a": 1}, {"a": 2}]})
    pq.write_table(table, tmp_path / "leads.parquet")
    schema = LeadSchema((Field("tags", Kind.TEXT), Field("who", Kind.CATEGORY)), id="id")
    assert problems(read_table(str(tmp_path / "leads.parquet")), schema) == (
        Problem("is not text", "tags", (1,)),
        Problem("is not text, a number or true/false", "who", (1, 2)),
    )


def test_a_typed_table_is_read_as_its_text_would_be(tmp_path: Path) -> None:
    schema = LeadSchema(
        tuple(Field(kind.value, kind) for kind in (Kind.NUMERIC, Kind.FLAG, Kind.CATEGORY, Kind.DATETIME))
    )
    typed = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "numeric": pd.Series([1, None, 3], dtype="Int32"),
            "flag": pd.Series([True, None, False], dtype="boolean"),
            "category": pd.Series([7, None, 8], dtype="Int8"),
            "datetime": pd.to_datetime(["2026-01-01 00:00", None, "2026-01-02 10:00"]),
        }
    )
    typed.to_parquet(tmp_path / "leads.parquet")
    typed.to_csv(tmp_path / "leads.csv", index=False)
    tables = [parse_leads(read_table(str(tmp_path / f"leads.{ending}")), schema) for ending in ("parquet", "csv")]
    for name in tables[0].fields:
        of_parquet, of_csv = ([table.fields[name][row] for row in range(3)] for table in tables)
        assert of_parquet == of_csv


def test_whole_numbers_beyond_a_floats_precision_stay_whole_beside_missing_ones(tmp_path: Path) -> None:
    pd.DataFrame({"ad": pd.Series([120210000000000001, None], dtype="Int64")}).to_parquet(tmp_path / "leads.parquet")
    with closing(sqlite3.connect(tmp_path / "leads.db")) as database:
        database.executescript("CREATE TABLE leads (ad); INSERT INTO leads VALUES (120210000000000001), (NULL)")
    tables = [
        read_table(str(tmp_path / "leads.parquet")),
        read_table(f"sqlite:///{tmp_path / 'leads.db'}", "SELECT ad FROM leads"),
    ]
    schema = LeadSchema((Field("ad", Kind.CATEGORY),))
    assert [parse_leads(table, schema).fields["ad"].values for table in tables] == [("120210000000000001",)] * 2


def test_a_value_is_parsed_once_however_often_it_occurs() -> None:
    asked: list[object] = []

    def parse(raw: object) -> str:
        asked.append(raw)
        return str(raw)

    column, refused = parse_column(pd.Series(["a", "b", "a", None, "b"]), parse)
    assert asked == ["a", "b"]
    assert column.codes.tolist() == [0, 1, 0, -1, 1]
    assert not refused.any()


def test_the_times_of_a_column_are_in_utc() -> None:
    column = parse_leads(raw(at=["2026-01-01T02:00+02:00"] * 3), replace(SCHEMA, fields=(Field("at", Kind.DATETIME),)))
    assert column.fields["at"].times().astype(str).tolist() == ["2026-01-01T00:00:00.000000"] * 3


def hashed(**columns: list[object]) -> str:
    return parse_leads(raw(**columns), replace(SCHEMA, campaign="deal")).content_hash()


def test_the_content_hash_is_that_of_the_content_and_not_of_its_writing() -> None:
    assert hashed() == hashed()
    assert hashed(age=[30.0, "", None], at=["2026-01-01T00:00Z", "2026-01-02 11:00+01:00", "2026-01-03"]) == hashed()


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ["a", "b", "d"]},
        {"id": ["b", "a", "c"]},
        {"at": ["2026-01-01", "2026-01-02T10:00:00.000001Z", "2026-01-03"]},
        {"age": [30.000000000000004, None, None]},
        {"age": [None, "30", None]},
        {"job": ["dev", "ops", "Dev"]},
        {"job": ["dev", "ops", None]},
        {"utm": ["ads", "None", "mail"]},
        {"deal": ["1", "y", None]},
    ],
)
def test_the_content_hash_changes_with_any_value(changed: dict[str, list[object]]) -> None:
    assert hashed(**changed) != hashed()


def test_the_content_hash_changes_with_the_name_of_a_field_and_with_the_leads_taken() -> None:
    leads = parse_leads(raw(), SCHEMA)
    renamed = replace(leads, fields={{"job": "role"}.get(name, name): column for name, column in leads.fields.items()})
    assert renamed.content_hash() != leads.content_hash()
    assert leads.take(np.array([0, 1])).content_hash() != leads.content_hash()
    assert leads.take(np.array([0, 2, 1])).content_hash() != leads.content_hash()


@given(companies(), st.data())
def test_leads_taken_from_a_table_are_those_of_the_rows_taken_before(company: Company, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(company.raw) - 1), unique=True))
    after = parse_leads(company.raw, company.schema).take(np.array(rows, dtype=np.intp))
    before = parse_leads(company.raw.iloc[rows], company.schema)
    assert leads_of(after, company.schema) == leads_of(before, company.schema)
    assert after.content_hash() == before.content_hash()


def leads_of(table: LeadTable, schema: LeadSchema) -> list[object]:
    return [one_lead(table, row, schema) for row in range(len(table))]
