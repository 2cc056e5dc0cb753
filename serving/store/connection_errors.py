"""Why a database cannot be used: a driver's error in, a reason in words out, without names, addresses or values.

A server that refuses a connection says so in text alone; in another language than English the reason stays unnamed.
"""

import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

REACHED = "the database cannot be reached"
WRITTEN = "the database cannot be written"
DISK_FULL = f"{WRITTEN}: the disk is full"
READ_ONLY = f"{WRITTEN}: the server is read-only, such as a standby"
ROOM_BYTES = 1_000_000
"""With less than this left, the next change may find no room."""

UNAVAILABLE_STATES = ("08", "53", "57", "25006", "3D000", "3F000", "28")
"""PostgreSQL's classes of error: lost connections, missing resources, operator's intervention, a standby, and a
database, schema or user that is not there."""

_STATES = {
    "25006": READ_ONLY,
    "28P01": f"{REACHED}: the server does not take the password",
    "28": f"{REACHED}: the server does not take the user",
    "3D000": f"{REACHED}: there is no such database on the server",
    "3F000": f"{WRITTEN}: its search_path names no schema that is there",
    "53100": DISK_FULL,
    "53300": f"{REACHED}: the server has as many connections as it takes",
    "57014": f"{REACHED}: a question took too long",
    "57P": f"{REACHED}: the server is starting or stopping",
}
_TEXTS = {
    "unsupported startup parameter": f"{REACHED}: a pooler refuses a startup parameter of the URL",
    "password authentication failed": _STATES["28P01"],
    "no password supplied": f"{REACHED}: the server wants a password",
    "pg_hba.conf": f"{REACHED}: the server does not let this user or machine in",
    "permission denied": f"{REACHED}: the user may not connect to it",
    "too many clients": _STATES["53300"],
    "too many connections": _STATES["53300"],  # for a role, or for a database
    'role "': _STATES["28"],
    "no such user": _STATES["28"],
    "auth failed": _STATES["28P01"],
    "SASL authentication failed": _STATES["28P01"],
    "authentication failed": _STATES["28"],
    "no such database": _STATES["3D000"],
    'database "': _STATES["3D000"],
    "no more connections allowed": _STATES["53300"],
    "remaining connection slots": _STATES["53300"],
    "the database system is": _STATES["57P"],
    "query_wait_timeout": f"{REACHED}: the pooler has no connection to spare",
    "Connection refused": f"{REACHED}: nobody listens at its address",
    "No such file or directory": f"{REACHED}: nobody listens at its address",
    "translate host name": f"{REACHED}: the name of its host is not known (DNS)",
    "Name or service not known": f"{REACHED}: the name of its host is not known (DNS)",
    "failed to resolve host": f"{REACHED}: the name of its host is not known (DNS)",
    "certificate": f"{REACHED}: its certificate is not accepted",
    "SSL": f"{REACHED}: client and server do not agree on TLS",
    "timeout expired": f"{REACHED}: it does not answer",
    "Connection timed out": f"{REACHED}: it does not answer",
}
"""What libpq, PostgreSQL and pgbouncer say to one who may not connect. In this order: the earlier is the more exact."""

_SQLITE = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_READONLY: f"{WRITTEN}: the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: f"{REACHED}: the file cannot be opened",
    sqlite3.SQLITE_PERM: f"{REACHED}: the file's permissions forbid it",
    sqlite3.SQLITE_BUSY: f"{WRITTEN}: another process holds it",
    sqlite3.SQLITE_LOCKED: f"{WRITTEN}: another process holds it",
    sqlite3.SQLITE_IOERR: f"{REACHED}: the disk reports an error",
}


def is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is no SQLite database, or no longer."""
    return _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_unavailable(error: DBAPIError) -> bool:
    """Whether trying again later may help, unlike after a mistake in what was asked."""
    if error.connection_invalidated or isinstance(error.orig, sqlite3.OperationalError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # psycopg gives no state where there is no server that could
        return type(error.orig).__name__ in {"OperationalError", "InterfaceError", "ConnectionTimeout"}
    return str(state).startswith(UNAVAILABLE_STATES)


def reason_of(error: BaseException | None, file: Path | None = None) -> str:
    """Why the database cannot be used; `file` is SQLite's."""
    if isinstance(error, sqlite3.Error):
        return DISK_FULL if file is not None and not has_room(file) else _SQLITE.get(_code(error), REACHED)
    state = str(getattr(error, "sqlstate", None) or "")
    named = next((reason for begin, reason in _STATES.items() if state.startswith(begin)), None) if state else None
    if named is not None:
        return named
    if type(error).__name__ == "ConnectionTimeout":
        return f"{REACHED}: it does not answer"
    said = str(error)
    return next((reason for text, reason in _TEXTS.items() if text in said), REACHED)


def has_room(file: Path) -> bool:
    """Whether the disk under a file takes a change more."""
    try:
        return shutil.disk_usage(file.parent).free >= ROOM_BYTES
    except OSError:
        return True  # what else is wrong with the folder says the database itself


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF  # errors of the driver itself have none
