"""Before the service listens: its database has the right schema, and beyond this machine there is a key."""

from contextlib import closing

from features.refused import Refused
from serving.access.loopback import is_loopback
from serving.events import event
from serving.migrations import prepare
from serving.settings import Settings
from serving.store.database import Database
from serving.store.keys import all_keys


class Exposed(Refused):
    """The service would be open to others."""


def check_may_listen(settings: Settings) -> None:
    """Prepare the database, saying so where that makes it, and count its keys where others can reach the service.

    Raises:
        SchemaOutdated: where the database was made by another version.
        StoreUnavailable: where it cannot be reached.
        Exposed: where nobody was given a key yet.
    """
    with closing(Database(settings.database_url)) as database:
        missing = database.missing_file
        prepare(database)
        if missing is not None:
            event("store.made", file=missing)
        if is_loopback(settings.host):
            return
        with database.reading() as connection:
            keys = all_keys(connection)
    if all(key.revoked for key in keys.values()):
        raise Exposed(
            f"LEADS_HOST: listening on {settings.host}, beyond this machine, takes a key: "
            "create one with `leads keys create --scope score --name crm`, or use 127.0.0.1, ::1 or localhost"
        )
