"""The four tables of a history, row by row: what is read from which column, and what is refused, in whose words."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.config import check_config
from features.errors import TableRefused
from features.tables.fact_batches import Fact
from features.tables.import_tables import FactTable, check, open_tables

Open = Callable[..., dict[str, FactTable]]

SECTIONS: dict[str, object] = {
    "leads": {"table": "crm.csv", "id": "No", "created_at": "Eingang", "source": "Quelle", "value": "Summe"},
    "outcome": {"column": "Stand", "won": ["Gewonnen"], "lost": ["Verloren"], "at": "Ende"},
    "fields": {"Ort": {"kind": "category"}},
}
CRM = (
    "No;Eingang;Quelle;Ort;Stand;Ende;Summe\n"
    "7;02.11.2026;Messe;  Köln ;Gewonnen;05.11.2026;1.234,50\n"
    "8.0;03.11.2026;;;Neu;;\n"
)


def quiet(what: str, share: float) -> None:
    assert 0 <= share <= 1, what


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Opens tables given as text; with sections of scoring.toml, by it."""

    def opened(sections: dict[str, object] | None = None, **files: str) -> dict[str, FactTable]:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        config = None if sections is None else check_config(sections, tmp_path / "scoring.toml")
        return {table.kind: table for table in open_tables(tmp_path, config)}

    return opened


def facts(table: FactTable) -> list[Fact]:
    check(table, quiet)
    return [fact for batch in table.batches(2) for fact in batch.facts()]


def refusal(look: Callable[[], object]) -> list[str]:
    with pytest.raises(TableRefused) as refused:
        look()
    return [str(problem) for problem in refused.value.problems]


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def test_a_lead_has_its_roles_parsed_and_its_fields_as_they_are_written(opened: Open) -> None:
    tables = opened(leads="lead_id,created_at,source,value,Ort,age\n 7 ,2026-11-02T01:00+01:00,a  b,12.5, Köln ,\n")
    assert facts(tables["leads"]) == [
        {"lead_id": "7", "created_at": day(2), "source": "a b", "value": 12.5, "fields": {"Ort": " Köln ", "age": None}}
    ]


def test_only_the_tables_that_are_there_are_read_leads_first(opened: Open) -> None:
    tables = opened(spend="date,source,amount\n2026-11-02,ads,1\n", leads="lead_id\n1\n", other="x\n1\n")
    assert list(tables) == ["leads", "spend"]


def test_contacts_outcomes_and_spend_are_parsed(opened: Open) -> None:
    tables = opened(
        contacts="lead_id,started_at,agent,direction,connected,duration_s,note\n7,2026-11-02,Ann,Outbound,yes,60,hi\n",
        outcomes="lead_id,status,at,value,reason\n7,Won,2026-11-03,99,\n8,,,,\n",
        spend="date,source,campaign,amount\n2026-11-02,ads,,1.5\n",
    )
    assert facts(tables["contacts"]) == [
        {
            "lead_id": "7",
            "started_at": day(2),
            "agent": "Ann",
            "direction": "out",
            "connected": True,
            "duration_s": 60.0,
        }
    ]
    assert facts(tables["outcomes"]) == [
        {"lead_id": "7", "at": day(3), "status": "won", "value": 99.0, "reason": None},
        {"lead_id": "8", "at": None, "status": None, "value": None, "reason": None},
    ]
    assert facts(tables["spend"]) == [{"date": day(2), "source": "ads", "campaign": None, "amount": 1.5}]


def test_scoring_toml_gives_names_marks_and_meanings(opened: Open) -> None:
    leads = {**SECTIONS["leads"], "decimal": ",", "date_format": "%d.%m.%Y"}
    tables = opened({**SECTIONS, "leads": leads}, crm=CRM)
    assert facts(tables["leads"]) == [
        {"lead_id": "7", "created_at": day(2), "source": "Messe", "value": 1234.5, "fields": {"Ort": "  Köln "}},
        {"lead_id": "8", "created_at": day(3), "source": None, "value": None, "fields": {"Ort": None}},
    ]
    assert facts(tables["outcomes"]) == [
        {"lead_id": "7", "status": "won", "at": day(5), "value": 1234.5},
        {"lead_id": "8", "status": "open", "at": None, "value": None},
    ]


def test_lost_leads_without_a_time_take_that_of_their_own_column(opened: Open) -> None:
    outcome = {**SECTIONS["outcome"], "lost_at": "Aus"}
    crm = "No;Eingang;Quelle;Stand;Ende;Aus;Summe\n" + "".join(
        f"{number};2026-11-02;;{status};;2026-11-05;\n" for number, status in enumerate(["Verloren", "Gewonnen"], 1)
    )
    tables = opened({**SECTIONS, "outcome": outcome}, crm=crm)
    assert [fact["at"] for fact in facts(tables["outcomes"])] == [day(5), None]
    assert all(fact["fields"] == {} for fact in facts(tables["leads"]))
    unlike = opened(SECTIONS, crm=crm)
    assert unlike["outcomes"].fingerprint != tables["outcomes"].fingerprint


def test_an_outcome_table_of_its_own_is_read_by_its_names(opened: Open) -> None:
    outcome = {"table": "closed.csv", "id": "Lead", "column": "Stand", "won": ["Ja"], "lost": []}
    tables = opened({**SECTIONS, "outcome": outcome}, closed="Lead,Stand\n7,ja\n8,Nein\n9,\n")
    assert [fact["status"] for fact in facts(tables["outcomes"])] == ["won", "lost", None]


def test_every_row_that_cannot_be_used_is_named(opened: Open) -> None:
    tables = opened(
        leads="lead_id,created_at,value\n,2026-11-02,1\n2,soon,1\n3,,many\n"
        f"{'x' * 201},2026-11-02,1\n5,0099-01-01,1\n6,2026-11-02\n",
    )
    assert refusal(lambda: check(tables["leads"], quiet)) == [
        "column 'lead_id': has no value (row 2)",
        "column 'created_at': is not an ISO 8601 time such as 2026-11-02T09:30:00Z (2 rows: 3, 6)",
        "column 'created_at': has no value (row 4)",
        "column 'value': is not a number (row 4)",
        "column 'lead_id': is not text of 1 to 200 characters (row 5)",
        "2 values where the header has 3 (row 7)",
    ]


def test_words_and_amounts_that_mean_nothing_are_refused(opened: Open) -> None:
    tables = opened(
        contacts="lead_id,started_at,direction,connected\n1,2026-11-02,sideways,maybe\n",
        outcomes="lead_id,status\n1,closed\n",
        spend="date,source,amount\n2026-11-02,ads,-1\n2026-11-02,,1\n",
    )
    assert [problem for table in tables.values() for problem in refusal(lambda table=table: check(table, quiet))] == [
        "column 'direction': is not in or out (row 2)",
        "column 'connected': is not true or false, yes or no, 1 or 0 (row 2)",
        "column 'status': is not won or lost; a scoring.toml can say which other words mean them (row 2)",
        "column 'amount': is not a number, 0 or more (row 2)",
        "column 'source': has no value (row 3)",
    ]


def test_rows_of_one_lead_that_differ_are_refused_and_the_same_row_twice_is_not(opened: Open) -> None:
    tables = opened(
        leads="lead_id,age\n1,41\n2,42\n1,41\n3,43\n2,44\n2.0,42\n",
        spend="date,source,amount\n2026-11-02,ads,1\n2026-11-02,ads,1\n2026-11-02,mail,1\n2026-11-02,mail,2\n",
    )
    assert refusal(lambda: check(tables["leads"], quiet)) == [
        "rows that differ have the same lead_id; there may be one of each (3 rows: 3, 6, 7)"
    ]
    assert refusal(lambda: check(tables["spend"], quiet)) == [
        "rows that differ have the same date, source, campaign; there may be one of each (2 rows: 4, 5)"
    ]


def test_of_several_outcomes_of_a_lead_all_but_the_latest_are_superseded(opened: Open) -> None:
    rows = ["1,won,2026-11-05", "2,lost,2026-11-01", "1,lost,2026-11-04", "2,won,2026-11-01", "3,won,", "1,,2026-11-09"]
    tables = opened(outcomes="\n".join(["lead_id,status,at", *rows]))
    checked = check(tables["outcomes"], quiet)
    assert (checked.rows, checked.superseded) == (6, {3, 4})


def test_missing_columns_and_files_are_refused_with_their_table(opened: Open) -> None:
    assert refusal(lambda: opened(contacts="lead,started_at\n", spend="date,amount\n")) == [
        "contacts.csv: column 'lead_id': there is no such column; did you mean 'lead'?",
        "spend.csv: column 'source': there is no such column; the table has 'date', 'amount'",
    ]


def test_a_folder_without_tables_is_refused(opened: Open) -> None:
    assert refusal(opened)[0].endswith("holds none of leads.csv, contacts.csv, outcomes.csv, spend.csv")


def test_leads_without_an_id_or_in_a_database_are_refused(opened: Open) -> None:
    nameless = {**SECTIONS, "leads": {"table": "crm.csv"}}
    assert refusal(lambda: opened(nameless, crm=CRM))[0] == (
        "crm.csv: an import needs the leads' id: name its column in scoring.toml, [leads] id"
    )
    away = {"table": "postgresql://ann:secret@host/crm", "query": "SELECT 1", "id": "No"}
    assert "postgresql://host/crm: only CSV files can be imported" in refusal(
        lambda: opened({**SECTIONS, "leads": away})
    )


def test_a_table_read_otherwise_has_another_fingerprint(opened: Open) -> None:
    plain = opened(leads="lead_id,age\n1,41\n")["leads"]
    assert opened(leads="lead_id,age\n1,41\n")["leads"].fingerprint == plain.fingerprint
    assert opened(leads="lead_id,age\n1,42\n")["leads"].fingerprint != plain.fingerprint
    first, second = (
        opened({**SECTIONS, "outcome": {"column": "Stand", "won": [won]}}, crm=CRM)["outcomes"] for won in ("a", "b")
    )
    assert first.fingerprint != second.fingerprint
    assert first.file.sha256 == second.file.sha256


def test_a_file_that_changed_after_it_was_checked_is_refused(opened: Open, tmp_path: Path) -> None:
    table = opened(leads="lead_id,value\n1,1\n")["leads"]
    check(table, quiet)
    (tmp_path / "leads.csv").write_text("lead_id,value\n1,x\n")
    assert refusal(lambda: list(table.batches(2))) == ["the file was changed while it was read; start again"]
