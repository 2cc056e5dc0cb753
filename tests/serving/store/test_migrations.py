"""The migrations make the schema that the tables say, from any version and back."""

from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from serving.migrations import _config, migrate, newest, version_of
from serving.store import Store
from serving.store.tables import metadata

pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's cannot be read back


def indexes_of(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """Each index's columns and those beside its keys, by its name."""
    found = inspect(connection)
    return {
        str(index["name"]): (*index["column_names"], index.get("dialect_options", {}).get("postgresql_include"))
        for table in ("leads", "contacts", "outcomes")
        for index in found.get_indexes(table)
        if index["name"] != "ix_leads_received_at"  # SQLite's reader drops it by turns
    }


def test_the_newest_schema_is_that_of_the_tables(store: Store) -> None:
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


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
