"""The names and values that a form of ours sent, its bytes read once and within limits."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from language.numbers import whole
from language.text import gettext as _
from serving.auth.gate import session_of
from serving.auth.open_mode import is_cross_origin
from serving.auth.sessions import check_csrf
from serving.errors import BodyTooLarge, Forbidden, RequestRefused
from serving.schemas.types import NUL

MOST_BYTES, MOST_FIELDS = 20_000, 50
FORM = "application/x-www-form-urlencoded"


async def form_of(request: Request, most_fields: int = MOST_FIELDS, most_bytes: int = MOST_BYTES) -> Mapping[str, str]:
    """What somebody who is signed in sent; of equal names the last.

    Raises:
        BodyTooLarge, RequestRefused: for a form that none of our pages has.
        Forbidden: without the token of this sign-in.
    """
    form = await read_form(request, most_fields, most_bytes)
    check_csrf(session_of(request), form.get("csrf"))
    return form


async def read_form(
    request: Request, most_fields: int = MOST_FIELDS, most_bytes: int = MOST_BYTES
) -> Mapping[str, str]:
    """As `form_of`, before anybody signed in."""
    if not request.headers.get("content-type", "").startswith(FORM):
        raise RequestRefused(_("expected a form"))
    body = await _read_body(request, most_bytes)
    try:
        pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=most_fields)
    except ValueError:
        raise RequestRefused(_("the form has more fields than any of ours")) from None
    return {name: value.replace(NUL, "") for name, value in pairs}


def check_origin(request: Request) -> None:
    """Refuse a form that another site's page sends before anybody signed in; raises `Forbidden`.

    Browsers of today say which site it was; the others name the origin, which a proxy may have changed the host of.
    """
    site = request.headers.get("sec-fetch-site")
    is_anothers = is_cross_origin(request) if site is None else site not in ("same-origin", "none")
    if is_anothers:
        raise Forbidden(_("another site's page may not send this; use this service's own page"))


async def _read_body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise BodyTooLarge(
                _("a form may have at most %(most)s bytes", most=whole(most_bytes)), headers={"Connection": "close"}
            )
    return bytes(body)
