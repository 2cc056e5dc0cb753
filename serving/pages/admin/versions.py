"""The registered models: compared, promoted and rolled back. The service takes a new champion up by itself."""

from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from features.errors import Refused
from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import NotFound, RequestRefused
from serving.pages.admin.versions_view import find_role, version_view, versions_view
from serving.pages.forms import form_of
from serving.pages.model.cached import records_of
from serving.pages.notices import notice_of
from serving.pages.page_route import PageRoute, page_context_of, to
from serving.pages.rendering import page
from serving.pages.views import Notice
from training.registry import Registry
from training.registry.names import CHAMPION

VERSIONS = "/admin/versions"
LONGEST_WHY = 500

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(VERSIONS)
@needs("admin", by="session")
async def list_versions(request: Request) -> Response:
    """Every registered model, the newest first."""
    return await _show_list(request, notice_of(request))


@router.get(VERSIONS + "/{version}")
@needs("admin", by="session")
async def show_version(request: Request) -> Response:
    """One model beside the champion."""
    return await _show_one(request, request.path_params["version"], notice_of(request))


@router.post(f"{VERSIONS}/promote")
@needs("admin", by="session")
async def promote(request: Request) -> Response:
    """Make a model the champion, once its files were checked."""
    form, by = await form_of(request), session_of(request).caller.name
    version, at = form.get("version", ""), service_of(request).clock()
    move = partial(_registry_of(request).promote, version, by=by, why=_why(form.get("why"), "promoted by hand"), at=at)
    try:
        await run_in_threadpool(move)
    except Refused as refused:
        return await _show_one(request, version, Notice(str(refused), is_refusal=True), status=409)
    await run_in_threadpool(records_of(request).refresh_registry)
    return to(VERSIONS, "promoted")


@router.post(f"{VERSIONS}/roll-back")
@needs("admin", by="session")
async def roll_back(request: Request) -> Response:
    """Make the champion before this one champion again."""
    form, by = await form_of(request), session_of(request).caller.name
    why, at = _why(form.get("why"), "rolled back by hand"), service_of(request).clock()
    registry = _registry_of(request)
    try:
        await run_in_threadpool(_check_champion, registry, form.get("champion", ""))
        await run_in_threadpool(partial(registry.rollback, by=by, why=why, at=at))
    except Refused as refused:
        return await _show_list(request, Notice(str(refused), is_refusal=True), status=409)
    await run_in_threadpool(records_of(request).refresh_registry)
    return to(VERSIONS, "rolled-back")


class ChampionChanged(Refused):
    """Somebody else moved the champion after the page was made."""


def _check_champion(registry: Registry, seen: str) -> None:
    """Check that the champion is the one that the reader saw; a form sent twice goes back once."""
    if registry.champion_version() != seen:
        raise ChampionChanged(_("the champion was changed since this page was loaded; look again before rolling back"))


async def _show_list(request: Request, notice: Notice | None, status: int = 200) -> Response:
    known = await records_of(request).registered()
    context = page_context_of(request, service_of(request))
    view = versions_view(known.versions if known else None, known.history if known else (), context)
    return page("admin_versions.html", view, request, session_of(request), notice, status)


async def _show_one(request: Request, version: str, notice: Notice | None, status: int = 200) -> Response:
    known = await records_of(request).registered()
    model = next((model for model in known.versions if model.version == version), None) if known else None
    if known is None or model is None:
        raise NotFound(_("the registry has no model of this version, or was not read yet"))
    context = page_context_of(request, service_of(request))
    view = version_view(model, find_role(known.versions, CHAMPION), context)
    return page("admin_version.html", view, request, session_of(request), notice, status)


def _registry_of(request: Request) -> Registry:
    registry = records_of(request).registry
    if registry is None:
        raise RequestRefused(_("this service has no registry of models"))
    return registry


def _why(given: str | None, otherwise: str) -> str:
    return " ".join((given or "").split())[:LONGEST_WHY] or otherwise
