"""Why a receiver could not be reached: an HTTP client's error in, a word for operators out, without the address."""

import socket
import ssl
from collections.abc import Iterator

CERTIFICATE = "certificate"
_VERIFY = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is signed by itself; name its CA in LEADS_WEBHOOK_CA_FILE or SSL_CERT_FILE",
    19: "its CA is not trusted; name the CA in LEADS_WEBHOOK_CA_FILE or SSL_CERT_FILE",
    20: "its CA is not trusted; name the CA in LEADS_WEBHOOK_CA_FILE or SSL_CERT_FILE",
    21: "its CA is not trusted; name the CA in LEADS_WEBHOOK_CA_FILE or SSL_CERT_FILE",
    23: "it was revoked",
    62: "it is of another host",
    64: "it is of another address",
}
"""OpenSSL's codes of what is wrong with a certificate (X509_V_ERR_*)."""


def describe_error(error: BaseException) -> str:
    """What stands at the root of an error, such as `DNS: the host's name is not known`."""
    known = [word for each in _walk_causes(error) if (word := _describe_one(each)) is not None]
    return known[0] if known else type(error).__name__


def _describe_one(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return "DNS: the host's name is not known"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{CERTIFICATE}: {_VERIFY.get(error.verify_code, error.verify_message)}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or 'it failed').lower().replace('_', ' ')}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused: nobody listens there"
    if isinstance(error, ConnectionError):
        return "connection broken off by the receiver"
    if isinstance(error, OSError) and error.strerror and error.errno:
        return f"network: {error.strerror.lower()}"
    return None


def _walk_causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, also where several were tried."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _walk_causes(one)
    led = error.__cause__ or error.__context__
    if led is not None:
        yield from _walk_causes(led)
