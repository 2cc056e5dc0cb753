"""Signing in with a key, and out again; the front door; the first key, by the link that `leads serve` printed."""

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import mark
from serving.auth.bind_check import FIRST_KEY
from serving.auth.gate import NO_KEY_YET, needs, session_of
from serving.auth.loopback import is_loopback
from serving.auth.open_mode import check_local
from serving.auth.sessions import NO_TLS, SIGN_IN, Sessions, forget, is_probably_plain_http, keep, safe_return_path
from serving.deps import service_of
from serving.errors import Forbidden, HttpsNeeded, RequestRefused, TooManyRequests, Unauthorized, WrongHost
from serving.pages.forms import check_origin, form_of, read_form
from serving.pages.page_route import HtmlRoute, PageRoute, to
from serving.pages.rendering import FirstKey, SignIn, home_of, page
from serving.pages.views import Notice
from serving.store import first_key, sign_in_links
from serving.store.keys import check_name

GONE = mark(
    "this link was used, is older than %(minutes)s minutes, or a key was made since; "
    "`leads keys create --scope admin --name …` makes one too"
)
UNKNOWN = mark("We don't recognise this key. It may have been revoked.")
MINUTES = first_key.WORKS_FOR.seconds // 60

ONCE = "/sign-in/once"

public = APIRouter(route_class=HtmlRoute, include_in_schema=False)
router = APIRouter(route_class=PageRoute, include_in_schema=False)


@public.get(SIGN_IN)
async def sign_in_page(request: Request) -> Response:
    """Ask for the key, unless there is none yet, or it would be sent for nothing."""
    sessions: Sessions = request.app.state.sessions
    notice = None
    if not await sessions.has_keys():
        notice = _refusal_notice(Unauthorized.title, NO_KEY_YET)
    elif is_probably_plain_http(request, service_of(request).settings):
        notice = _refusal_notice(HttpsNeeded.title, NO_TLS)
    return page("sign_in.html", SignIn(safe_return_path(request.query_params.get("next"))), request, None, notice)


def _refusal_notice(title: str, detail: str) -> Notice:
    return Notice(f"{_(title)}: {_(detail)}.", is_refusal=True)


@public.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Take a key for a session, or say that it is none of ours."""
    check_origin(request)
    form = await read_form(request)
    sessions: Sessions = request.app.state.sessions
    following = safe_return_path(form.get("next"))
    answer = to(following)
    try:
        value = await sessions.sign_in(form.get("key", ""), request.client.host if request.client else "")
        keep(answer, request, value, service_of(request).settings)
    except (Unauthorized, TooManyRequests, HttpsNeeded) as refusal:
        is_unknown = isinstance(refusal, Unauthorized)
        notice = Notice(_(UNKNOWN), is_refusal=True) if is_unknown else _refusal_notice(refusal.title, refusal.detail)
        return page("sign_in.html", SignIn(following), request, None, notice, refusal.status)
    return answer


@public.get(ONCE)
async def sign_in_once(request: Request) -> Response:
    """Sign in by a link that `leads demo` printed; on this machine only, and not while a browser only looks ahead."""
    _check_is_here(request)
    service, sessions = service_of(request), request.app.state.sessions
    token = request.query_params.get("token", "")
    key_id = await service.store.write(sign_in_links.redeem, token, service.clock())
    if key_id is None:
        raise Forbidden(_("this link was used, or is too old; sign in with the key"))
    answer = to("/")
    keep(answer, request, await sessions.open_for(key_id), service.settings)
    return answer


def _check_is_here(request: Request) -> None:
    """Refuse what does not come from a browser on this machine, and one that only looks ahead of a click."""
    try:
        check_local(request)
    except (WrongHost, Forbidden):
        is_local = False
    else:
        is_local = request.client is not None and is_loopback(request.client.host)
    if not is_local or "prefetch" in request.headers.get("sec-purpose", ""):
        raise Forbidden(_("this link works in a browser on the machine that it was made on"))


@router.post("/sign-out")
@needs("score", "sales", "report", "feed", by="session")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await form_of(request)
    sessions: Sessions = request.app.state.sessions
    await sessions.end(session_of(request))
    answer = to(SIGN_IN)
    forget(answer, service_of(request).settings)
    return answer


@router.get("/")
@needs("score", "sales", "report", "feed", by="session")
async def front_door(request: Request) -> Response:
    """On to the page of whoever comes."""
    return to(home_of(session_of(request).caller.scope).url)


@public.get(FIRST_KEY)
async def ask_for_name(request: Request) -> Response:
    """Ask whose the key will be; looking at the page uses nothing up, as link previews do."""
    sessions: Sessions = request.app.state.sessions
    if await sessions.has_keys():
        raise Forbidden(_(GONE, minutes=MINUTES))
    return page("first_key.html", FirstKey(request.query_params.get("token", "")), request, None)


@public.post(FIRST_KEY)
async def make_first_key(request: Request) -> Response:
    """Make the key and show it, this once."""
    check_origin(request)
    form, service = await read_form(request), service_of(request)
    try:
        name = check_name(form.get("name", ""))
    except ValueError as refused:
        raise RequestRefused(_("the name cannot be used: %(why)s", why=refused)) from None
    key = await service.store.write(first_key.redeem, form.get("token", ""), name, service.clock())
    if key is None:
        raise Forbidden(_(GONE, minutes=MINUTES))
    return page("first_key.html", FirstKey("", key), request, None)
