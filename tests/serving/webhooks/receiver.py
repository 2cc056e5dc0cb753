"""A webhook's receiver on this machine: it keeps what it is sent and answers as the test says."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Post:
    """What arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    def verified_by(self, secret: str) -> dict:
        """The JSON of a body that the standard's own package finds signed; it raises otherwise."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Inbox:
    """Posts in the order of arrival; statuses to answer, then 200 to all that follows."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)

    def take(self, post: Post) -> int:
        self.posts.append(post)
        self.hold.wait(10)
        return self.statuses.pop(0) if self.statuses else 200


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Inbox]:
    """Listen to the end of the block, over TLS where a context is given; `hold` is open at first."""
    inbox = Inbox()
    inbox.hold.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = inbox.take(Post({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            for name, value in inbox.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    inbox.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        inbox.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
