"""`leads backup`: a copy of the store as it is at one moment, while the service runs."""

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, out, print_json, progress_bar
from commands.database import open_database
from features.whole_files import replace_private_file
from serving.migrations import version_of
from serving.store.backup import CopyRefused, copy_sqlite
from serving.store.database import Database
from serving.store.server_dump import dump_server

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; one that is there is replaced.")],
    json: Json = False,
) -> None:
    """Copy the store of LEADS_DATABASE_URL into a file, as it is at this moment; the service goes on meanwhile.

    Of SQLite the copy is a database in one file, looked through before it is called done; of PostgreSQL it is what
    pg_dump writes. It holds personal data: only its owner may read it. `leads restore` brings it back. Models and
    scoring.toml are not in the store; docs/upgrading.md lists what else to keep.

    Example: leads backup /backups/leads-$(date +%F).db
    """
    _check_place(file)
    began = datetime.now(UTC)
    with open_database() as database, progress_bar("copying") as report_progress:
        if database.is_sqlite and file.resolve() == database.address.file:
            raise CopyRefused(f"{file} is the store itself; name another file")
        schema = version_of(database)
        if schema is None:
            raise CopyRefused("LEADS_DATABASE_URL: the database holds no store yet")
        with replace_private_file(file) as draft:
            _copy(database, draft, partial(report_progress, "copying"))
    size = file.stat().st_size
    if json:
        print_json({"file": file, "as_of": began, "schema": schema, "bytes": size})
        return
    out().print(f"The store as of {began:%Y-%m-%d %H:%M:%S} UTC, schema {schema}: {file} ({size / 1e6:,.1f} MB)")


def _copy(database: Database, draft: Path, report_share: partial[None]) -> None:
    if database.is_sqlite:
        copy_sqlite(database, draft, report_share)
    else:
        dump_server(database, draft)


def _check_place(file: Path) -> None:
    if file.is_dir():
        raise CopyRefused(f"{file} is a folder; name the file in it, such as {file / 'leads-copy.db'}")
    if not file.parent.is_dir():
        raise CopyRefused(f"there is no folder {file.parent}; make it, or mend the path")
    if not os.access(file.parent, os.W_OK):
        raise CopyRefused(f"the folder {file.parent} cannot be written")
