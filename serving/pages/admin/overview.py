"""How things stand for whoever runs the service: a sentence each of keys, models, trainings, webhooks and targets."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import ngettext, pgettext
from serving.auth.gate import needs, session_of
from serving.deps import Service, service_of
from serving.pages.admin.keys import KEYS
from serving.pages.admin.targets import TARGETS, describe_targets
from serving.pages.admin.training import TRAINING
from serving.pages.admin.training_view import describe_newest
from serving.pages.admin.versions import VERSIONS
from serving.pages.admin.versions_view import versions_view
from serving.pages.admin.webhooks import WEBHOOKS, describe_dead, describe_receiver
from serving.pages.model.cached import records_of
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.rendering import page
from serving.pages.views import Link
from serving.pages.working_hours import hours_text
from serving.store import keys, outbox, trainings

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """A page to go to, what is wrong there, and how things stand."""

    page: Link
    troubles: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class OverviewView:
    """The whole page."""

    title: str
    subjects: tuple[Subject, ...]


@router.get("/admin")
@needs("admin", by="session")
async def overview(request: Request) -> Response:
    """Where to look, what is wrong first."""
    service = service_of(request)
    context = page_context_of(request, service)
    known = await records_of(request).registered()
    models = versions_view(known.versions if known else None, known.history if known else (), context)
    troubles = tuple(_(trouble) for trouble in service.scorer.troubles.values())
    dead = (await service.store.read(outbox.count_by_state)).get("dead", 0)
    undelivered = (describe_dead(dead),) if dead else ()
    newest = await service.store.read(trainings.find_recent, 1, context.now)
    rules = service.claims.rules
    how = _(
        "%(targets)s. Working hours: %(hours)s", targets=describe_targets(rules), hours=hours_text(str(rules.hours))
    )
    subjects = (
        Subject(Link(pgettext("of the API", "Keys"), KEYS), (), await _describe_keys(service, context)),
        Subject(Link(_("Model versions"), VERSIONS), troubles, models.title),
        Subject(Link(_("Training"), TRAINING), (), describe_newest(newest)),
        Subject(Link(_("Webhooks"), WEBHOOKS), undelivered, await describe_receiver(service, context)),
        Subject(Link(_("Targets and hours"), TARGETS), (), how),
    )
    wrong = sum(bool(subject.troubles) for subject in subjects)
    looks = ngettext("%(num)s thing to look at", "%(num)s things to look at", wrong)
    title = looks if wrong else _("No problems found")
    return page("admin.html", OverviewView(title, subjects), request, session_of(request))


async def _describe_keys(service: Service, context: PageContext) -> str:
    listed = [key for key in await service.store.read(keys.list_keys) if key.revoked_at is None]
    used = max((key.last_used_at for key in listed if key.last_used_at), default=None)
    live = ngettext("%(num)s live key", "%(num)s live keys", len(listed))
    return _("%(keys)s, one of them used %(ago)s", keys=live, ago=context.ago(used)) if used else live
