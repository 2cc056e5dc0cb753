"""The database's versions, by Alembic: bring one up to date, or say that it is not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from serving.store.database import Database
from serving.store.errors import SchemaOutdated

HERE = Path(__file__).parent


def prepare(database: Database) -> None:
    """Make the schema in an empty database; refuse one of another version.

    Raises:
        SchemaOutdated: naming both versions and what to run.
    """
    found = version_of(database)
    if found == newest():
        return
    if found is not None:
        raise SchemaOutdated(
            f"the database has schema {found}, this version of leads works with {newest()}; "
            "make a copy of it, then run `leads migrate`"
        )
    with database.reading() as connection:
        strangers = inspect(connection).get_table_names()
    if strangers:
        raise SchemaOutdated(
            f"the database holds tables of another program ({', '.join(sorted(strangers)[:3])} …); "
            "name an empty one with LEADS_DATABASE_URL"
        )
    migrate(database)


def migrate(database: Database) -> None:
    """Bring the database to the newest version, in one transaction.

    Raises:
        SchemaOutdated: where it was made by a later version of this code.
    """
    found = version_of(database)
    if found is not None and found not in _known():
        raise SchemaOutdated(
            f"the database has schema {found}, which this version of leads does not know; "
            "install the version that made it, or a later one"
        )
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version_of(database: Database) -> str | None:
    """The database's version; None where it has none."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The version that this code works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config
