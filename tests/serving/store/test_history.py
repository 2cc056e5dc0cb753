"""Tables of the past come into the store once, whatever happens on the way, and go out of it as they came."""

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from features.config import read_config
from features.errors import TableRefused
from features.tables.import_tables import open_tables
from features.tables.read import read_table
from serving.migrations import prepare
from serving.operations import import_history
from serving.operations.import_history import Imported, import_tables
from serving.operations.leads import LeadOperations
from serving.settings import Settings
from serving.store import Store, leads, tables
from serving.store.contacts import find_contacts
from serving.store.history.exporting import export_tables
from serving.store.history.import_progress import SQLITE_LOG_PAGES, ImportOvertaken
from serving.store.outbox import NOBODY
from serving.store.outcomes import OutcomeReport
from tests.serving.crm import NOW, Crm
from tests.serving.databases import new_file_store, new_store

LEADS = (
    "lead_id,created_at,source,campaign,value,job title,phone\n"
    "L-1,2026-01-05T09:00:00Z,search,brand,,Director,+44 20 7946 0018\n"
    "L-2,2026-01-06T09:00:00Z,social,,250,,\n"
    "L-3,2026-01-07T09:00:00Z,,,,Clerk,020\n"
)
CONTACTS = (
    "lead_id,started_at,agent,channel,direction,connected,duration_s\n"
    "L-1,2026-01-05T10:00:00Z,Ann,phone,outbound,yes,60\n"
    "L-1,2026-01-06T10:00:00Z,Ann,phone,outbound,no,0\n"
    "L-9,2026-01-06T11:00:00Z,Ben,,,,\n"
)
OUTCOMES = "lead_id,at,status,value,reason\nL-1,2026-02-01,won,100,\nL-2,2026-02-02,lost,,No need\nL-3,,,,\n"
SPEND = "date,source,campaign,amount\n2026-01-05,search,brand,10\n2026-01-05,social,,2.5\n"
ALL = {"leads": LEADS, "contacts": CONTACTS, "outcomes": OUTCOMES, "spend": SPEND}

Bring = Callable[..., dict[str, Imported]]


def quiet(what: str, share: float) -> None:
    assert 0 <= share <= 1, what


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    """Imports tables given as text, and tells of each."""
    return lambda **files: brought(store, tmp_path, files)


def brought(
    store: Store, folder: Path, files: dict[str, str], tell: Callable[[str, float], None] = quiet
) -> dict[str, Imported]:
    for place in folder.glob("*.csv"):
        place.unlink()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    lead_operations = LeadOperations(Settings().queue_rules, NOBODY)
    return {
        one.kind: one for one in import_tables(store, open_tables(folder, None), lead_operations, lambda: NOW, tell)
    }


def counted(store: Store) -> dict[str, int]:
    kept = (tables.leads, tables.contacts, tables.outcomes, tables.spend)
    return {t.name: store.read_now(lambda c, t=t: c.scalar(select(func.count()).select_from(t))) for t in kept}


def standing(store: Store, lead_id: str) -> OutcomeReport | None:
    found = store.read_now(leads.find, lead_id)
    return None if found is None else found.outcome


def exported(store: Store, folder: Path) -> dict[str, list[dict[str, str]]]:
    files = store.read_now(export_tables, folder, quiet)
    return {one.file.stem: list(csv.DictReader(io.StringIO(one.file.read_text("utf-8"), newline=""))) for one in files}


def told(**rows: str) -> dict[str, str]:
    """Outcomes of L-1, each as a table of its own row."""
    return {"outcomes": "lead_id,at,status,reported_at\n" + "".join(f"L-1,{row}\n" for row in rows.values())}


def day(number: int) -> datetime:
    return datetime(2026, 2, number, tzinfo=UTC)


# In


def test_facts_come_in_with_the_fields_as_they_are_written(store: Store, bring: Bring) -> None:
    done = bring(**ALL)

    found = store.read_now(leads.find, "L-1")
    assert found.facts.created_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert (found.facts.source, found.facts.campaign, found.facts.value) == ("search", "brand", None)
    assert found.facts.fields == {"job title": "Director", "phone": "+44 20 7946 0018"}
    assert (found.outcome.status, found.outcome.at, found.outcome.value) == ("won", day(1), 100.0)
    assert (found.score, found.place) == (None, None)
    newest, first = store.read_now(find_contacts, "L-1")
    assert (first.contact.direction, first.contact.connected, first.contact.duration_s) == ("out", True, 60.0)
    assert not newest.contact.connected
    assert counted(store) == {"leads": 3, "contacts": 3, "outcomes": 2, "spend": 2}
    assert done["contacts"] == Imported("contacts", "contacts.csv", rows=3, stored=3, unknown_leads=1)
    assert done["outcomes"] == Imported("outcomes", "outcomes.csv", rows=3, stored=2, undecided=1)


def test_a_table_that_was_imported_is_not_read_again(store: Store, bring: Bring) -> None:
    bring(**ALL)
    assert bring(**ALL) == {
        kind: Imported(kind, f"{kind}.csv", done_before=True) for kind in ("leads", "contacts", "outcomes", "spend")
    }


def test_the_same_rows_in_other_files_change_nothing(store: Store, bring: Bring, tmp_path: Path) -> None:
    bring(**ALL)
    before = exported(store, tmp_path / "before")
    again = bring(**{kind: text + text.splitlines()[-1] + "\n" for kind, text in ALL.items()})

    assert [(one.rows, one.stored) for one in again.values()] == [(4, 0), (4, 0), (4, 0), (3, 3)]
    assert exported(store, tmp_path / "after") == before


def test_a_lead_that_is_there_stays_as_it_is(store: Store, bring: Bring) -> None:
    bring(leads=LEADS)
    done = bring(leads="lead_id,source\nL-1,partner\nL-4,partner\n")

    assert done["leads"].stored == 1
    assert store.read_now(leads.find, "L-1").facts.source == "search"
    assert store.read_now(leads.find, "L-4").facts.source == "partner"


def test_nothing_is_written_before_every_table_was_checked(store: Store, bring: Bring) -> None:
    bad = {"contacts": CONTACTS + ",soon\n", "spend": SPEND + "2026-01-06,search,brand,-1\n"}
    with pytest.raises(TableRefused) as refused:
        bring(**{**ALL, **bad})

    assert [str(problem) for problem in refused.value.problems] == [
        "contacts.csv: 2 values where the header has 7 (row 5)",
        "spend.csv: column 'amount': is not a number, 0 or more (row 4)",
    ]
    assert counted(store) == {"leads": 0, "contacts": 0, "outcomes": 0, "spend": 0}


def test_of_several_outcomes_in_a_table_the_latest_stands(store: Store, bring: Bring) -> None:
    done = bring(**told(a="2026-02-03,won,", b="2026-02-05,lost,", c="2026-02-04,won,"), leads=LEADS)

    assert standing(store, "L-1").status == "lost"
    assert done["outcomes"].stored == 1
    assert counted(store)["outcomes"] == 3


def test_what_scoring_toml_calls_no_lead_is_left_out_with_all_that_is_about_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,created_at\n" + "".join(f"L-{n},2026-01-05\n" for n in range(1, 5)))
    (tmp_path / "contacts.csv").write_text("lead_id,started_at\nL-1,2026-01-06\nL-2,2026-01-06\n")
    (tmp_path / "outcomes.csv").write_text(
        "lead_id,at,status\nL-1,2026-02-01,won\nL-2,2026-02-01,Duplicate\n"
        "L-3,2026-02-01,Duplicate\nL-3,2026-02-02,lost\nL-4,2026-02-02,lost\n"
    )
    (tmp_path / "scoring.toml").write_text(
        '[leads]\ntable = "leads.csv"\nid = "lead_id"\ncreated_at = "created_at"\n'
        '[outcome]\ntable = "outcomes.csv"\nid = "lead_id"\ncolumn = "status"\nat = "at"\nwon = ["won"]\n'
        'lost = ["lost"]\nnot_a_lead = ["Duplicate"]\nhorizon_days = 30\n'
        '[contacts]\ntable = "contacts.csv"\n[fields.source]\nkind = "category"\nknown = "arrival"\n'
    )
    found = open_tables(tmp_path, read_config(tmp_path / "scoring.toml"))
    lead_operations = LeadOperations(Settings().queue_rules, NOBODY)

    done = {one.kind: one for one in import_tables(store, found, lead_operations, lambda: NOW, quiet)}

    assert {kind: one.no_leads for kind, one in done.items()} == {"leads": 1, "contacts": 1, "outcomes": 1}
    assert counted(store) == {"leads": 3, "contacts": 1, "outcomes": 3, "spend": 0}
    assert store.read_now(leads.find, "L-2") is None
    third = standing(store, "L-3")
    assert third is not None
    assert third.status == "lost"


def test_the_table_that_was_imported_last_is_believed(store: Store, bring: Bring) -> None:
    bring(**told(a="2026-02-03,won,"), leads=LEADS)
    bring(**told(a="2026-02-01,lost,"))
    assert (standing(store, "L-1").status, standing(store, "L-1").at) == ("lost", day(1))

    bring(**told(a="2026-02-03,won,", b="2026-02-02,lost,"))
    assert (standing(store, "L-1").status, standing(store, "L-1").at) == ("won", day(3))
    assert counted(store)["outcomes"] == 3


def test_spend_told_again_is_replaced(store: Store, bring: Bring, tmp_path: Path) -> None:
    bring(spend=SPEND)
    bring(spend="date,source,campaign,amount\n2026-01-05,search,brand,12\n")
    assert [row["amount"] for row in exported(store, tmp_path)["spend"]] == ["12", "2.5"]


# In, beside a running service


def service_import(crm: Crm, folder: Path, **files: str) -> dict[str, Imported]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    service = crm.service
    return {
        one.kind: one
        for one in import_tables(service.store, open_tables(folder, None), service.lead_operations, crm.clock, quiet)
    }


def test_what_the_crm_put_is_not_overwritten(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1", source="partner")
    service_import(crm, tmp_path, leads=LEADS)

    assert crm.lead("L-1")["source"] == "partner"
    assert crm.waiting() == ["L-1"]


@pytest.mark.parametrize(
    ("row", "stands"),
    [
        ("2026-02-09,lost,", "lost"),
        ("2026-02-11,lost,", "lost"),
        ("2026-02-01,lost,2026-02-09", "lost"),
        ("2026-02-01,lost,", "won"),
        (",lost,", "won"),
    ],
)
def test_an_outcome_that_the_crm_reported_later_stands(crm: Crm, tmp_path: Path, row: str, stands: str) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "won", at="2026-02-07", reported_at="2026-02-08")
    service_import(crm, tmp_path, **told(a=row))
    assert crm.lead("L-1")["outcome"]["status"] == stands


def test_a_report_after_the_import_stands(crm: Crm, tmp_path: Path) -> None:
    service_import(crm, tmp_path, leads=LEADS, outcomes=OUTCOMES)
    crm.outcome("L-1", "lost")
    assert crm.lead("L-1")["outcome"]["status"] == "lost"


def test_an_imported_outcome_takes_a_lead_out_of_the_queue(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1")
    crm.put("L-2")
    service_import(crm, tmp_path, **told(a="2026-02-01,won,"))
    assert crm.waiting() == ["L-2"]


def test_an_imported_contact_lets_a_lead_of_the_queue_rest(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1")
    crm.put("L-2")
    service_import(crm, tmp_path, contacts=f"lead_id,started_at\nL-1,{NOW:%Y-%m-%dT%H:%MZ}\n")

    assert crm.waiting() == ["L-2"]
    assert crm.lead("L-1")["queue"]["attempts"] == 1


def test_a_contact_that_the_crm_told_is_not_kept_twice(crm: Crm, tmp_path: Path) -> None:
    crm.contact("L-1", started_at="2026-01-05T11:00:00+01:00", agent="Ann", channel="phone", direction="out")
    done = service_import(crm, tmp_path, contacts=CONTACTS)

    assert done["contacts"].stored == 2
    assert counted(crm.service.store)["contacts"] == 3


def test_an_erased_person_is_not_brought_back(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1")
    crm.client.delete("/v1/leads/L-1")
    done = service_import(crm, tmp_path, **ALL)

    store = crm.service.store
    assert counted(store) == {"leads": 2, "contacts": 1, "outcomes": 1, "spend": 2}
    assert {kind: one.erased for kind, one in done.items()} == {"leads": 1, "contacts": 2, "outcomes": 1, "spend": 0}
    out = exported(store, tmp_path / "out")
    assert not any(row.get("lead_id") == "L-1" for rows in out.values() for row in rows)


# In, with interruptions

MANY = "lead_id,age\n" + "".join(f"L-{number},{number % 60}\n" for number in range(2_000))

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path

from features.config import read_config
from features.tables.import_tables import open_tables
from serving.store import Store
from serving.operations import import_history

store, chunks = Store(sys.argv[1]), []
put, import_history.CHUNK = import_history.put_leads, 300


def put_and_die(connection, facts, now):
    chunks.append(put(connection, facts, now))
    if len(chunks) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return chunks[-1]


import_history.put_leads = put_and_die
list(import_history.import_tables(store, open_tables(Path(sys.argv[2]), None), None, lambda: datetime.now(UTC), print))
"""


def test_an_import_that_was_killed_goes_on_where_it_was(
    store: Store, bring: Bring, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "leads.csv").write_text(MANY)
    killed = subprocess.run([sys.executable, "-c", KILLED, database_url, tmp_path], capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    assert counted(store)["leads"] == 900

    done = bring(leads=MANY)

    assert done["leads"] == Imported("leads", "leads.csv", rows=1_100, before=900, stored=1_100)
    assert counted(store)["leads"] == 2_000
    assert bring(leads=MANY)["leads"].done_before


def test_a_failing_chunk_leaves_those_before_it(
    store: Store, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_history, "CHUNK", 100)

    def stop(what: str, share: float) -> None:
        if what == "importing leads.csv" and share >= 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        brought(store, tmp_path, {"leads": MANY}, stop)

    assert counted(store)["leads"] == 1_000
    assert bring(leads=MANY)["leads"].before == 1_000
    assert counted(store)["leads"] == 2_000


def test_an_import_gathers_the_log_and_leaves_nothing_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_history, "CHUNK", 2_000)
    (tmp_path / "store").mkdir()
    url = new_file_store(tmp_path / "store")
    file, log = tmp_path / "store" / "leads.db", tmp_path / "store" / "leads.db-wal"
    sizes = []

    def look(what: str, share: float) -> None:
        quiet(what, share)
        sizes.append(log.stat().st_size)

    with new_store(url) as store:
        text = "lead_id,note\n" + "".join(f"L-{number},{number:0500}\n" for number in range(20_000))
        brought(store, tmp_path, {"leads": text}, look)
        (tmp_path / "alone").mkdir()
        alone = shutil.copy(file, tmp_path / "alone")

    assert max(sizes) > 2 * SQLITE_LOG_PAGES * 4_096
    with new_store(f"sqlite:///{alone}") as store:
        assert counted(store)["leads"] == 20_000


def test_of_two_imports_of_a_table_at_once_one_gives_way(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_history, "CHUNK", 1_000)
    other: list[None] = []

    def overtake(what: str, share: float) -> None:
        if what.startswith("importing") and not other:
            other.append(None)
            brought(store, tmp_path, {"leads": MANY})

    with pytest.raises(ImportOvertaken, match=r"leads\.csv is being imported by another"):
        brought(store, tmp_path, {"leads": MANY}, overtake)

    assert counted(store)["leads"] == 2_000


# Out


def test_what_came_in_goes_out(store: Store, bring: Bring, tmp_path: Path) -> None:
    bring(**ALL)
    out = exported(store, tmp_path / "out")

    assert [list(row.values()) for row in out["leads"]] == [
        ["L-1", "2026-01-05T09:00:00Z", "search", "brand", "", "Director", "'+44 20 7946 0018"],
        ["L-2", "2026-01-06T09:00:00Z", "social", "", "250", "", ""],
        ["L-3", "2026-01-07T09:00:00Z", "", "", "", "Clerk", "020"],
    ]
    assert list(out["leads"][0]) == ["lead_id", "created_at", "source", "campaign", "value", "job title", "phone"]
    assert list(out["contacts"][0].values()) == ["L-1", "2026-01-05T10:00:00Z", "Ann", "phone", "out", "true", "60", ""]
    assert [list(row.values())[:5] for row in out["outcomes"]] == [
        ["L-1", "2026-02-01T00:00:00Z", "won", "100", ""],
        ["L-2", "2026-02-02T00:00:00Z", "lost", "", "No need"],
    ]
    assert out["spend"][1] == {"date": "2026-01-05", "source": "social", "campaign": "", "amount": "2.5"}
    assert (out["claims"], out["scores"]) == ([], [])


def test_an_export_imported_elsewhere_is_exported_the_same(
    store: Store, bring: Bring, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bring(**ALL)
    first = store.read_now(export_tables, tmp_path / "out", quiet)

    other = Store(f"sqlite:///{tmp_path_factory.mktemp('other')}/leads.db")
    prepare(other.database)
    again = tmp_path_factory.mktemp("again")
    brought(other, again, {one.file.stem: one.file.read_text() for one in first if one.file.stem in ALL})
    second = other.read_now(export_tables, again / "out", quiet)
    other.database.close()

    assert [one.sha256 for one in second] == [one.sha256 for one in first]


def test_the_fields_of_all_leads_are_columns_in_the_order_in_which_they_came(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1", fields={"age": 41, "zeal": {"=x": [1, "ü"]}})
    crm.clock.now = NOW.replace(hour=11)
    crm.put("L-2", fields={"newsletter": False, " age ": 42.5, "": 1, "=cmd": "@x"}, value=3)
    crm.clock.now = NOW.replace(hour=12)
    crm.put("L-3", fields={"age": 43, "utm_campaign": "spring", "value": 9}, campaign=None)

    store = crm.service.store
    frame = read_table(str(store.read_now(export_tables, tmp_path, quiet)[0].file)).set_index("lead_id")

    assert list(frame)[4:] == ["age", "zeal", "newsletter", "=cmd", "utm_campaign"]
    assert frame["age"].tolist() == ["41", "42.5", "43"]
    assert frame["zeal"].iloc[0] == '{"=x": [1, "ü"]}'
    assert (frame["newsletter"].iloc[1], frame["=cmd"].iloc[1]) == ("false", "@x")
    assert frame["value"].iloc[1:].tolist() == ["3", "9"]


NASTY = ["=1+1", "'=1", "a\r\nb", "a\rb", '"', "\t@x", "-5", "+44 20", " x ", ";", "'", "\u2028", "x\n,,,,,,,,\ny"]


def test_a_nasty_text_is_read_back_as_it_was(crm: Crm, tmp_path: Path) -> None:
    for number, text in enumerate(NASTY):
        crm.put(f"L-{number:02}", fields={"message": text})

    store = crm.service.store
    frame = read_table(str(store.read_now(export_tables, tmp_path, quiet)[0].file)).set_index("lead_id")

    # what looks like whole rows of the table would have the file refused, so it goes on one line
    assert frame["message"].sort_index().tolist() == [*NASTY[:-1], "x ,,,,,,,, y"]


def test_claims_scores_and_standing_outcomes_are_exported(crm: Crm, tmp_path: Path) -> None:
    for lead_id in ("L-1", "L-2"):
        crm.put(lead_id)
    crm.next("Ann")
    crm.put("L-2", fields={"age": 20})
    crm.outcome("L-1", "won", value=10)
    crm.outcome("L-2", "lost")
    crm.clock.now = NOW.replace(hour=11)
    crm.outcome("L-2", "open")

    out = exported(crm.service.store, tmp_path)

    assert [(row["lead_id"], row["status"], row["value"]) for row in out["outcomes"]] == [("L-1", "won", "10")]
    assert [(row["agent"], row["at_random"]) for row in out["claims"]] == [("Ann", "false")]
    first, _, changed = out["scores"]
    assert (first["before"], first["model_version"], first["horizon_days"]) == ("", "1", "90")
    parts = float(changed["model_part"]) + float(changed["lead_part"])
    assert float(changed["probability"]) - float(changed["before"]) == pytest.approx(parts)


def test_arrivals_are_the_leads_as_they_came_and_not_as_they_were_updated(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1", source="Fair", fields={"age": 41})
    crm.clock.now = NOW.replace(hour=11)
    crm.put("L-1", source="Partner", fields={"age": 42, "package": "plus"})

    out = exported(crm.service.store, tmp_path)

    arrived = {"lead_id": "L-1", "received_at": "2026-03-03T10:00:00Z", "source": "Fair"}
    assert [row | arrived == row and row["age"] == "41" for row in out["arrivals"]] == [True]
    assert "package" not in out["arrivals"][0]
    assert (out["leads"][0]["source"], out["leads"][0]["package"]) == ("Partner", "plus")


def test_a_lead_that_was_imported_and_updated_later_did_not_arrive(crm: Crm, tmp_path: Path) -> None:
    store = crm.service.store
    brought(store, tmp_path, {"leads": "lead_id,age\nL-7,41\n"})
    crm.clock.now = NOW.replace(hour=11)
    crm.put("L-7", fields={"age": 42})

    out = exported(store, tmp_path / "out")

    assert [row["lead_id"] for row in out["scores"]] == ["L-7"]
    assert out["arrivals"] == []


def test_nobody_who_was_erased_is_among_the_arrivals(crm: Crm, tmp_path: Path) -> None:
    crm.put("L-1")
    crm.put("L-2")
    crm.client.delete("/v1/leads/L-1")

    out = exported(crm.service.store, tmp_path)

    assert [row["lead_id"] for row in out["arrivals"]] == ["L-2"]


def test_all_files_are_of_one_moment(store: Store, bring: Bring, tmp_path: Path) -> None:
    bring(**ALL)

    def meanwhile(what: str, share: float) -> None:
        if what == "writing leads.csv":
            store.write_now(_add_lead_and_contact)

    files = store.read_now(export_tables, tmp_path / "out", meanwhile)
    assert [one.rows for one in files] == [3, 3, 2, 2, 0, 0, 0]
    assert counted(store)["contacts"] == 4


def _add_lead_and_contact(connection: Connection) -> None:
    connection.execute(
        tables.leads.insert(), {"lead_id": "new", "received_at": NOW, "updated_at": NOW, "fields": {"new": 1}}
    )
    connection.execute(
        tables.contacts.insert(), {"contact_id": "new", "lead_id": "new", "started_at": NOW, "received_at": NOW}
    )


def test_an_export_that_fails_leaves_the_files_of_the_one_before(store: Store, bring: Bring, tmp_path: Path) -> None:
    bring(**ALL)
    out = tmp_path / "out"
    before = exported(store, out)
    bring(leads="lead_id\nL-7\n")

    def fail(what: str, share: float) -> None:
        if what == "writing contacts.csv":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        store.read_now(export_tables, out, fail)

    assert {place.name for place in out.iterdir()} == {f"{name}.csv" for name in before}
    assert len((out / "leads.csv").read_text().splitlines()) == 4
