"""A team's work: who has which lead, what each did today; a lead may be taken back or given to another."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import ngettext
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.operations.claims import Claims
from serving.pages.day.routes import midnight_of
from serving.pages.forms import form_of
from serving.pages.lines import first_upper, lead_url
from serving.pages.notices import notice_of
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, lead_id_of, page_context_of, to
from serving.pages.person import Person, person_of
from serving.pages.rendering import page
from serving.queue_rules import QueueEntry
from serving.store import Connection, agents, leads, queue
from serving.store.agents import Tally, fold_name

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A lead that an agent has."""

    person: Person
    url: str
    grade: str
    until: str


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent, what they did today and what they have now."""

    name: str
    calls: int
    reached: int
    won: int
    held: tuple[HeldLead, ...]


@dataclass(frozen=True, slots=True)
class TeamView:
    """The whole page; `names` are those a lead can be handed to."""

    title: str
    agents: tuple[AgentRow, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamNow:
    """What the store holds of a team's work."""

    names: tuple[str, ...]
    held: list[QueueEntry]
    tallies: Mapping[str, Tally]
    people: Mapping[str, Mapping[str, Any]]


@router.get("/team")
@needs("team", by="session")
async def team(request: Request) -> Response:
    """Who works on what."""
    service = service_of(request)
    context = page_context_of(request, service)
    now = await service.store.read(_find_team, midnight_of(context), context.now)
    return page("team.html", _team_view(now, context), request, session_of(request), notice_of(request))


@router.post("/team/release")
@needs("team", by="session")
async def release(request: Request) -> Response:
    """Give a lead that an agent has back to the queue."""
    service, form = service_of(request), await form_of(request)
    lead_id = lead_id_of(form.get("lead_id", ""))
    given_back = await service.store.write(_release, service.claims, lead_id, service.clock())
    return to("/team", "released" if given_back else "gone")


@router.post("/team/hand-over")
@needs("team", by="session")
async def hand_over(request: Request) -> Response:
    """Give a lead to another agent."""
    service, form = service_of(request), await form_of(request)
    lead_id, agent = lead_id_of(form.get("lead_id", "")), form.get("agent", "")
    if agent not in await service.store.read(agents.find_names):
        raise RequestRefused(_("choose an agent who has a sales key"))
    claim = await service.store.write(service.claims.hand_over, lead_id, agent, service.clock())
    return to("/team", "handed" if claim else "gone")


def _find_team(connection: Connection, midnight: datetime, now: datetime) -> TeamNow:
    held = queue.find_all_claimed(connection, now)
    people = leads.find_fields(connection, [entry.lead_id for entry in held])
    return TeamNow(agents.find_names(connection), held, agents.count_calls(connection, midnight), people)


def _release(connection: Connection, claims: Claims, lead_id: str, now: datetime) -> bool:
    place = queue.find_entry(connection, lead_id)
    return place is not None and place.claim_id is not None and claims.release(connection, place.claim_id, now)


def _team_view(now: TeamNow, context: PageContext) -> TeamView:
    working = [entry.agent for entry in now.held if entry.agent] + [*now.tallies]
    spelt = {fold_name(name): name for name in (*reversed(working), *now.names)}
    names = sorted(spelt.values(), key=str.casefold)
    calls = sum(tally.calls for tally in now.tallies.values())
    held = ngettext("%(num)s lead at hand", "%(num)s leads at hand", len(now.held))
    called = ngettext("%(num)s call today", "%(num)s calls today", calls)
    return TeamView(
        title=first_upper(f"{held}, {called}"),
        agents=tuple(_agent_row(name, now, context) for name in names),
        names=now.names,
    )


def _agent_row(name: str, now: TeamNow, context: PageContext) -> AgentRow:
    tallies = [tally for other, tally in now.tallies.items() if fold_name(other) == fold_name(name)]
    tally = Tally(*(sum(counts) for counts in zip(*map(astuple, tallies), strict=True))) if tallies else Tally(0, 0, 0)
    held = tuple(
        _held_lead(entry, now, context) for entry in now.held if fold_name(entry.agent or "") == fold_name(name)
    )
    return AgentRow(name, tally.calls, tally.reached, tally.won, held)


def _held_lead(entry: QueueEntry, now: TeamNow, context: PageContext) -> HeldLead:
    person = person_of(entry.lead_id, now.people.get(entry.lead_id, {}), context.schema)
    until = _("until %(when)s", when=context.moment_with_zone(entry.claimed_until))
    return HeldLead(person, lead_url(entry.lead_id), entry.grade, until)
