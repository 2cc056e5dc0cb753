"""Signing in with a key, and out again; the front door."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from serving.access.sessions import SIGN_IN, Sessions, forget, keep, return_to
from serving.auth import needs, session_of
from serving.deps import service_of
from serving.errors import KeyRefused, NotAllowed, TooManyRequests
from serving.pages.forms import form_of, read_form
from serving.pages.rendering import SignIn, page
from serving.pages.views import Notice
from serving.pages.visit import HtmlRoute, PageRoute, to

public = APIRouter(route_class=HtmlRoute, include_in_schema=False)
router = APIRouter(route_class=PageRoute, include_in_schema=False)


@public.get(SIGN_IN)
async def sign_in_page(request: Request) -> Response:
    """Ask for the key."""
    return page("sign_in.html", SignIn(return_to(request.query_params.get("next"))), request, None)


@public.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Take a key for a session, or say that it is none of ours."""
    _check_origin(request)
    form = await read_form(request)
    sessions: Sessions = request.app.state.sessions
    following = return_to(form.get("next"))
    try:
        value = await sessions.sign_in(form.get("key", ""), request.client.host if request.client else "")
    except (KeyRefused, TooManyRequests) as refusal:
        notice = Notice(f"{refusal.title}: {refusal.detail}.", is_refusal=True)
        return page("sign_in.html", SignIn(following), request, None, notice, refusal.status)
    answer = to(following)
    keep(answer, request, value, service_of(request).settings)
    return answer


@router.post("/sign-out")
@needs("score", "sales", "report", by="session")
async def sign_out(request: Request) -> Response:
    """Forget the session."""
    await form_of(request)
    answer = to(SIGN_IN)
    forget(answer)
    return answer


@router.get("/")
@needs("sales", "report", by="session")
async def front_door(request: Request) -> Response:
    """On to the page of whoever comes."""
    return to("/model" if session_of(request).caller.scope == "report" else "/queue")


def _check_origin(request: Request) -> None:
    """Refuse a sign-in that another site's page sends."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowed("sign in on this service's own page")
