"""The keys: who has which, when each was used last; one is made and shown once, or ended for ever."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import mark, ngettext
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.pages.forms import form_of
from serving.pages.notices import notice_of
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of, to
from serving.pages.rendering import page
from serving.pages.views import Choice, Notice
from serving.store import keys
from serving.store.keys import ListedKey, NameTaken, Scope

KEYS = "/admin/keys"
SCOPES: dict[Scope, str] = {
    "sales": mark("an agent: the queue and its pages"),
    "team": mark("whoever leads the team: the same, and who works on what"),
    "report": mark("the figures: weekly report, model, metrics"),
    "score": mark("a CRM: sends leads, contacts and outcomes"),
    "feed": mark("an ad platform: pulls what leads are worth"),
    "admin": mark("everything, also these pages"),
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as the page shows it; `may_revoke` is false of the reader's own."""

    key_id: str
    name: str
    scope: str
    made: str
    made_exact: str
    used: str
    used_exact: str
    revoked: str
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class KeysView:
    """The whole page; `made` is a key that was made just now, `named` what its form held where it was not."""

    title: str
    live: tuple[KeyLine, ...]
    revoked: tuple[KeyLine, ...]
    scopes: tuple[Choice, ...]
    made: str | None = None
    named: str = ""


@router.get(KEYS)
@needs("admin", by="session")
async def list_keys(request: Request) -> Response:
    """Every key, the live ones first."""
    return await _keys_page(request, notice_of(request))


@router.post(KEYS)
@needs("admin", by="session")
async def make_key(request: Request) -> Response:
    """Make a key and show it, this once."""
    service, form = service_of(request), await form_of(request)
    scope = next((scope for scope in SCOPES if scope == form.get("scope")), None)
    if scope is None:
        raise RequestRefused(_("choose what the key is for"))
    named = form.get("name", "")
    try:
        made = await service.store.write(keys.create, keys.check_name(named), scope, service.clock())
    except NameTaken:
        refusal = _("A live key has this name, and claims go by it: choose another name, or revoke that key first.")
    except ValueError as refused:
        refusal = _("The name cannot be used: %(why)s.", why=_(str(refused)))
    else:
        return await _keys_page(request, None, made=made)
    return await _keys_page(request, Notice(refusal, is_refusal=True), named=named, scope=scope, status=422)


@router.post(f"{KEYS}/revoke")
@needs("admin", by="session")
async def revoke_key(request: Request) -> Response:
    """End a key, and every sign-in that was made with it."""
    service, form = service_of(request), await form_of(request)
    key_id = form.get("key_id", "")
    if key_id == session_of(request).caller.key_id:
        raise RequestRefused(_("you are signed in with this key; revoke it with another, or with `leads keys revoke`"))
    was_there = await service.store.write(keys.revoke, key_id, service.clock())
    return to(KEYS, "revoked" if was_there else "no-key")


async def _keys_page(
    request: Request,
    notice: Notice | None,
    *,
    made: str | None = None,
    named: str = "",
    scope: Scope | None = None,
    status: int = 200,
) -> Response:
    service = service_of(request)
    listed = await service.store.read(keys.list_keys)
    context, own = page_context_of(request, service), session_of(request).caller.key_id
    lines = [_key_line(key, own, context) for key in listed]
    live = tuple(line for line in lines if not line.revoked)
    chosen = scope or ("sales" if live else "admin")  # the first key closes open mode, so it had better open all
    view = KeysView(
        title=ngettext("%(num)s live key", "%(num)s live keys", len(live)),
        live=live,
        revoked=tuple(line for line in lines if line.revoked),
        scopes=tuple(Choice(name, _(text), name == chosen) for name, text in SCOPES.items()),
        made=made,
        named=named,
    )
    return page("admin_keys.html", view, request, session_of(request), notice, status)


def _key_line(key: ListedKey, own: str, context: PageContext) -> KeyLine:
    used, ended = key.last_used_at, key.revoked_at
    return KeyLine(
        key_id=key.key_id,
        name=key.name,
        scope=key.scope,
        made=context.moment(key.created_at),
        made_exact=context.exact(key.created_at),
        used=context.ago(used) if used else _("not yet"),
        used_exact=context.exact(used) if used else "",
        revoked=context.moment(ended) if ended else "",
        may_revoke=key.key_id != own,
    )
