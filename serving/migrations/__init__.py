"""The database's versions, by Alembic: bring one up to date, or say that it is not.

Alembic is imported where a version is made, as most starts find the newest one.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from serving.store.database import Database
from serving.store.errors import SchemaOutdated, StoreUnavailable
from serving.store.url import DatabaseDamaged, DatabaseRefused

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent


def prepare(database: Database) -> None:
    """Make the schema in an empty database; refuse one of another version. Of many that come at once, one makes it.

    Raises:
        SchemaOutdated: naming both versions and what to run.
    """
    if version_of(database) == newest():
        return
    with database.migrating() as connection:
        found = _read_version(connection)
        if found == newest():
            return
        _check_is_empty(connection, found)
        upgrade(connection)


def migrate(database: Database) -> None:
    """Bring the database to the newest version, in one transaction.

    Raises:
        SchemaOutdated: where it was made by a later version of this code.
    """
    with database.migrating() as connection:
        found = _read_version(connection)
        if found is not None:
            check_is_known(found, "the database")
        upgrade(connection)


def check_is_known(version: str, what: str) -> None:
    """Refuse a schema of a later version of this code.

    Raises:
        SchemaOutdated: naming the version.
    """
    if version not in _known_versions():
        raise SchemaOutdated(
            f"{what} has schema {version}, which this version of leads does not know; "
            "install the version that made it, or a later one"
        )


def _check_is_empty(connection: Connection, found: str | None) -> None:
    if found is not None:
        raise SchemaOutdated(_other_version(found))
    strangers = inspect(connection).get_table_names()
    if strangers:
        raise SchemaOutdated(
            f"the database holds tables of another program ({', '.join(sorted(strangers)[:3])} …); "
            "name an empty one with LEADS_DATABASE_URL"
        )


def _other_version(found: str) -> str:
    if found not in _known_versions():
        return (
            f"the database has schema {found}, which is later than {newest()}, the one this version of leads works "
            "with; install the version that made it, or a later one"
        )
    return (
        f"the database has schema {found}, this version of leads works with {newest()}; "
        "make a copy of it (`leads backup`), then run `leads migrate`"
    )


def find_trouble(database: Database) -> str | None:
    """What keeps the service from working with the database just now, in words without addresses; None if nothing."""
    try:
        with database.checking() as connection:
            found = _read_version(connection)
        if found != newest():
            return "the database holds no schema yet" if found is None else _other_version(found)
        database.check_takes_writes()
    except DatabaseDamaged:
        return "the database is damaged, or none"
    except (StoreUnavailable, DatabaseRefused) as away:
        return str(away)
    return None


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest version, in the transaction that the connection is in."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def version_of(database: Database) -> str | None:
    """The database's version; None where it has none."""
    with database.reading() as connection:
        return _read_version(connection)


def _read_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def newest() -> str:
    """The version that this code works with."""
    return _known_versions()[-1]


@cache
def _known_versions() -> tuple[str, ...]:
    """The oldest first, by the numbers that their files begin with."""
    return tuple(sorted(file.name.split("_")[0] for file in (HERE / "versions").glob("[0-9]*.py")))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config
