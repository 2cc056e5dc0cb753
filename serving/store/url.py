"""Where the store is: `LEADS_DATABASE_URL` in, an address that both drivers take out, or what is wrong with it.

What PostgreSQL's `options` set is taken out of the URL and set anew in each transaction: a pooler such as pgbouncer
refuses or ignores it when a connection starts, and what is set for a session would be another client's next.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from features.errors import Refused

WORD = re.compile(r"(?:[^\s\\]|\\.)+")
"""In libpq's options: parted by spaces, but not by one behind a backslash."""


class DatabaseRefused(Refused):
    """A database that cannot be used as it is named."""


class DatabaseDamaged(DatabaseRefused):
    """A file that is no database, or no longer one; the message names it."""


@dataclass(frozen=True)
class Address:
    """A URL, and what each transaction sets, such as the search_path."""

    url: URL
    settings: Mapping[str, str]

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path:
        """SQLite's file."""
        return Path(str(self.url.database)).resolve()


def read_address(url: str) -> Address:
    """The address that a URL names.

    Raises:
        DatabaseRefused: saying what is accepted; the URL, which holds a password, is not in it.
    """
    try:
        made = make_url(url)
    except ArgumentError:
        raise DatabaseRefused("the database URL cannot be read; use sqlite:///leads.db or postgresql://…") from None
    backend = made.get_backend_name()
    if backend in ("postgresql", "postgres"):  # the second is how many hosts write it
        return _of_postgresql(made)
    if backend != "sqlite":
        raise DatabaseRefused(f"{backend} is no database that this works on; use SQLite or PostgreSQL")
    if made.database in (None, "", ":memory:"):
        raise DatabaseRefused("a store in memory forgets what it acknowledged; name a file, as in sqlite:///leads.db")
    address = Address(made, {})
    if not address.file.parent.is_dir():
        raise DatabaseRefused(
            f"LEADS_DATABASE_URL: there is no folder {address.file.parent}; make it, or mend the path"
        )
    return address


def _of_postgresql(url: URL) -> Address:
    settings: dict[str, str] = {}
    if (search_path := url.query.get("search_path")) is not None:
        settings["search_path"] = _text(search_path)
    if (options := url.query.get("options")) is not None:
        settings |= _settings_in(_text(options))
    bare = url.difference_update_query(("options", "search_path"))
    return Address(bare.set(drivername="postgresql+psycopg"), settings)


def _settings_in(options: str) -> dict[str, str]:
    r"""The settings in `-c name=value`, `-cname=value` or `--name=value`, as libpq reads them."""
    settings: dict[str, str] = {}
    words = iter(re.sub(r"\\(.)", r"\1", word) for word in WORD.findall(options))
    try:
        for word in words:
            setting = next(words) if word == "-c" else word.removeprefix("-c").removeprefix("--")
            name, value = setting.split("=", 1)
            settings[name.strip().replace("-", "_")] = value.strip()
    except (ValueError, StopIteration):
        raise DatabaseRefused(
            "LEADS_DATABASE_URL: its options cannot be read; write them as in ?options=-csearch_path%3Dsales"
        ) from None
    return settings


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " ".join(value)
