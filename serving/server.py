"""Runs the service: settings in, requests answered until a signal; open requests are finished first."""

import socket
from functools import partial

import uvicorn
from uvicorn.supervisors import Multiprocess

from serving.app import create_app
from serving.events import event, write_to_stderr
from serving.settings import Settings


class PortTaken(OSError):
    """Another program listens on the port, or this one may not."""


class _Server(uvicorn.Server):
    """uvicorn's server, writing its own process's log as ours; a worker is a fresh process."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        write_to_stderr()
        super().run(sockets)


def serve(settings: Settings) -> None:
    """Listen and serve until SIGINT or SIGTERM.

    Raises:
        PortTaken: where the port cannot be had.
    """
    write_to_stderr()
    listening = listen(settings)
    host, port = listening.getsockname()[:2]
    config = uvicorn.Config(
        partial(create_app, settings),
        factory=True,
        workers=settings.workers,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    event("service.started", url=f"http://{f'[{host}]' if ':' in host else host}:{port}", workers=settings.workers)
    server = _Server(config)
    with listening:
        if settings.workers == 1:
            server.run([listening])
        else:
            Multiprocess(config, target=server.run, sockets=[listening]).run()
    event("service.stopped")


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
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "stop what uses the port, or choose another with --port"
        ) from error
    listening.set_inheritable(True)
    return listening
