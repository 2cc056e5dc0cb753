"""Signatures as Standard Webhooks has them: secrets and a body in, headers out."""

import base64
import binascii
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes in a secret, as the standard has them."""

ACCEPTED = f"expected {PREFIX} and the base64 of {SHORTEST} to {LONGEST} random bytes; several with spaces between"


def parse_secrets(text: str) -> tuple[bytes, ...]:
    """The secrets in a text, the newest first, as the operator wrote them.

    Raises:
        ValueError: saying what is accepted; the secrets are not in it.
    """
    return tuple(_parse_secret(word) for word in text.split())


def headers(event_id: str, body: bytes, sent_at: float, secrets: Sequence[bytes]) -> dict[str, str]:
    """What the receiver checks: id, Unix seconds, and a signature by each secret."""
    seconds = str(int(sent_at))
    signed = f"{event_id}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _parse_secret(word: str) -> bytes:
    try:
        secret = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not word.startswith(PREFIX) or not SHORTEST <= len(secret) <= LONGEST:
        raise ValueError(ACCEPTED)
    return secret
