"""leads init on what people really export: it is understood, or it is said what to do."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import TableRefused
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.tables.read import read_table

LEADS = 300
RNG = np.random.default_rng(5)
WON = RNG.random(LEADS) < 0.25
ARRIVED = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.sort(RNG.integers(0, 300 * 86_400, LEADS)), "s")
EXPORT = pd.DataFrame(
    {
        "lead_id": [f"L-{number}" for number in range(LEADS)],
        "created_at": ARRIVED.strftime("%Y-%m-%d %H:%M"),
        "source": RNG.choice(["Google", "Fair"], LEADS),
        "employees": RNG.integers(1, 5_000, LEADS),
        "converted": np.where(WON, "yes", "no"),
    }
)


def proposed(folder: Path, data: pd.DataFrame | str | bytes, outcome: str | None = None) -> Proposal:
    text = data.to_csv(index=False) if isinstance(data, pd.DataFrame) else data
    (folder / "leads.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return propose(TableLocations(str(folder / "leads.csv")), outcome=outcome, relative_to=folder)


def why_left_out(proposal: Proposal, name: str) -> str:
    return next(column.why for column in proposal.left_out if column.name == name)


@pytest.mark.parametrize(
    "above",
    ["Leads report 2025\n", "Leads report;;;;\nExported by Jo;;;;\n;;;;\n", "\n\nLeads report 2025\n\n"],
    ids=["a title", "a title as wide as the table", "blank rows around a title"],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_title_above_the_header_is_passed_over_and_said(tmp_path: Path, above: str, delimiter: str) -> None:
    above = above.replace(";", delimiter)
    proposal = proposed(tmp_path, above + EXPORT.to_csv(index=False, sep=delimiter))
    assert [proposal.setting(key) for key in ("id", "created_at", "source")] == ["lead_id", "created_at", "source"]
    first = above.count("\n") + 2
    assert f"The leads begin in row {first}; what stands above its header is no part of them." in proposal.head
    assert read_table(str(tmp_path / "leads.csv")).index[0] == first


def test_one_value_in_the_header_of_a_narrow_table_is_its_header(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("age\n41\n42\n")
    assert read_table(str(tmp_path / "leads.csv")).to_dict("list") == {"age": ["41", "42"]}


@pytest.mark.parametrize(
    ("won", "lost"), [("ja", "nein"), ("Gewonnen", "Verloren"), ("oui", "non"), ("Да", "Нет"), ("TRUE", "FALSE")]
)
def test_outcomes_in_other_words_are_understood(tmp_path: Path, won: str, lost: str) -> None:
    proposal = proposed(tmp_path, EXPORT.assign(converted=np.where(WON, won, lost)))
    assert (proposal.setting("won"), proposal.setting("lost")) == ((won,), (lost,))


def test_where_the_words_are_not_known_it_is_said_how_to_say_them(tmp_path: Path) -> None:
    table = EXPORT.assign(converted=np.where(WON, "kyllä", "ei"))
    with pytest.raises(TableRefused, match="--outcome 'COLUMN=VALUE' to say which value means won"):
        proposed(tmp_path, table)
    assert proposed(tmp_path, table, "converted=kyllä").setting("won") == ("kyllä",)


@pytest.mark.parametrize(
    ("times", "date_format"),
    [
        (ARRIVED.astype("datetime64[ms]").astype("int64"), "unix_ms"),
        (ARRIVED.astype("datetime64[s]").astype("int64"), "unix_s"),
        (45_658 + np.arange(LEADS) / 3, "excel"),
        (ARRIVED.strftime("%Y%m%d"), "%Y%m%d"),
        (ARRIVED.strftime("%Y%m%d%H%M%S"), "%Y%m%d%H%M%S"),
    ],
    ids=["milliseconds", "seconds", "Excel", "digits", "digits with the time"],
)
def test_times_that_are_written_as_numbers_are_times_and_no_numbers_to_learn_from(
    tmp_path: Path, times: object, date_format: str
) -> None:
    proposal = proposed(tmp_path, EXPORT.assign(created_at=times))
    assert (proposal.setting("created_at"), proposal.setting("date_format")) == ("created_at", date_format)


def test_excel_s_days_are_times_under_a_name_in_any_language(tmp_path: Path) -> None:
    spanish = EXPORT.assign(created_at=45_658 + np.arange(LEADS) / 3).rename(columns={"created_at": "Fecha de alta"})
    assert proposed(tmp_path, spanish).setting("date_format") == "excel"


def test_excel_s_days_with_a_decimal_comma_are_times(tmp_path: Path) -> None:
    days = [f"{day:.5f}".replace(".", ",") for day in 45_658 + np.arange(LEADS) / 3]
    proposal = proposed(tmp_path, EXPORT.assign(created_at=days).rename(columns={"created_at": "Anfrage am"}))
    assert (proposal.setting("created_at"), proposal.setting("date_format")) == ("Anfrage am", "excel")


def test_dates_in_several_formats_are_told_and_left_out(tmp_path: Path) -> None:
    mixed = np.where(np.arange(LEADS) % 2, ARRIVED.strftime("%d.%m.%Y"), ARRIVED.strftime("%m/%d/%Y"))
    proposal = proposed(tmp_path, EXPORT.assign(created_at=mixed))
    assert why_left_out(proposal, "created_at") == (
        "dates in several formats; write them as 2026-11-02T09:30:00Z to use them"
    )


def test_sizes_written_as_ranges_are_not_taken_for_dates(tmp_path: Path) -> None:
    ranges = RNG.choice(["1001-5000", "501-1000", "2001-2002", "10001-99999"], LEADS)
    proposal = proposed(tmp_path, EXPORT.assign(size_range=ranges))
    assert "size_range" in {field.name for field in proposal.fields}


def test_a_column_of_json_is_left_out(tmp_path: Path) -> None:
    payload = [json.dumps({"utm": source, "place": [row]}) for row, source in enumerate(EXPORT["source"])]
    assert why_left_out(proposed(tmp_path, EXPORT.assign(payload=payload)), "payload").startswith("JSON: bring")


def test_three_hundred_columns_mostly_empty_leave_those_that_hold_something(tmp_path: Path) -> None:
    empty = {f"custom_{n}": np.where(RNG.random(LEADS) < 0.02, "a", "") if n % 3 else "" for n in range(300)}
    proposal = proposed(tmp_path, EXPORT.assign(**empty))
    assert {field.name for field in proposal.fields} == {"created_at", "source", "employees"}
    assert len(proposal.left_out) == 300


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_emoji_headers_odd_ids_and_thousands_are_read(tmp_path: Path, encoding: str) -> None:
    table = EXPORT.rename(columns={"source": "📣 Source", "converted": "✅ converted?"})
    table["lead_id"] = [f"  Lead {number:05d} / DE " for number in range(LEADS)]
    table["annual revenue"] = [f"{amount:,.0f}" for amount in RNG.gamma(2, 500_000, LEADS)]
    proposal = proposed(tmp_path, table.to_csv(index=False).encode(encoding))
    assert [proposal.setting(key) for key in ("id", "source", "column")] == ["lead_id", "📣 Source", "✅ converted?"]
    assert next(field.kind for field in proposal.fields if field.name == "annual revenue") == "numeric"


def test_leads_as_they_arrived_are_named_where_there_are_any(tmp_path: Path) -> None:
    EXPORT.to_csv(tmp_path / "leads.csv", index=False)
    (tmp_path / "arrivals.csv").write_text("lead_id,received_at\nL-1,2026-01-02\n")
    leads, arrivals = str(tmp_path / "leads.csv"), str(tmp_path / "arrivals.csv")
    assert (
        '[arrivals]\ntable = "arrivals.csv"'
        in propose(TableLocations(leads, arrivals=arrivals), relative_to=tmp_path).to_toml()
    )
    with pytest.raises(TableRefused, match="'received_at': there is no such column"):
        propose(TableLocations(leads, arrivals=leads), relative_to=tmp_path)
