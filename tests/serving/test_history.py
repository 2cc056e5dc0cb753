"""Tables of the past come into the store once, whatever happens on the way, and go out of it as they came."""

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from features.fact_tables import open_tables
from features.tables import TableRefused, read_table
from serving.migrations import prepare
from serving.settings import Settings
from serving.store import Store, leads, tables
from serving.store.contacts import contacts_of
from serving.store.history import importing
from serving.store.history.exporting import export_tables
from serving.store.history.importing import Imported, ImportOvertaken, import_tables
from serving.store.intake import Intake
from serving.store.outbox import NOBODY
from serving.store.outcomes import Report
from tests.serving.crm import NOW, Crm

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
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    prepare(store.database)
    yield store
    store.database.close()


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
    intake = Intake(Settings().queue_rules, NOBODY)
    return {one.kind: one for one in import_tables(store, open_tables(folder, None), intake, lambda: NOW, tell)}


def counted(store: Store) -> dict[str, int]:
    kept = (tables.leads, tables.contacts, tables.outcomes, tables.spend)
    return {t.name: store.read_now(lambda c, t=t: c.scalar(select(func.count()).select_from(t))) for t in kept}


def standing(store: Store, lead_id: str) -> Report | None:
    found = store.read_now(leads.find, lead_id)
    return found and found.outcome


def exported(store: Store, folder: Path) -> dict[str, list[dict[str, str]]]:
    files = store.read_now(export_tables, folder, quiet)
    return {one.file.stem: list(csv.DictReader(one.file.open(encoding="utf-8", newline=""))) for one in files}


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
    newest, first = store.read_now(contacts_of, "L-1")
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


def test_the_same_rows_in_other_files_change_nothing(store: Store, bring: Bring) -> None:
    bring(**ALL)
    before = exported(store, Path(bring.__closure__[0].cell_contents) if False else _folder(bring))
    again = bring(**{kind: text + text.splitlines()[-1] + "\n" for kind, text in ALL.items()})

    assert [(one.rows, one.stored) for one in again.values()] == [(4, 0), (4, 0), (4, 0), (3, 2)]
    assert exported(store, _folder(bring)) == before
