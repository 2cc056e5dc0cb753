"""A request that would like another protocol is answered in this one, as if it had not asked (RFC 9110, 7.8).

Java's own client asks for HTTP/2 with every request. The parser below uvicorn then takes the body for that protocol and
drops it; so what it read of such a request is read again without the wish.
"""

from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _Parser(httptools.HttpRequestParser):
    """Tells where it stopped because another protocol was to begin."""

    def __init__(self, protocol: object, stopped: Callable[[bytes], bool]) -> None:
        super().__init__(protocol)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._stopped = stopped

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # uvicorn gives it nothing else
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if not self._stopped(data[upgrade.args[0] :]):
                raise


class PlainHttp(HttpToolsProtocol):
    """An HTTP connection that stays one."""

    _wants_another = False
    """Whether the request at hand was begun with a wish that is ignored."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.parser = self._new_parser()

    def on_headers_complete(self) -> None:
        self._wants_another = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if not self._wants_another:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._wants_another:
            super().on_message_complete()

    def _new_parser(self) -> _Parser:
        return _Parser(self, self._read_again)

    def _read_again(self, rest: bytes) -> bool:
        """Read the request whose head was just read, and all behind it, without the wish; whether there was one."""
        if not self._wants_another:
            return False
        start = b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        self.parser = self._new_parser()
        self.parser.feed_data(b"\r\n".join([start, *lines, b"", rest]))
        return True
