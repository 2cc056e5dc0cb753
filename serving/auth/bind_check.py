"""Before the service listens: its database is prepared, and nobody may come in who was not let in on purpose."""

import logging
from contextlib import closing
from datetime import datetime

from features.errors import Refused
from serving.auth.loopback import is_loopback
from serving.event_log import log_event
from serving.migrations import prepare
from serving.settings import Settings
from serving.store import first_key
from serving.store.database import Database
from serving.store.keys import all_keys

FIRST_KEY = "/first-key"


class Exposed(Refused):
    """The service would be open to others."""


def check_may_listen(settings: Settings) -> None:
    """Prepare the database, saying so where that makes it, and count its keys where others can reach the service.

    Raises:
        SchemaOutdated: where the database was made by another version.
        StoreUnavailable: where it cannot be reached.
        Exposed: where nobody was given a key yet, or all were to come in without one.
    """
    with closing(Database(settings.database_url)) as database:
        missing = database.missing_file
        prepare(database)
        if missing is not None:
            log_event("store.made", file=missing)
        if is_loopback(settings.host):
            return
        with database.reading() as connection:
            keys = all_keys(connection)
    if settings.open:
        raise Exposed(f"LEADS_OPEN: only this machine may go without a key, and {settings.host} is more; leave it out")
    if all(key.revoked for key in keys.values()):
        raise Exposed(
            f"LEADS_HOST: listening on {settings.host}, beyond this machine, takes a key: "
            "create one with `leads keys create --scope score --name crm`, or use 127.0.0.1, ::1 or localhost"
        )


def say_who_may_come_in(settings: Settings, url: str, now: datetime) -> None:
    """Where no key was ever made: say that everything is open, or print the link that makes the first key."""
    with closing(Database(settings.database_url)) as database:
        if settings.open:
            with database.reading() as connection:
                has_keys = bool(all_keys(connection))
            log_event(
                "service.open",
                logging.WARNING,
                to="nobody: there are keys" if has_keys else "this machine, without a key",
            )
            return
        with database.writing() as connection:
            token = first_key.offer(connection, now)
    if token is not None:
        minutes = round(first_key.WORKS_FOR.total_seconds() / 60)
        print(  # noqa: T201 - to the person at the terminal: a log is no place for it
            f"No key was made yet. Make the first one, an admin's, within {minutes} minutes at\n"
            f"  {url}{FIRST_KEY}?token={token}\n"
            "or with `leads keys create`. Until then only health is answered.",
            flush=True,
        )
