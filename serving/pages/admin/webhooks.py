"""The webhook's events: what was sent, what waits, what could not be delivered; and sending it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from language.numbers import whole
from language.text import gettext as _
from language.text import mark, ngettext
from serving.auth.gate import needs, session_of
from serving.deps import Service, service_of
from serving.pages.forms import form_of
from serving.pages.lines import lead_url
from serving.pages.notices import notice_of
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of, to
from serving.pages.rendering import page
from serving.pages.views import Link
from serving.store import outbox
from serving.store.outbox import EVENT_ID, EventStatus, State
from serving.webhooks.delivery import Receiver

WEBHOOKS = "/admin/webhooks"
ON_A_PAGE = 50
STATES: dict[State, str] = {"dead": mark("given up"), "waiting": mark("to be sent"), "sent": mark("sent")}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event on its way; `following` is when it is tried next."""

    event_id: str
    when: str
    exact: str
    type: str
    lead_id: str
    url: str
    state: str
    attempts: int
    following: str
    trouble: str
    may_resend: bool


@dataclass(frozen=True, slots=True)
class WebhooksView:
    """The whole page."""

    title: str
    receiver: str
    states: tuple[Link, ...]
    events: tuple[EventLine, ...]
    dead: int
    more: str
    here: str


@router.get(WEBHOOKS)
@needs("admin", by="session")
async def list_events(request: Request) -> Response:
    """Events, the newest first."""
    service, asked = service_of(request), request.query_params
    state = next((state for state in get_args(State) if state == asked.get("state")), None)
    cursor = asked.get("before", "")
    before = cursor if re.fullmatch(EVENT_ID, cursor) else None
    counts = await service.store.read(outbox.count_by_state)
    events = await service.store.read(outbox.find_events, state, ON_A_PAGE + 1, before)
    receiver = await describe_receiver(service, page_context_of(request, service))
    view = _webhooks_view(events, counts, state, receiver, page_context_of(request, service))
    return page("admin_webhooks.html", view, request, session_of(request), notice_of(request))


@router.post(f"{WEBHOOKS}/resend")
@needs("admin", by="session")
async def resend(request: Request) -> Response:
    """Have an event sent again, or all that were given up."""
    service, form = service_of(request), await form_of(request)
    event_id = form.get("event_id", "")
    if not event_id:
        await service.store.write(outbox.resend_dead, service.clock())
        return to(WEBHOOKS, "all-resent")
    found = await service.store.write(outbox.resend, event_id, service.clock())
    return to(form.get("back", WEBHOOKS), "resent" if found else "no-event")


def describe_dead(dead: int) -> str:
    """How many events were given up."""
    return ngettext("%(num)s event could not be delivered", "%(num)s events could not be delivered", dead)


async def describe_receiver(service: Service, context: PageContext) -> str:
    """Where events go, by the host alone: the rest of its URL may be secret."""
    receiver = Receiver.of(service.settings)
    if receiver is None:
        return _("No webhook is set, so nobody is told of changed scores and claims: LEADS_WEBHOOK_URL names one.")
    host = urlsplit(receiver.url).netloc.rpartition("@")[2]
    gone = await service.store.read(outbox.receiver_gone_since, receiver.name)
    if gone is None:
        return _("Events go to %(host)s.", host=host)
    return _(
        "%(host)s said that it is gone (HTTP 410, %(when)s): nothing is sent until an event is sent again.",
        host=host,
        when=context.moment_with_zone(gone),
    )


def _webhooks_view(
    events: list[EventStatus], counts: Mapping[str, int], state: State | None, receiver: str, context: PageContext
) -> WebhooksView:
    dead = counts.get("dead", 0)
    every = _("Every event was delivered or waits") if any(counts.values()) else _("No events in the last week")
    query = f"state={state}" if state else ""
    more = f"{WEBHOOKS}?{query}&before={events[ON_A_PAGE - 1].event_id}" if len(events) > ON_A_PAGE else ""
    links = [Link(_("all %(count)s", count=whole(sum(counts.values()))), WEBHOOKS, state is None)]
    links += [
        Link(f"{_(text)} {whole(counts.get(name, 0))}", f"{WEBHOOKS}?state={name}", name == state)
        for name, text in STATES.items()
    ]
    return WebhooksView(
        title=describe_dead(dead) if dead else every,
        receiver=receiver,
        states=tuple(links),
        events=tuple(_event_line(event, context) for event in events[:ON_A_PAGE]),
        dead=dead,
        more=more,
        here=f"{WEBHOOKS}?{query}" if query else WEBHOOKS,
    )


def _event_line(event: EventStatus, context: PageContext) -> EventLine:
    return EventLine(
        event_id=event.event_id,
        when=context.moment(event.created_at),
        exact=context.exact(event.created_at),
        type=event.type,
        lead_id=event.lead_id or "",
        url=lead_url(event.lead_id) if event.lead_id else "",
        state=_(STATES[event.state]),
        attempts=event.attempts,
        following=context.moment(event.next_at) if event.next_at else "",
        trouble=event.trouble or "",
        may_resend=event.state != "waiting",
    )
