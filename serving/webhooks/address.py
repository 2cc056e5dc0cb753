"""Where webhooks may go: over TLS, or to this machine."""

from urllib.parse import urlsplit

from serving.auth.loopback import is_loopback

ACCEPTED = "expected https://…, or http:// to this machine, without user name and password"


def check_url(url: str | None) -> str | None:
    """A URL that events may be sent to.

    Raises:
        ValueError: saying what is accepted; the URL, which may be secret itself, is not in it.
    """
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(ACCEPTED) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    if not host or not safe or "@" in parts.netloc or not url.isprintable() or " " in url:
        raise ValueError(ACCEPTED)
    return url
