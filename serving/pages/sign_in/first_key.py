"""The first key, made by whoever holds the link that `leads serve` printed."""

from fastapi import APIRouter, Request, Response

from serving.auth.bind_check import FIRST_KEY
from serving.auth.sessions import Sessions
from serving.deps import service_of
from serving.errors import Forbidden, RequestRefused
from serving.pages.forms import check_origin, read_form
from serving.pages.page_route import HtmlRoute
from serving.pages.rendering import FirstKey, page
from serving.store import first_key
from serving.store.keys import check_name

GONE = (
    f"this link was used, is older than {first_key.WORKS_FOR.seconds // 60} minutes, or a key was made since; "
    "`leads keys create --scope admin --name …` makes one too"
)

router = APIRouter(route_class=HtmlRoute, include_in_schema=False)


@router.get(FIRST_KEY)
async def ask_for_name(request: Request) -> Response:
    """Ask whose the key will be; looking at the page uses nothing up, as link previews do."""
    sessions: Sessions = request.app.state.sessions
    if await sessions.has_keys():
        raise Forbidden(GONE)
    return page("first_key.html", FirstKey(request.query_params.get("token", "")), request, None)


@router.post(FIRST_KEY)
async def make_first_key(request: Request) -> Response:
    """Make the key and show it, this once."""
    check_origin(request)
    form, service = await read_form(request), service_of(request)
    try:
        name = check_name(form.get("name", ""))
    except ValueError as refused:
        raise RequestRefused(f"the name cannot be used: {refused}") from None
    key = await service.store.write(first_key.redeem, form.get("token", ""), name, service.clock())
    if key is None:
        raise Forbidden(GONE)
    return page("first_key.html", FirstKey("", key), request, None)
