"""Try a lead: what the model would say of one, while it is typed. Nothing is stored."""

from fastapi import APIRouter, Request, Response

from features.errors import LeadRefused
from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import Service, service_of
from serving.errors import LeadInvalid, NotFound, OutOfScope
from serving.pages.forms import form_of
from serving.pages.model.cached import records_of
from serving.pages.page_route import PageRoute, lead_id_of, page_context_of
from serving.pages.rendering import CALLING, page
from serving.pages.try_lead.form import Values, local_minute, sent_lead, stored_values
from serving.pages.try_lead.view import try_view
from serving.schemas.validation import read_lead
from serving.scoring.scorer import parse_lead
from serving.store import leads
from training.model import Score, ScoringModel

MOST_FIELDS, MOST_BYTES = 2_000, 200_000
"""Of the form: a company may have many fields."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/try")
@needs("score", "sales", "report", by="session")
async def begin(request: Request) -> Response:
    """The form, empty, or as a lead of the store would fill it."""
    service = service_of(request)
    model, context = service.scorer.champion.model, page_context_of(request, service)
    values: Values = {"created_at": local_minute(context.now, context.zone)}
    of_lead = request.query_params.get("lead", "")
    if of_lead:
        values = await _read_stored(request, service, lead_id_of(of_lead), model)
    return await _try_page(request, model, values, of_lead)


@router.post("/try")
@needs("score", "sales", "report", by="session")
async def score(request: Request) -> Response:
    """The form as it was sent, and its score."""
    model = service_of(request).scorer.champion.model
    form = await form_of(request, MOST_FIELDS, MOST_BYTES)
    return await _try_page(request, model, form, form.get("of_lead", ""))


async def _read_stored(request: Request, service: Service, lead_id: str, model: ScoringModel) -> Values:
    if session_of(request).caller.scope not in CALLING:
        raise OutOfScope(_("this key may not see leads"), "sales")
    found = await service.store.read(leads.find, lead_id)
    if found is None:
        raise NotFound(_("there is no lead of this id"))
    try:
        lead = found.facts.read_by(model.schema)
    except LeadRefused as refused:
        raise LeadInvalid.of(refused) from None
    return stored_values(lead, model.schema, page_context_of(request, service).zone)


async def _try_page(request: Request, model: ScoringModel, values: Values, of_lead: str) -> Response:
    service = service_of(request)
    context = page_context_of(request, service)
    overview = await records_of(request).overview(model.version)
    importance = overview.champion.importance if overview and overview.champion else {}
    outcome = _score_or_refusal(service, model, sent_lead(model.schema, values, context.zone))
    view = try_view(model, values, outcome, importance, context, of_lead)
    status = 200 if isinstance(outcome, Score) else LeadInvalid.status
    return page("try.html", view, request, session_of(request), status=status)


def _score_or_refusal(service: Service, model: ScoringModel, sent: dict[str, object]) -> Score | LeadRefused:
    """By the checks that `POST /v1/score` makes, with every field's part."""
    try:
        lead = parse_lead(model, read_lead(sent, service.settings, model.schema))
    except LeadRefused as refused:
        return refused
    return model.score(lead, service.scorer.now(), len(model.schema.arrival_fields))
