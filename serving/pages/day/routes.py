"""An agent's day: what they promised to call, what they have, and what they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import ngettext
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.pages import formatting
from serving.pages.lines import contact_lines, first_upper, lead_url, no_form, outcome_line
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.person import Person, person_of
from serving.pages.rendering import page
from serving.pages.views import ContactLine, OutcomeLine
from serving.queue_rules import QueueEntry
from serving.store import Connection, leads, outcomes, queue
from serving.store.contacts import StoredContact, find_by_agent
from serving.store.outcomes import OutcomeReport

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class DayLine:
    """A lead on an agent's list, and what is to be done or was done with it."""

    person: Person
    url: str
    grade: str
    words: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class DayCall:
    """A call that was made today."""

    person: Person
    url: str
    call: ContactLine
    outcome: OutcomeLine | None


@dataclass(frozen=True, slots=True)
class DayView:
    """The whole page."""

    title: str
    callbacks: tuple[DayLine, ...]
    claims: tuple[DayLine, ...]
    calls: tuple[DayCall, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """What the store holds of an agent's day; outcomes by the call at which they were recorded."""

    callbacks: list[QueueEntry]
    claims: list[QueueEntry]
    calls: list[StoredContact]
    outcomes: Mapping[str, OutcomeReport]
    people: Mapping[str, Mapping[str, Any]]


@router.get("/day")
@needs("sales", by="session")
async def day(request: Request) -> Response:
    """Callbacks that are due today, leads at hand, calls made."""
    service = service_of(request)
    context = page_context_of(request, service)
    today = await service.store.read(_find_day, context.agent, midnight_of(context), context.now)
    return page("day.html", _day_view(today, context), request, session_of(request))


def midnight_of(context: PageContext) -> datetime:
    """When the day began, by the company's clocks."""
    return context.now.astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _find_day(connection: Connection, agent: str, midnight: datetime, now: datetime) -> Today:
    callbacks = queue.find_callbacks(connection, agent, midnight + timedelta(days=1))
    claims = queue.find_claimed(connection, agent, now)
    calls = find_by_agent(connection, agent, midnight)
    standing = outcomes.find_standing(connection, [stored.contact.lead_id for stored in calls])
    recorded = {said.contact_id: said for said in standing.values() if said.contact_id and said.status != "open"}
    ids = {entry.lead_id for entry in (*callbacks, *claims)} | {stored.contact.lead_id for stored in calls}
    return Today(callbacks, claims, calls, recorded, leads.find_fields(connection, ids))


def _day_view(today: Today, context: PageContext) -> DayView:
    def person(lead_id: str) -> Person:
        return person_of(lead_id, today.people.get(lead_id, {}), context.schema)

    def line(entry: QueueEntry, words: str, *, is_late: bool = False) -> DayLine:
        return DayLine(person(entry.lead_id), lead_url(entry.lead_id), entry.grade, words, is_late)

    reached = sum(stored.contact.connected is True for stored in today.calls)
    due = ngettext("%(num)s callback due today", "%(num)s callbacks due today", len(today.callbacks))
    made = ngettext("%(num)s call made", "%(num)s calls made", len(today.calls))
    spoken = ngettext("%(num)s reached", "%(num)s reached", reached)
    recorded = [today.outcomes[stored.contact_id] for stored in today.calls if stored.contact_id in today.outcomes]
    won = sum(said.status == "won" for said in recorded)
    sold = (ngettext("%(num)s won", "%(num)s won", won),) if won else ()
    return DayView(
        title=first_upper(", ".join((due, made, spoken, *sold))),
        callbacks=tuple(
            line(entry, _due_words(entry, context), is_late=entry.is_overdue(context.now)) for entry in today.callbacks
        ),
        claims=tuple(
            line(entry, _("yours until %(when)s", when=context.moment_with_zone(entry.claimed_until)))
            for entry in today.claims
        ),
        calls=tuple(
            DayCall(
                person(stored.contact.lead_id),
                lead_url(stored.contact.lead_id),
                told,
                outcome_line(today.outcomes.get(stored.contact_id), context),
            )
            for stored, told in zip(today.calls, contact_lines(today.calls, context, no_form), strict=True)
        ),
    )


def _due_words(entry: QueueEntry, context: PageContext) -> str:
    if entry.promised_by is None:
        return ""
    late = formatting.overdue(entry.promised_by, context.now)
    due = _("due %(when)s", when=context.moment_with_zone(entry.promised_by))
    return f"{due}, {late}" if late else due
