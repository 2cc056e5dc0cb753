"""`leads webhooks`: what could not be told is listed and told again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving.migrations import prepare
from serving.store import Store, outbox
from serving.store.outbox import Attempt, LeadClaimed, Outbox
from tests.commands.conftest import Leads

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a dead event of lead [L]-1."""
    monkeypatch.setenv("LEADS_DATABASE_URL", url := f"sqlite:///{tmp_path}/leads.db")
    store = Store(url)
    prepare(store.database)
    store.write_now(Outbox(on=True).add, [LeadClaimed("[L]-1", "Ann", AT, "cl_1")], AT)
    (leased,) = store.write_now(outbox.lease, AT.timestamp(), 10)
    store.write_now(outbox.settle, [Attempt(leased, "HTTP 503", None)], AT)
    return store


def test_what_could_not_be_told_is_listed_with_the_reason(leads: Leads, store: Store) -> None:
    ran = leads("webhooks", "list", "--state", "dead")
    assert ran.code == 0
    assert "lead.claimed" in ran.out
    assert "[L]-1" in ran.out
    assert "HTTP 503" in ran.out
    assert "Ann" not in ran.out
    assert json.loads(leads("webhooks", "list", "--state", "waiting", "--json").out) == []


@pytest.mark.parametrize("by_id", [True, False])
def test_it_can_be_told_again(leads: Leads, store: Store, by_id: bool) -> None:
    which = store.read_now(outbox.find_events)[0].event_id if by_id else "--dead"
    ran = leads("webhooks", "resend", which)
    assert (ran.code, ran.out) == (0, "1 event is due again; `leads serve` sends what is due.\n")
    (event,) = store.read_now(outbox.find_events)
    assert (event.state, event.attempts) == ("waiting", 0)


def test_of_an_event_that_still_waits_it_is_said_when_its_attempt_is_due(leads: Leads, store: Store) -> None:
    now = datetime.now(UTC)
    store.write_now(Outbox(on=True).add, [LeadClaimed("L-2", "Ann", AT, "cl_2")], now)
    (leased,) = store.write_now(outbox.lease, now.timestamp(), 1)
    due_at = datetime.fromtimestamp(leased.until, UTC)

    ran = leads("webhooks", "resend", leased.event_id)

    assert ran.out == f"The event still waits: its next attempt is due at {due_at:%Y-%m-%d %H:%M:%S} UTC.\n"
    told = json.loads(leads("webhooks", "resend", leased.event_id, "--json").out)
    assert (told["resent"], told["waits_until"]) == (0, due_at.isoformat())


def test_an_unknown_event_is_refused(leads: Leads, store: Store) -> None:
    ran = leads("webhooks", "resend", "evt_0")
    assert ran.code == 1
    assert "there is no event of this id" in ran.err


def test_resending_wants_to_know_which(leads: Leads, store: Store) -> None:
    assert leads("webhooks", "resend").code == 2
    assert leads("webhooks", "resend", "evt_0", "--dead").code == 2
