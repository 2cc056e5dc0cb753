"""`leads restore`: a copy that `leads backup` made, brought into an empty place."""

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, err, out, print_json, progress_bar
from commands.database import refuse_unreachable
from serving.migrations import check_is_known, newest, upgrade, version_of
from serving.settings import read_settings
from serving.store.backup import CopyRefused, check_is_free, copy_rows, is_sqlite_copy, read_copy, restore_sqlite
from serving.store.database import Database
from serving.store.server_dump import check_is_empty, is_server_dump, restore_server
from serving.store.url import read_address

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def restore(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="What `leads backup` wrote."),
    ],
    json: Json = False,
) -> None:
    """Bring a copy of the store to where LEADS_DATABASE_URL says; there must be no store yet.

    Nothing is there until all of it is. A copy of SQLite goes into PostgreSQL too: that is how to move to a server.
    What happened after the copy was made is undone: who was erased since must be erased again, keys that were revoked
    since are live again.

    Examples: leads restore /backups/leads-2026-11-29.db; LEADS_DATABASE_URL=postgresql://… leads restore leads.db
    """
    _check_is_copy(file)
    with refuse_unreachable(), progress_bar("restoring") as report_progress:
        address = read_address(read_settings().database_url)
        if address.is_sqlite:
            schema = _to_sqlite(file, address.file)
        else:
            with closing(Database(read_settings().database_url)) as database:
                schema = _to_server(file, database, partial(report_progress, "restoring"))
    if json:
        print_json({"file": file, "schema": schema, "newest": newest()})
        return
    out().print(f"The store of {file} is back, schema {schema}.")
    if schema != newest():
        err().print(f"This version of leads works with schema {newest()}. Next: leads migrate")
    err().print("Erase again who was erased, and revoke again what was revoked, after the copy was made.")


def _check_is_copy(file: Path) -> None:
    if not is_sqlite_copy(file) and not is_server_dump(file):
        raise CopyRefused(f"{file} is no copy of a store; `leads backup` makes one")


def _to_sqlite(file: Path, place: Path) -> str:
    check_is_free(place)
    if is_server_dump(file):
        raise CopyRefused(f"{file} is a copy of a PostgreSQL store; name a PostgreSQL database with LEADS_DATABASE_URL")
    schema = read_copy(file).schema
    check_is_known(schema, str(file))
    restore_sqlite(file, place)
    return schema


def _to_server(file: Path, database: Database, report_share: partial[None]) -> str:
    check_is_empty(database)
    if is_server_dump(file):
        restore_server(database, file)
        return version_of(database) or "none"
    schema = read_copy(file).schema
    if schema != newest():
        raise CopyRefused(
            f"{file} has schema {schema}, and only schema {newest()} can be brought from SQLite to PostgreSQL; "
            "run `leads migrate` on the store, then `leads backup`"
        )
    with database.migrating() as connection:  # one transaction: all of it is there in the end, or nothing
        upgrade(connection)
        copy_rows(file, connection, report_share)
    return schema
