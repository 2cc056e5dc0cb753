"""The store that commands work on: LEADS_DATABASE_URL in, an open store out, or a refusal that says what is wrong."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from commands.console import err
from features.errors import Refused
from serving.migrations import prepare
from serving.settings import read_settings
from serving.store import Store, StoreUnavailable
from serving.store.connection_errors import REACHED
from serving.store.database import Database


class DatabaseAway(Refused):
    """The database does not answer."""


class NoStore(Refused):
    """There is no SQLite file at the path; a mistyped one must not become an empty store."""


@contextmanager
def open_store(*, makes: bool = False) -> Iterator[Store]:
    """The store, with the schema that this version works with; an SQLite file only where it is there, or `makes`.

    Raises:
        NoStore: where there is no file.
        SchemaOutdated: where the database was made by another version.
        DatabaseAway: where it cannot be reached.
    """
    with refuse_unreachable():
        store = Store(read_settings().database_url)
        with closing(store.database):
            missing = _check_file(store.database, makes)
            prepare(store.database)
            if missing is not None:
                err().print(f"Made a new store: {missing}")
            yield store


@contextmanager
def open_database() -> Iterator[Database]:
    """The database as it is, of whichever version.

    Raises:
        NoStore: where there is no file.
        DatabaseAway: where it cannot be reached.
    """
    with refuse_unreachable(), closing(Database(read_settings().database_url)) as database:
        _check_file(database, makes=False)
        yield database


def _check_file(database: Database, makes: bool) -> Path | None:
    """The SQLite file that will be made; None where nothing need be."""
    missing = database.missing_file
    if missing is not None and not makes:
        raise NoStore(
            f"LEADS_DATABASE_URL: there is no store at {missing}; mend the path, "
            "or make a store with `leads import-history` or `leads serve`"
        )
    return missing


@contextmanager
def refuse_unreachable() -> Iterator[None]:
    """Say it plainly where the database cannot be reached.

    Raises:
        DatabaseAway: in place of `StoreUnavailable`.
    """
    try:
        yield
    except StoreUnavailable as away:
        what, _, reason = str(away).partition(": ")
        hint = f"{what}; is it running, and does LEADS_DATABASE_URL name it?" if what == REACHED else str(away)
        raise DatabaseAway(f"{hint} It says: {reason}" if reason and what == REACHED else hint) from away
