"""A real pgbouncer before a real PostgreSQL, as a company that runs one has it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.ports import free_port

PGBOUNCER = shutil.which("pgbouncer")
needs_pgbouncer = pytest.mark.skipif(
    PGBOUNCER is None, reason="pgbouncer is not installed (Debian: apt-get install pgbouncer)"
)
SERVER_CONNECTIONS = 3
"""Fewer than the service opens: each transaction gets another's session."""


@contextmanager
def pgbouncer(database_url: str, mode: str = "transaction", **settings: str) -> Iterator[str]:
    """The URL of the database through a pooler."""
    server = make_url(database_url)
    host = str(server.host or server.query["host"])
    port = free_port()
    with TemporaryDirectory(prefix="leads-pooler-", dir="/tmp") as name:
        folder = Path(name)
        options = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "any",
            "auth_file": str(folder / "users.txt"),
            "pool_mode": mode,
            "default_pool_size": str(SERVER_CONNECTIONS),
            "max_client_conn": "200",
            **settings,
        }
        lines = "\n".join(f"{name} = {value}" for name, value in options.items())
        forward = f"* = host={host} port={server.port or 5432} user={server.username}"
        (folder / "users.txt").write_text(f'"{server.username}" ""\n')
        (folder / "pgbouncer.ini").write_text(f"[databases]\n{forward}\n\n[pgbouncer]\n{lines}\n")
        command = [str(PGBOUNCER), str(folder / "pgbouncer.ini")]
        if os.geteuid() == 0:  # as which it refuses to run; only the server's own user may go to its socket
            user = Path(host).owner()
            subprocess.run(["chown", "-R", user, name], check=True)
            command[1:1] = ["-u", user]
        with _running(command, port):
            yield server.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("pgbouncer did not start")


def sessions_of(server: str, database: str) -> int:
    """How many sessions the server has for a database."""
    with psycopg.connect(server, autocommit=True) as connection:
        counted = connection.execute("select count(*) from pg_stat_activity where datname = %s", [database])
        return counted.fetchone()[0]
