"""The leads behind a number of the weekly page, as a list that only shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from language.dates import calendar_day
from language.numbers import whole
from language.text import gettext as _
from language.text import mark, ngettext
from serving import cursors
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.pages import formatting
from serving.pages.lines import STATUSES, lead_url
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
SHOWN_OUTCOMES = ("won", "lost", "open")
NAMES: dict[lead_list.Column, tuple[str, str]] = {
    "source": (mark("source %(name)s"), mark("source not given")),
    "campaign": (mark("campaign %(name)s"), mark("campaign not given")),
    "grade": (mark("grade %(name)s"), mark("grade not given")),
    "agent": (mark("agent %(name)s"), mark("agent not given")),
}
"""How a list is told that is of one source, campaign, grade or agent, or of none."""

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
        raise RequestRefused(_("outcome is one of %(outcomes)s", outcomes=", ".join(get_args(lead_list.Outcome))))
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
        detail = _("%(name)s must be a day or a time, as 2026-11-02 or 2026-11-02T09:30:00Z", name=name)
        raise RequestRefused(detail) from None


def _days(asked: Mapping[str, str]) -> int | None:
    text = asked.get("within")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LONGEST_WITHIN):
        raise RequestRefused(_("within must be a number of days from 1 to %(most)s", most=whole(LONGEST_WITHIN)))
    return int(text)


def _view(found: LeadPage, asked: QueryParams, context: PageContext, *, may_open: bool) -> LeadsView:
    said = [(name, value) for name, value in asked.multi_items() if value and name != "cursor"]
    more = f"/leads?{urlencode([*said, ('cursor', str(found.following))])}" if found.following else None
    return LeadsView(
        title=ngettext("%(num)s lead", "%(num)s leads", found.count),
        said=_said(asked),
        rows=tuple(_row(lead, context, may_open=may_open) for lead in found.leads),
        more=more,
        filters=(_outcomes(asked),),
        hidden_fields=tuple((name, value) for name, value in said if name != "outcome"),
    )


def _said(asked: QueryParams) -> str:
    """What was asked for, in words."""
    parts = _period_words(_day_text(asked.get("from")), _day_text(asked.get("to")))
    parts += [_(NAMES[column][0], name=asked[column]) for column in COLUMNS if asked.get(column)]
    parts += [_(NAMES[column][1]) for column in COLUMNS if column in asked.getlist("without")]
    if asked.get("outcome"):
        parts.append(_outcome_words(asked["outcome"], asked.get("within")))
    parts += [_("scored on arrival and worked")] if asked.get("promised") == "yes" else []
    parts += [_("never called")] if asked.get("tried") == "no" else []
    parts += [_("as known on %(when)s", when=_day_text(asked["as_of"]))] if asked.get("as_of") else []
    return ", ".join(parts) or _("all leads")


def _period_words(start: str, end: str) -> list[str]:
    if start and end:
        return [_("arrived from %(start)s and before %(end)s", start=start, end=end)]
    if start:
        return [_("arrived from %(start)s", start=start)]
    return [_("arrived before %(end)s", end=end)] if end else []


def _day_text(text: str | None) -> str:
    """A day as the language writes it; a time, or what is neither, as it was asked for."""
    try:
        return calendar_day(date.fromisoformat(text or ""))
    except ValueError:
        return text or ""


def _outcome_words(outcome: str, within: str | None) -> str:
    told = _(STATUSES[outcome]) if outcome in STATUSES else outcome
    if outcome != "won" or not within:
        return told
    return _("%(outcome)s within %(days)s", outcome=told, days=formatting.day_count(int(within)))


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
        became=f"{_(STATUSES[lead.status])}{closed}" if lead.status else _("open"),
    )


def _outcomes(asked: QueryParams) -> Filter:
    chosen = asked.get("outcome", "")
    options = (Choice(value, _(STATUSES[value]), value == chosen) for value in SHOWN_OUTCOMES)
    return Filter("outcome", _("Outcome"), (Choice("", _("any"), not chosen), *options))
