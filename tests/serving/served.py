"""The service behind real connections, in a thread of the tests' own process: another one imports everything anew."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn
from fastapi import FastAPI

from serving.middleware.header_limits import HeaderLimits
from serving.server import IDLE_SECONDS
from tests.serving.conftest import wait_until


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The URL of a ready service, with the server that `leads serve` has; who wants its signals takes `live`."""
    config = uvicorn.Config(
        app,
        port=0,
        http=HeaderLimits,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        wait_until(lambda: httpx2.get(f"{url}/readyz").status_code == 200)
        yield url
    finally:
        server.should_exit = True
        thread.join(10)
