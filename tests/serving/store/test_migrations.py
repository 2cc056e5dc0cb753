"""The migrations make the schema that the tables say, from any version and back."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, select

from features.lead import Contact
from serving.migrations import _config, _known_versions, find_trouble, migrate, newest, version_of
from serving.store import Store, contacts, leads, outcomes, tables
from serving.store.database import Database
from serving.store.keys import all_keys
from serving.store.outcomes import OutcomeReport
from serving.store.tables import metadata

pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's cannot be read back

IMPORT = re.compile(r"^\s*(?:from|import) .+", re.MULTILINE)
ROOMS = {"language", "stats", "features", "training", "serving", "simulation", "analytics", "connectors", "commands"}


def indexes_of(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """Each index's columns and those beside its keys, by its name."""
    found = inspect(connection)
    return {
        str(index["name"]): (*index["column_names"], index.get("dialect_options", {}).get("postgresql_include"))
        for table in ("leads", "contacts", "outcomes")
        for index in found.get_indexes(table)
        if index["name"] != "ix_leads_received_at"  # SQLite's reader drops it by turns
    }


def test_versions_are_numbered_as_they_follow_each_other() -> None:
    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    assert list(_known_versions()) == known[::-1] == sorted(known)


def test_a_migration_does_what_it_did_when_it_was_written() -> None:
    steps = sorted(Path(ScriptDirectory.from_config(_config()).versions).glob("*.py"))
    imported = {line.split()[1].partition(".")[0] for step in steps for line in IMPORT.findall(step.read_text())}
    assert len(steps) == len(_known_versions())
    assert imported.isdisjoint(ROOMS), "what the code does later, a step that is out must not do"


def test_the_newest_schema_is_that_of_the_tables(store: Store) -> None:
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


FIRST_ROWS: dict[str, dict[str, Any]] = {
    "claims": {"claim_id": "cl_1", "lead_id": "L-1", "agent": "Ann", "at_random": False, "ended_by": "contact"},
    "contacts": {"contact_id": "co_1", "lead_id": "L-1", "agent": "Ann", "connected": True, "duration_s": 61.5},
    "erased": {"lead_hash": "0" * 64},
    "imports": {"file_hash": "1" * 64, "kind": "leads", "rows_done": 3_000},
    "keys": {"key_id": "5f2c81d09a3b", "name": "crm", "scope": "score", "hash": "2" * 64, "revoked_at": None},
    "leads": {"lead_id": "L-1", "source": "Référence", "value": 990.5, "fields": {"age": 41}, "score_id": "sc_1"},
    "outbox": {"event_id": "ev_1", "kind": "score.changed", "lead_id": "L-1", "body": "{}", "state": "waiting"},
    "outcomes": {"outcome_id": "oc_1", "lead_id": "L-1", "status": "won", "value": 990.0, "stands": True},
    "queue": {"lead_id": "L-1", "probability": 0.31, "grade": "A", "model_version": "1", "attempts": 1},
    "replies": {"key_id": "5f2c81d09a3b", "route": "POST /v1/spend", "idempotency_key": "k", "status": 200},
    "scores": {"score_id": "sc_1", "lead_id": "L-1", "model_version": "1", "probability": 0.31, "saw": {"age": 41}},
    "secrets": {"name": "sessions", "value": "3" * 64},
    "spend": {"date": date(2026, 3, 1), "source": "search", "campaign": "", "amount": 12.5},
}
"""A row of each table of the first schema; what is not named here holds any value of its type."""
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def row_of(table: Table) -> dict[str, Any]:
    """The row of a table of the first schema, with every column that must not be empty."""
    anything = {datetime: MOMENT, str: "x", int: 1, float: 0.5, bool: True}
    required = [column for column in table.columns if not column.nullable and column.name not in FIRST_ROWS[table.name]]
    return FIRST_ROWS[table.name] | {column.name: anything[column.type.python_type] for column in required}


@pytest.fixture
def first(unprepared_url: str) -> Iterator[Database]:
    """A store of the first schema, with a row in each of its tables."""
    with closing(Database(unprepared_url)) as database:
        with database.migrating() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "001")
            for table in tables_of(connection):
                connection.execute(table.insert(), row_of(table))
        yield database


def tables_of(connection: Connection) -> list[Table]:
    """The store's tables as they are in the database."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def test_a_store_of_the_first_schema_is_refused_then_migrated_with_all_that_it_held(first: Database) -> None:
    with first.reading() as connection:
        before = {
            table.name: dict(connection.execute(table.select()).mappings().one()) for table in tables_of(connection)
        }
    assert set(before) == set(FIRST_ROWS)
    assert "`leads backup`), then run `leads migrate`" in str(find_trouble(first))

    migrate(first)

    assert version_of(first) == newest()
    assert find_trouble(first) is None
    with first.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        after = {table.name: connection.execute(table.select()).mappings().all() for table in tables_of(connection)}
        for name, row in before.items():
            assert [{column: now[column] for column in row} for now in after[name]] == [row], name
        assert [key.name for key in all_keys(connection).values()] == ["crm"]
        lead = leads.find(connection, "L-1")
    assert (lead.facts.source, lead.facts.fields, lead.facts.created_at) == ("Référence", {"age": 41}, None)


def test_covering_indexes_come_and_go(store: Store) -> None:
    with store.database.reading() as connection:
        before = indexes_of(connection)
    config = _config()
    with store.database.migrating() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "006")
    with store.database.reading() as connection:
        older = indexes_of(connection)
    assert version_of(store.database) == "006"
    assert older["ix_contacts_lead_id"][:1] == ("lead_id",)
    migrate(store.database)
    with store.database.reading() as connection:
        assert indexes_of(connection) == before != older
    assert version_of(store.database) == newest()
    assert before["ix_contacts_lead_id_started_at"][:2] == ("lead_id", "started_at")


def test_a_contact_that_is_told_again_after_the_migration_is_the_one_that_was_stored(store: Store) -> None:
    """Its id is made by time since schema 016, and the outcome that was recorded at it names it still."""
    began = datetime(2026, 3, 2, 9, 30, 0, 250_001, tzinfo=UTC)
    told = Contact("L-1", began, agent="Ann", channel="phone", direction="out")
    moved = Contact("L-2", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), agent="Ben")
    config = _config()
    with store.database.writing() as connection:
        ids = [contacts.add(connection, one, None, MOMENT)[0] for one in (told, moved)]
        contacts.move(connection, "L-2", "L-3")
        said = OutcomeReport("L-1", "won", began, 90.0, None, MOMENT, ids[0])
        outcomes.report(connection, said, MOMENT)
    with store.database.migrating() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "015")
        older = connection.execute(select(tables.contacts.c.contact_id)).scalars().all()
    assert {len(one) for one in older} == {35}

    migrate(store.database)

    with store.database.writing() as connection:
        assert contacts.add(connection, told, None, MOMENT) == (ids[0], False)
        assert {one.contact_id for one in contacts.find_contacts(connection, "L-3")} == {ids[1]}
        assert outcomes.find_standing(connection, ["L-1"])["L-1"].contact_id == ids[0]
