"""A mail server on this machine that keeps what it is handed, with STARTTLS, TLS from the start, and AUTH PLAIN."""

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Mailbox:
    """What came, and how the server behaves."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    is_tls_first: bool = False
    password: str | None = None
    refused: tuple[str, ...] = ()
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)


class Handler(StreamRequestHandler):
    """One conversation."""

    server: "Server"

    def handle(self) -> None:
        self.is_signed_in, self.is_encrypted = False, self.server.mailbox.is_tls_first
        self.rcpt: list[str] = []
        self.say("220 here")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if not getattr(self, f"do_{verb.lower()}", self.unknown)(rest):
                return

    def finish(self) -> None:
        super().finish()
        self.rfile.close()
        self.request.close()

    def say(self, text: str) -> bool:
        self.wfile.write(f"{text}\r\n".encode())
        return True

    def unknown(self, _: str) -> bool:
        return self.say("502 what?")

    def do_ehlo(self, _: str) -> bool:
        offers = ["STARTTLS"] if self.server.mailbox.tls and not self.is_encrypted else []
        offers += ["AUTH PLAIN"] if self.server.mailbox.password else []
        for one in ("here", *offers):
            self.say(f"250-{one}")
        return self.say("250 HELP")

    def do_starttls(self, _: str) -> bool:
        self.say("220 go on")
        self.wfile.flush()
        try:
            self.request = self.server.mailbox.tls.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
        self.is_encrypted = True
        return True

    def do_auth(self, rest: str) -> bool:
        _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        self.is_signed_in = password == self.server.mailbox.password
        return self.say("235 welcome" if self.is_signed_in else f"535 no, {user}")

    def do_mail(self, _: str) -> bool:
        return self.say("250 ok" if self.is_signed_in or self.server.mailbox.password is None else "530 sign in")

    def do_rcpt(self, rest: str) -> bool:
        address = rest.partition("<")[2].partition(">")[0]
        if address in self.server.mailbox.refused:
            return self.say(f"550 nobody is called {address}")
        self.rcpt.append(address)
        return self.say("250 ok")

    def do_data(self, _: str) -> bool:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.mailbox.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.server.mailbox.recipients += self.rcpt
        self.server.mailbox.was_encrypted.append(self.is_encrypted)
        return self.say("250 kept")

    def do_rset(self, _: str) -> bool:
        return self.say("250 ok")

    def do_quit(self, _: str) -> bool:
        self.say("221 bye")
        return False


class Server(ThreadingTCPServer):
    """Listens for as long as it is served."""

    daemon_threads = True

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self):
        connection, address = super().get_request()
        if self.mailbox.is_tls_first:
            connection = self.mailbox.tls.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request, client_address) -> None: ...


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[Mailbox]:
    """Listen to the end of the block."""
    with Server(mailbox) as server:
        mailbox.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield mailbox
        server.shutdown()
