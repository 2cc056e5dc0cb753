"""Reads a query's rows from a SQLAlchemy URL into a frame. Only reads, and never shows a password."""

from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from features.errors import Problem, TableRefused

_READING = ("select", "with", "table", "values")


def safe_name(url: str) -> str:
    """What of a database's URL may be shown: kind, host and database, no user, password or options."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return f"{url.partition('://')[0]}://…"
    return f"{parsed.get_backend_name()}://{parsed.host or ''}/{parsed.database or ''}"


def without_password(url: str) -> str:
    """The URL without its password, as it may be written into a file."""
    return make_url(url).set(password=None).render_as_string()


def read_sql(url: str, query: str) -> pd.DataFrame:
    """The rows of a query, counted from 1.

    Raises:
        TableRefused: when the database cannot be reached, or refuses the query.
    """
    name = safe_name(url)
    if not query.lower().lstrip().startswith(_READING):
        raise TableRefused([Problem("the query must read: begin it with SELECT or WITH")], name)
    try:
        with _engine(url, name).connect() as connection:
            _read_only(connection)
            result = connection.exec_driver_sql(query)
            frame = pd.DataFrame(result.fetchall(), columns=list(result.keys()), dtype=object)
            connection.rollback()
    except SQLAlchemyError as error:
        raise TableRefused([Problem(_without_secrets(error, url))], name) from None
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def _engine(url: str, name: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and not _is_there(parsed.database):
            raise TableRefused([Problem("there is no such file")], name)  # SQLite would make an empty one
        return create_engine(parsed, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError):
        raise TableRefused([Problem("not a database URL; accepted: dialect://user@host/database")], name) from None
    except ModuleNotFoundError as error:
        raise TableRefused([Problem(f"its driver is not installed: pip install {error.name}")], name) from None


def _is_there(database: str | None) -> bool:
    return database is not None and (database.startswith("file:") or Path(database).is_file())


def _read_only(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA query_only = ON"))
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION READ ONLY"))


def _without_secrets(error: SQLAlchemyError, url: str) -> str:
    """The database's own words in one line, with whatever the URL keeps secret struck out."""
    message = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
    parsed = make_url(url)
    options = [value for values in parsed.normalized_query.values() for value in values]
    for secret in (parsed.password, parsed.username, *options):
        if secret:
            message = message.replace(str(secret), "***")
    return f"the database says: {message}"
