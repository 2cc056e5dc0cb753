"""The store that commands work on: LEADS_DATABASE_URL in, an open store out, or a refusal that says what is wrong."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from features.refused import Refused
from serving.migrations import prepare
from serving.settings import read_settings
from serving.store import Store, StoreUnavailable
from serving.store.database import Database


class DatabaseAway(Refused):
    """The database does not answer."""


@contextmanager
def opened_store() -> Iterator[Store]:
    """The store, with the schema that this version works with; made where the database is empty.

    Raises:
        SchemaOutdated: where the database was made by another version.
        DatabaseAway: where it cannot be reached.
    """
    with reached():
        store = Store(read_settings().database_url)
        with closing(store.database):
            prepare(store.database)
            yield store


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database as it is, of whichever version.

    Raises:
        DatabaseAway: where it cannot be reached.
    """
    with reached(), closing(Database(read_settings().database_url)) as database:
        yield database


@contextmanager
def reached() -> Iterator[None]:
    """Say it plainly where the database cannot be reached.

    Raises:
        DatabaseAway: in place of `StoreUnavailable`.
    """
    try:
        yield
    except StoreUnavailable as away:
        raise DatabaseAway(f"{away}; is it running, and does LEADS_DATABASE_URL name it?") from away
