"""Whose certificates a webhook's receiver may show: those that browsers trust, and a company's own."""

import ssl
from pathlib import Path

import httpx2


def check_ca_file(name: str | None) -> str | None:
    """The name of a file that holds certificates.

    Raises:
        ValueError: where it cannot be read, or holds none.
    """
    if name is not None:
        _load_certificates(ssl.create_default_context(), name)
    return name


def check_environment() -> None:
    """See that SSL_CERT_FILE, where it is set, can be used.

    Raises:
        ValueError: where it cannot.
    """
    try:
        ssl_context(None)
    except (ssl.SSLError, OSError):
        raise ValueError("SSL_CERT_FILE or SSL_CERT_DIR: what it names cannot be read as certificates") from None


def ssl_context(ca_file: str | None) -> ssl.SSLContext:
    """What connections are checked with; SSL_CERT_FILE and SSL_CERT_DIR count, and the file is trusted besides."""
    context = httpx2.create_ssl_context(trust_env=True)
    if ca_file is not None:
        _load_certificates(context, ca_file)
    return context


def _load_certificates(context: ssl.SSLContext, name: str) -> None:
    try:
        context.load_verify_locations(cafile=Path(name))
    except ssl.SSLError:
        raise ValueError("the file holds no certificates in PEM form") from None
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None
