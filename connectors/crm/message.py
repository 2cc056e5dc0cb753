"""What a CRM sends to a hook, and what it says of records: `Message` in, `Notice`s out."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectors.crm.errors import NotGenuine

NoticeKind = Literal["changed", "restored", "deleted", "merged"]
SECRET_HEADER = "x-leads-secret"  # noqa: S105 - a header's name
SECRET_QUERY = "secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Message:
    """One request of a CRM; header names are in lower case."""

    method: str
    url: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of one record: that it changed (with its `record`, or to be fetched), returned, went, or merged.

    `record_id` is the CRM's own; `happened_at` is the CRM's time. A merged record went `into` another.
    """

    kind: NoticeKind
    record_id: str
    happened_at: datetime | None
    record: Mapping[str, Any] | None = field(default=None, repr=False)
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the CRM takes for "it is stored"."""

    content_type: str = "application/json"
    body: bytes = b'{"stored":true}'


def check_secret(message: Message, secret: str) -> None:
    """Check the connection's secret, which stands in a header, as a password, or in the address.

    Raises:
        NotGenuine: where it is not there, or another.
    """
    sent = (
        message.headers.get(SECRET_HEADER) or _read_password(message.headers) or message.query.get(SECRET_QUERY) or ""
    )
    if not hmac.compare_digest(sent.encode(), secret.encode()):
        raise NotGenuine(
            f"send the connection's secret in the header {SECRET_HEADER}, as the password of HTTP Basic, or in the "
            f"address as ?{SECRET_QUERY}=…"
        )


def _read_password(headers: Mapping[str, str]) -> str:
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return sent.strip()
    try:
        plain = base64.b64decode(sent.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
    return plain.partition(":")[2]
