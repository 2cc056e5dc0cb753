"""The leads behind a number of the weekly page, as a list that only shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from serving import cursors
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.pages import formatting
from serving.pages.lines import lead_url
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.rendering import page
from serving.pages.views import Choice, Filter
from serving.store import lead_list
from serving.store.keys import Scope
from serving.store.lead_list import COLUMNS, OUTCOMES, LeadCursor, LeadFilter, LeadPage, ListedLead

ROWS = 100
LONGEST_NAME, LONGEST_WITHIN = 200, 3_650
OPENS: frozenset[Scope] = frozenset({"sales", "admin"})
"""Who may open a lead's own page."""
TOLD = {"won": "won", "lost": "lost", "open": "open"}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One lead in words; `url` is None where the reader may not open it. It sorts by `at` and `probability`."""

    lead_id: str
    url: str | None
    at: float
    arrived: str
    exact: str
    source: str
    campaign: str
    grade: str
    probability: float | None
    chance: str
    agent: str
    became: str


@dataclass(frozen=True, slots=True)
class LeadsView:
    """The whole list; `hidden_fields` is what stands in the address and in no filter."""

    title: str
    said: str
    rows: tuple[LeadRow, ...]
    more: str | None
    filters: tuple[Filter, ...]
    hidden_fields: tuple[tuple[str, str], ...]


@router.get("/leads")
@needs("sales", "report", by="session")
async def leads(request: Request) -> Response:
    """Leads by arrival, source, campaign, grade, agent and outcome."""
    service, session, asked = service_of(request), session_of(request), request.query_params
    wanted = wanted_of(asked, service.scorer.horizon_days)
    found = await service.store.read(lead_list.page, wanted, ROWS, cursors.parse(LeadCursor.read, asked.get("cursor")))
    may_open = session.caller.scope in OPENS
    return page(
        "leads.html", _view(found, asked, page_context_of(request, service), may_open=may_open), request, session
    )


def wanted_of(asked: QueryParams, horizon_days: int) -> LeadFilter:
    """What an address asks for; promised leads are those of this horizon where it does not say which.

    Raises:
        RequestRefused: where it says what is no time, no outcome or no number.
    """
    named: dict[lead_list.Column, str | None] = {
        column: asked[column].replace("\0", "")[:LONGEST_NAME] for column in COLUMNS if asked.get(column)
    }
    named |= {column: None for column in COLUMNS if column in asked.getlist("without")}
    outcome = asked.get("outcome") or None
    if outcome is not None and outcome not in OUTCOMES:
        raise RequestRefused(f"outcome is one of {', '.join(get_args(lead_list.Outcome))}")
    within_days = _days(asked)
    return LeadFilter(
        start=_moment(asked, "from"),
        end=_moment(asked, "to"),
        as_of=_moment(asked, "as_of"),
        named=named,
        outcome=next((known for known in OUTCOMES if known == outcome), None),
        within_days=within_days,
        untried=asked.get("tried") == "no",
        promised_for=(within_days or horizon_days) if asked.get("promised") == "yes" else None,
    )


def _moment(asked: Mapping[str, str], name: str) -> datetime | None:
    text = asked.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RequestRefused(f"{name} must be a day or a time, as 2026-11-02 or 2026-11-02T09:30:00Z") from None


def _days(asked: Mapping[str, str]) -> int | None:
    text = asked.get("within")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LONGEST_WITHIN):
        raise RequestRefused(f"within must be a number of days from 1 to {LONGEST_WITHIN:,}")
    return int(text)


def _view(found: LeadPage, asked: QueryParams, context: PageContext, *, may_open: bool) -> LeadsView:
    said = [(name, value) for name, value in asked.multi_items() if value and name != "cursor"]
    more = f"/leads?{urlencode([*said, ('cursor', str(found.following))])}" if found.following else None
    return LeadsView(
        title=formatting.count(found.count, "lead"),
        said=_said(asked),
        rows=tuple(_row(lead, context, may_open=may_open) for lead in found.leads),
        more=more,
        filters=(_outcomes(asked),),
        hidden_fields=tuple((name, value) for name, value in said if name != "outcome"),
    )


def _said(asked: QueryParams) -> str:
    """What was asked for, in words."""
    ends = [f"{word} {asked[name]}" for name, word in (("from", "from"), ("to", "before")) if asked.get(name)]
    parts = [f"arrived {' and '.join(ends)}"] if ends else []
    parts += [f"{column} {asked[column]}" for column in COLUMNS if asked.get(column)]
    parts += [f"{column} not told" for column in COLUMNS if column in asked.getlist("without")]
    if asked.get("outcome"):
        within = f" within {asked['within']} days" if asked.get("within") and asked["outcome"] == "won" else ""
        parts.append(f"{asked['outcome']}{within}")
    parts += ["scored on arrival and worked"] if asked.get("promised") == "yes" else []
    parts += ["never tried"] if asked.get("tried") == "no" else []
    parts += [f"as known on {asked['as_of']}"] if asked.get("as_of") else []
    return ", ".join(parts) or "all leads"


def _row(lead: ListedLead, context: PageContext, *, may_open: bool) -> LeadRow:
    closed = f" {context.moment(lead.closed_at)}" if lead.closed_at else ""
    return LeadRow(
        lead_id=lead.lead_id,
        url=lead_url(lead.lead_id) if may_open else None,
        at=lead.arrived.timestamp(),
        arrived=context.moment(lead.arrived),
        exact=context.exact(lead.arrived),
        source=lead.source or formatting.DASH,
        campaign=lead.campaign or formatting.DASH,
        grade=lead.grade or formatting.DASH,
        probability=lead.probability,
        chance=formatting.DASH if lead.probability is None else formatting.in_hundred(lead.probability),
        agent=lead.agent or formatting.DASH,
        became=f"{lead.status}{closed}" if lead.status else "open",
    )


def _outcomes(asked: QueryParams) -> Filter:
    chosen = asked.get("outcome", "")
    options = (Choice(value, text, value == chosen) for value, text in TOLD.items())
    return Filter("outcome", "Outcome", (Choice("", "any", not chosen), *options))
