"""`leads webhooks`: the events for the webhook, those that could not be delivered, and sending them again."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from commands.console import Json, format_time, out, print_json, table
from commands.database import open_store
from features.errors import Refused
from serving.store import Store, outbox
from serving.store.outbox import State

app = typer.Typer(help="List the webhook's events and send them again.", rich_markup_mode=None, add_completion=False)


class EventUnknown(Refused):
    """An event that is not in the outbox."""


@app.callback(invoke_without_command=True)
def _by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_events()


@app.command("list")
def list_events(
    state: Annotated[State | None, typer.Option(help="Only those.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List events, the newest first. Those that arrived are forgotten after a week.

    Example: leads webhooks list --state dead
    """
    with open_store() as store:
        events = store.read_now(outbox.find_events, state, limit)
    if json:
        print_json(events)
        return
    shown = table("event", "type", "lead", "state", ">attempts", "created", "next", "trouble")
    for event in events:
        times = (format_time(event.created_at), format_time(event.next_at))
        cells = (event.event_id, event.type, event.lead_id or "", event.state, str(event.attempts))
        shown.add_row(*cells, *times, event.trouble or "")
    out().print(shown)


@app.command("resend")
def resend(
    event_id: Annotated[
        str | None, typer.Argument(metavar="EVENT_ID", help="As `leads webhooks list` shows it.")
    ] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All dead ones.")] = False,
    json: Json = False,
) -> None:
    """Have an event sent again, or all dead ones, from the first attempt and under the old id; `leads serve` sends it.

    One that still waits for its next attempt goes on waiting, a minute at most.

    Example: leads webhooks resend --dead
    """
    if (event_id is None) != dead:
        raise typer.BadParameter("name an event, or use --dead")
    now = datetime.now(UTC)
    with open_store() as store:
        due, waits_until = _resend(store, event_id, now)
    if json:
        print_json({"resent": due, "waits_until": waits_until})
    elif waits_until is not None:
        out().print(f"The event still waits: its next attempt is due at {waits_until:%Y-%m-%d %H:%M:%S} UTC.")
    else:
        out().print(f"{due} {'event is' if due == 1 else 'events are'} due again; `leads serve` sends what is due.")


def _resend(store: Store, event_id: str | None, now: datetime) -> tuple[int, datetime | None]:
    """How many events are due now; of one that was never given up, when its next attempt is."""
    if event_id is None:
        return store.write_now(outbox.resend_dead, now), None
    event = store.write_now(outbox.resend, event_id, now)
    if event is None:
        raise EventUnknown("there is no event of this id; `leads webhooks list` shows them")
    waits = event.next_at is not None and event.next_at > now
    return (0, event.next_at) if waits else (1, None)
