"""Training a new model from a page: started, watched, stopped, and beside the champion once it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from features.config import ScoringConfig, read_config
from features.errors import Refused
from language.numbers import whole
from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.operations.training_process import TrainingOrder
from serving.operations.trainings import trainings_of
from serving.pages.admin.training_view import (
    LEAST_BUDGET_S,
    MOST_BUDGET_S,
    TrainingForm,
    describe_history,
    training_view,
    version_of,
)
from serving.pages.admin.versions_view import VersionView, find_role, version_view
from serving.pages.forms import form_of
from serving.pages.model.cached import records_of
from serving.pages.notices import notice_of
from serving.pages.page_route import PageRoute, page_context_of, to
from serving.pages.rendering import page
from serving.pages.views import Notice
from serving.store import Connection, trainings
from serving.store.trainings import Training
from training.registry.names import CHAMPION

TRAINING = "/admin/training"
MOST_SHOWN = 10
ACCEPT = "accept-"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(TRAINING)
@needs("admin", by="session")
async def show(request: Request) -> Response:
    """How far a training is or what came of the last one, and the form that starts one."""
    return await _training_page(request, notice_of(request))


@router.post(TRAINING)
@needs("admin", by="session")
async def start(request: Request) -> Response:
    """Start a training; it goes on by itself, whoever looks."""
    form = await form_of(request)
    if records_of(request).registry is None:
        raise RequestRefused(_("this service has no registry of models"))
    wrong, asked = _read_form(form, service_of(request).clock().date())
    if asked is None:
        refusal = Notice(_("Nothing was started: mend what is marked."), is_refusal=True)
        return await _training_page(request, refusal, form, wrong, status=422)
    began = await trainings_of(request).start(asked, session_of(request).caller.name)
    return to(TRAINING, "training" if began else "training-busy")


@router.post(f"{TRAINING}/stop")
@needs("admin", by="session")
async def stop(request: Request) -> Response:
    """Have a training stopped by the process that runs it."""
    service, form = service_of(request), await form_of(request)
    ran = await service.store.write(trainings.ask_to_stop, form.get("training_id", ""))
    return to(TRAINING, "training-stops" if ran else "training-over")


async def _training_page(
    request: Request,
    notice: Notice | None,
    sent: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    service = service_of(request)
    context = page_context_of(request, service)
    found, outcomes = await service.store.read(_read_store, service.clock())
    config, trouble = await run_in_threadpool(_read_scoring, Path(service.settings.scoring_file))
    form = _form(config, trouble, outcomes, context.now.date())
    if sent is not None:
        given = {"budget_s": sent.get("budget", ""), "as_of": sent.get("as_of", "")}
        form = replace(form, **given, from_store=sent.get("from") != "tables", wrong=wrong or {})
    version = await _find_version(request, found[0]) if found else None
    view = training_view(found, version, form, context)
    return page("admin_training.html", view, request, session_of(request), notice, status)


def _read_store(connection: Connection, now: datetime) -> tuple[Sequence[Training], Mapping[str, int]]:
    return trainings.find_recent(connection, MOST_SHOWN, now), trainings.count_outcomes(connection)


def _read_scoring(file: Path) -> tuple[ScoringConfig | None, str]:
    try:
        return read_config(file), ""
    except Refused as refused:
        return None, str(refused)


def _form(config: ScoringConfig | None, trouble: str, outcomes: Mapping[str, int], today: date) -> TrainingForm:
    return TrainingForm(
        budget_s=f"{config.training.budget_s:g}" if config else "",
        as_of="",
        from_store=bool(outcomes),
        store=describe_history(outcomes),
        tables=Path(config.leads.table).name if config and "://" not in config.leads.table else "",
        trouble=trouble,
        latest=today.isoformat(),
    )


async def _find_version(request: Request, training: Training) -> VersionView | None:
    """The model that a training gave, beside the champion; the registry is read anew where it was read before."""
    wanted, records = version_of(training), records_of(request)
    if wanted is None or records.registry is None:
        return None
    known = await records.registered()
    if known is None or all(model.version != wanted for model in known.versions):
        await run_in_threadpool(records.refresh_registry)
        known = await records.registered()
    model = next((model for model in known.versions if model.version == wanted), None) if known else None
    if known is None or model is None:
        return None
    return version_view(model, find_role(known.versions, CHAMPION), page_context_of(request, service_of(request)))


def _read_form(form: Mapping[str, str], today: date) -> tuple[dict[str, str], TrainingOrder | None]:
    """What is wrong with a field, by its name; or what is asked for."""
    wrong: dict[str, str] = {}
    budget_s, as_of = _read_budget(form.get("budget", "")), _read_day(form.get("as_of", ""), today)
    if budget_s is None:
        least, most = whole(LEAST_BUDGET_S), whole(MOST_BUDGET_S)
        wrong["budget"] = _("give %(least)s to %(most)s seconds", least=least, most=most)
    if as_of is None:
        wrong["as_of"] = _("give a day up to today, or leave it empty")
    if budget_s is None or as_of is None:
        return wrong, None
    accept = tuple(sorted(value for name, value in form.items() if name.startswith(ACCEPT) and value))
    return {}, TrainingOrder(budget_s, as_of or None, form.get("from") != "tables", accept)


def _read_budget(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if LEAST_BUDGET_S <= seconds <= MOST_BUDGET_S else None


def _read_day(text: str, today: date) -> str | None:
    """The day in ISO 8601, empty where none is given; None of what is no day, or later than today."""
    if not text.strip():
        return ""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day.isoformat() if day <= today else None
