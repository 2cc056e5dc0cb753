"""Open mode: while no key was ever made, whoever is on this machine may do everything. It must be asked for.

A proxy on this machine turns the whole world into "this machine", so what came through one is refused, and so is a page
of another site. A proxy that hides what it is cannot be told from a person: hence it is never on by itself.
"""

from urllib.parse import urlsplit

from fastapi import Request

from language.text import mark
from serving.auth.loopback import is_loopback, without_port
from serving.errors import Forbidden, WrongHost

PROXY_HEADERS = frozenset(
    {b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip", b"cf-connecting-ip"}
)
PROXY_PREFIXES = (b"x-forwarded-", b"x-original-", b"x-envoy-")
OLD_HTTP = "1.0"
"""What nginx speaks to a service unless told otherwise, and no client of today."""


def check_local(request: Request) -> None:
    """Check that a request of open mode comes from this machine.

    Raises:
        WrongHost: under a name that others may have, as a page that gave itself this address by DNS uses.
        Forbidden: through a proxy, or from another site's page.
    """
    headers = request.scope["headers"]
    host = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")
    if not is_loopback(without_port(host)):
        raise WrongHost(
            mark("until a key is created with `leads keys create`, use http://localhost or http://127.0.0.1")
        )
    if request.scope.get("http_version") == OLD_HTTP or any(_is_of_a_proxy(name) for name, _ in headers):
        raise Forbidden(
            mark("open mode answers no proxy; make a key with `leads keys create`, then serve without --open")
        )
    if is_cross_origin(request):
        raise Forbidden(mark("another site's page may not use this service"))


def _is_of_a_proxy(header: bytes) -> bool:
    return header in PROXY_HEADERS or header.startswith(PROXY_PREFIXES)


def is_cross_origin(request: Request) -> bool:
    """Whether the request says that it was made by a page of another host or port than it was sent to."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
