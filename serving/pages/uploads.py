"""A form with a file (multipart/form-data), read whole within a limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from language.numbers import whole
from language.text import gettext as _
from serving.auth.gate import session_of
from serving.auth.sessions import check_csrf
from serving.errors import BodyTooLarge, RequestRefused
from serving.pages.forms import MOST_BYTES

FORM_WITH_FILE = "multipart/form-data"
DRAINED = 10
"""So many times the limit is read and dropped, lest the browser show a broken connection in place of the refusal."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form sent: its texts by name, and its files, as they are, by name; a field without a file is left out."""

    texts: Mapping[str, str]
    files: Mapping[str, bytes]


async def upload_of(request: Request, most_bytes: int) -> Upload:
    """What somebody who is signed in sent, files of up to `most_bytes` together.

    Raises:
        BodyTooLarge, RequestRefused: for a form that none of our pages has.
        Forbidden: without the token of this sign-in.
    """
    kind = request.headers.get("content-type", "")
    if not kind.startswith(FORM_WITH_FILE):
        raise RequestRefused(_("expected a form"))
    body = await _read_within(request, most_bytes + MOST_BYTES)
    if body is None:
        refusal = _("a file may have at most %(most)s bytes; `leads score` takes any size", most=whole(most_bytes))
        raise BodyTooLarge(refusal)
    upload = await run_in_threadpool(read_parts, kind, body)
    check_csrf(session_of(request), upload.texts.get("csrf"))
    return upload


def read_parts(kind: str, body: bytes) -> Upload:
    """The parts of a body whose header Content-Type is `kind`; raises `RequestRefused`."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace") + body)
    texts: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise RequestRefused(_("expected a form"))
        if part.get_filename() is None:
            texts[name] = content.decode("utf-8", "replace")
        elif content:
            files[name] = content
    return Upload(texts, files)


async def _read_within(request: Request, most: int) -> bytes | None:
    """The body; None of one that is larger."""
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            body += chunk
        elif size > DRAINED * most:
            break
    return bytes(body) if size <= most else None
