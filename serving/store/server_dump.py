"""A PostgreSQL store's copy, by the server's own tools: pg_dump writes it, pg_restore brings it back.

Both set things for their session. A pooler in transaction mode would lend that session to the service next, which then
finds no table: so they go to the server itself.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import URL, func, inspect, select

from serving.store.backup import CopyRefused
from serving.store.database import Database

HEAD = b"PGDMP"
OPTIONS = ("--no-owner", "--no-privileges")


def dump_server(database: Database, path: Path) -> None:
    """Write the store's tables into a file, as of one moment.

    Raises:
        CopyRefused: through a pooler; where pg_dump is missing, with the line to run; or with what it says.
    """
    _check_is_direct(database)
    _run(_dump_line(database, path), database)


def restore_server(database: Database, path: Path) -> None:
    """Bring a file of pg_dump into an empty schema of the same name, in one transaction.

    Raises:
        CopyRefused: through a pooler; where pg_restore is missing, with the line to run; or with what it says.
    """
    _check_is_direct(database)
    options = ("--single-transaction", "--exit-on-error", *OPTIONS)
    _run(["pg_restore", *options, f"--dbname={_address(database)}", str(path)], database)


def is_server_dump(path: Path) -> bool:
    """Whether a file begins as those of pg_dump do."""
    with path.open("rb") as file:
        return file.read(len(HEAD)) == HEAD


def check_is_empty(database: Database) -> None:
    """Refuse a server's schema that holds tables.

    Raises:
        CopyRefused: naming some of them.
    """
    with database.reading() as connection:
        there = sorted(inspect(connection).get_table_names())
    if there:
        raise CopyRefused(
            f"LEADS_DATABASE_URL: the database holds tables ({', '.join(there[:3])} …); name an empty one, as made by "
            "`createdb`"
        )


def _check_is_direct(database: Database) -> None:
    """Refuse a pooler: it tells its clients of another process than the one that then answers."""
    with database.reading() as connection:
        driver: Any = connection.connection.driver_connection
        is_direct = driver.info.backend_pid == connection.scalar(select(func.pg_backend_pid()))
    if not is_direct:
        raise CopyRefused(
            "LEADS_DATABASE_URL goes through a pooler such as pgbouncer, where pg_dump and pg_restore would leave "
            "their settings in sessions of the service; for this command name the server itself, as in "
            "LEADS_DATABASE_URL=postgresql://leads@db.example:5432/leads"
        )


def _dump_line(database: Database, path: Path) -> list[str]:
    with database.reading() as connection:
        schema = connection.scalar(select(func.current_schema()))
    options = ("--format=custom", *OPTIONS, f"--table={schema}.*")
    return ["pg_dump", *options, f"--file={path}", f"--dbname={_address(database)}"]


def _address(database: Database) -> str:
    """The URL as libpq reads it, without the password."""
    url = database.url
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string(hide_password=False)


def _run(line: list[str], database: Database) -> None:
    tool = line[0]
    if shutil.which(tool) is None:
        raise CopyRefused(
            f"{tool} is not installed here (Debian's package postgresql-client); where it is, run: {shlex.join(line)}"
        )
    password = {} if database.url.password is None else {"PGPASSWORD": str(database.url.password)}
    ran = subprocess.run(line, env=os.environ | password, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if ran.returncode != 0:
        said = "; ".join(line.removeprefix(f"{tool}: ") for line in ran.stderr.strip().splitlines()[:2])
        hint = f"; install a {tool} that is as new as the server" if "version mismatch" in said else ""
        raise CopyRefused(f"{tool} failed with exit code {ran.returncode}: {said}{hint}")
