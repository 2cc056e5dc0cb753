"""From a view to a page: Jinja templates with everything escaped, and the headers that guard a page."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from language import catalogues
from language.catalogues import find_words
from language.choice import current_language
from language.text import gettext as _
from language.text import mark, ngettext, pgettext
from serving.auth.sessions import OPEN, Session
from serving.deps import service_of
from serving.middleware.security_headers import with_security_headers
from serving.pages.views import Link, Notice, Reader
from serving.store.keys import Scope

STATIC = Path(__file__).parent.parent / "static"
PAGES: tuple[tuple[Link, frozenset[Scope]], ...] = (
    (Link(mark("Queue"), "/queue"), frozenset({"sales", "team", "admin"})),
    (Link(mark("My day"), "/day"), frozenset({"sales", "team", "admin"})),
    (Link(mark("Team"), "/team"), frozenset({"team", "admin"})),
    (Link(mark("Weekly report"), "/report"), frozenset({"sales", "team", "report", "admin"})),
    (Link(mark("Model"), "/model"), frozenset({"sales", "team", "report", "admin"})),
    (Link(mark("API"), "/docs"), frozenset({"score", "feed"})),
    (Link(mark("Try a lead"), "/try"), frozenset({"score", "sales", "team", "report", "admin"})),
    (Link(mark("Admin"), "/admin"), frozenset({"admin"})),
    (Link(mark("Definitions"), "/definitions"), frozenset({"sales", "team", "report", "admin"})),
)
"""The pages and who may see them; everybody's home is the first of theirs."""
SCRIPT = "serving/static/pages.js"

CALLING: frozenset[Scope] = frozenset({"sales", "team", "admin"})
"""Who may look for leads."""

_CSRF = Markup('<input type="hidden" name="csrf" value="{}">')


@dataclass(frozen=True, slots=True)
class Problem:
    """What a page says instead of what was asked for."""

    title: str
    detail: str
    way: Link | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in page; `following` is where to go after it."""

    following: str


@dataclass(frozen=True, slots=True)
class FirstKey:
    """The page that makes the first key with a token, or shows the key that was made."""

    token: str
    key: str | None = None


def home_of(scope: Scope) -> Link:
    """Where a key's holder begins."""
    return next(_translated(link) for link, scopes in PAGES if scope in scopes)


def page(
    template: str,
    view: object,
    request: Request,
    session: Session | None,
    notice: Notice | None = None,
    status: int = 200,
) -> HTMLResponse:
    """A whole page for whoever is signed in, or for nobody."""
    token = session.csrf_token if session else ""
    language = current_language()
    text = (
        _templates(service_of(request).settings.root_path)
        .get_template(template)
        .render(
            view=view,
            notice=notice,
            path=request.url.path,
            reader=_reader(session),
            csrf=_field(token),
            language=language,
            script_words=find_words(language, SCRIPT),
        )
    )
    return with_security_headers(HTMLResponse(text, status, headers={"Content-Language": language}))


def standing_alone(template: str, styles: Iterable[str], **given: object) -> str:
    """A page as one file, with these styles of ours within."""
    text = "\n".join((STATIC / name).read_text() for name in styles)
    return _templates("").get_template(template).render(styles=text, language=current_language(), is_file=True, **given)


def page_part(template: str, root: str, **given: object) -> Markup:
    """A part of a page that is the same for whoever looks at it in the language of the moment, to be kept."""
    return Markup(_templates(root).get_template(template).render(**given))  # noqa: S704 - made by a template, escaped


def warm_up(root: str) -> None:
    """Read the translations and compile every template, which takes a moment each."""
    catalogues.warm_up()
    for name in _templates(root).list_templates():
        _templates(root).get_template(name)


@cache
def _templates(root: str) -> Environment:
    """The templates of a service that is reached under the path `root`; `address` puts it before every path of ours."""
    made = Environment(
        loader=PackageLoader("serving"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(_, ngettext, pgettext=pgettext)  # type: ignore[attr-defined] # the extension's
    made.globals["address"] = lambda url: address(root, url)
    made.globals["static"] = lambda name: address(root, _static_url(name))
    return made


def address(root: str, url: str) -> str:
    """A path of ours as the browser has to ask for it; an address elsewhere, or within the page, stays."""
    return root + url if url.startswith("/") else url


@cache
def _static_url(name: str) -> str:
    """A file's address, which changes with its content."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def _field(token: str) -> Callable[[], Markup]:
    return lambda: _CSRF.format(token)


def _translated(link: Link) -> Link:
    return replace(link, text=_(link.text))


def _reader(session: Session | None) -> Reader | None:
    if session is None:
        return None
    caller = session.caller
    links = tuple(_translated(link) for link, scopes in PAGES if caller.scope in scopes)
    return Reader(caller.name, links, can_sign_out=caller != OPEN, may_search=caller.scope in CALLING)
