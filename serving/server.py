"""Runs the service: settings in, requests answered until a signal; open requests are finished first."""

import gc
import logging.config
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from connectors.crm.config import read_connections
from features.errors import Refused
from serving.auth.bind_check import check_may_listen, say_who_may_come_in
from serving.event_log import LOGGING, log_event
from serving.metrics.counters import shared_by
from serving.metrics.shared import Shared
from serving.settings import Settings
from serving.workers import Supervisor, TimelyServer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from serving.scoring.champion import ModelSource

if sys.platform != "win32":  # where there is no httptools
    from serving.middleware.header_limits import HeaderLimits

WORKER_START_SECONDS = 60
IDLE_SECONDS = 65
"""How long a connection stays open unused: longer than the minute after which balancers let go of theirs."""


class PortTaken(Refused):
    """Another program listens on the port, or this one may not."""


class WorkersFailed(Refused):
    """No worker could be started."""


def serve(settings: Settings, models: "ModelSource | None" = None) -> None:
    """Listen and serve until SIGINT or SIGTERM, with the registry's champion or another source's.

    Raises:
        CrmRefused: where crm.toml has something wrong.
        PortTaken: where the port cannot be had.
        SchemaOutdated: where the database was made by another version.
        Exposed: where it would listen beyond this machine without a key.
        WorkersFailed: where its processes end as soon as they start.
    """
    logging.config.dictConfig(LOGGING)
    read_connections(Path(settings.crm_file))
    check_may_listen(settings)
    listening = listen(settings)
    host, port = listening.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    with listening, shared_by(settings.workers) as shared, _end_normally_on_signal():
        config = uvicorn.Config(
            partial(_make_app, settings, models, shared),
            factory=True,
            http="auto" if sys.platform == "win32" else HeaderLimits,
            ws="none",
            workers=settings.workers,
            access_log=False,
            log_config=LOGGING,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=settings.stop_seconds,
            timeout_worker_healthcheck=WORKER_START_SECONDS,
        )
        log_event("service.started", url=url, workers=settings.workers)
        say_who_may_come_in(settings, url, datetime.now(UTC))
        _serve_workers(config, listening)
    log_event("service.stopped")


def _make_app(settings: Settings, models: "ModelSource | None", shared: Shared | None) -> "FastAPI":
    """The service, imported where it answers: the parent of workers needs none of it.

    What is there by then stays: the garbage collector would look through it again and again, with all requests waiting.
    """
    from serving.app import create_app

    app = create_app(settings, models, shared=shared)
    gc.freeze()
    return app


def _serve_workers(config: uvicorn.Config, listening: socket.socket) -> None:
    if config.workers == 1:
        TimelyServer(config).run([listening])
        return
    supervisor = Supervisor(config, [listening])
    supervisor.run()
    if supervisor.stopped_by_failure:
        raise WorkersFailed("the service's processes cannot start; the log above says why")


def listen(settings: Settings) -> socket.socket:
    """A socket bound to the settings' address.

    Raises:
        PortTaken: where the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "stop what uses the port, or choose another with --port"
        ) from error
    listening.set_inheritable(True)
    return listening


@contextmanager
def _end_normally_on_signal() -> Iterator[None]:
    """Uvicorn raises the signal that stopped it once more when it is done; by then nothing is left to end."""
    stops = (signal.SIGINT, signal.SIGTERM)
    before = {stop: signal.signal(stop, lambda *_: None) for stop in stops}
    try:
        yield
    finally:
        for stop, handler in before.items():
            signal.signal(stop, handler)
