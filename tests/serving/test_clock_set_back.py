"""The machine's clock is set back by an hour: no claim, no event and no retry waits longer than it was meant to."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from serving.clock_steps import ClockSteps
from serving.store import Store, outbox, overlong_waits, queue, tables
from serving.store.outbox import Attempt, LeadClaimed, Outbox
from serving.webhooks.schedule import JITTER, SCHEDULE
from tests.serving.live import live
from tests.serving.test_workers import wait_long_until
from tests.serving.webhooks.receiver import Inbox
from tests.serving.webhooks.test_delivery import NEW

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
BACK = NOW - timedelta(hours=1)
LEASE = timedelta(minutes=30)
FAKETIME = shutil.which("faketime")


def claimed(store: Store, lead_id: str, until: datetime) -> None:
    place = {"lead_id": lead_id, "probability": 0.2, "grade": "B", "model_version": "1", "attempts": 0}
    held = {"arrived": 0, "free_from": 0, "claim_id": f"cl_{lead_id}", "claimed_until": until.timestamp()}
    claim = {"claim_id": f"cl_{lead_id}", "lead_id": lead_id, "agent": "Ann", "claimed_at": NOW, "until": until}
    with store.database.writing() as connection:
        connection.execute(tables.queue.insert(), place | held | {"agent": "Ann"})
        connection.execute(tables.claims.insert(), claim | {"at_random": False})


def test_a_claim_lasts_its_lease_from_the_step_and_not_an_hour_more(store: Store) -> None:
    claimed(store, "L-1", NOW + LEASE)
    claimed(store, "L-2", BACK + LEASE)
    assert not store.read_now(overlong_waits.has_any, LEASE, NOW)
    assert store.read_now(overlong_waits.has_any, LEASE, BACK)
    assert store.write_now(overlong_waits.shorten_all, LEASE, BACK) == 1
    assert not store.read_now(overlong_waits.has_any, LEASE, BACK)
    with store.database.reading() as connection:
        assert set(connection.scalars(select(tables.claims.c.until))) == {BACK + LEASE}
        assert queue.find_claimed(connection, "Ann", BACK + timedelta(minutes=29))
        assert not queue.find_claimed(connection, "Ann", BACK + timedelta(minutes=31))


def test_an_event_waits_as_long_as_was_meant_also_where_the_receiver_asked_for_it(store: Store) -> None:
    store.write_now(Outbox(on=True).add, [LeadClaimed("L-1", "Ann", NOW, "cl_1")] * 3, NOW)
    leased = store.write_now(outbox.lease, NOW.timestamp(), 2)
    retried = [
        Attempt(each, "HTTP 503", NOW.timestamp() + wait, wait) for each, wait in zip(leased, (5, 900), strict=True)
    ]
    store.write_now(outbox.settle, retried, NOW)
    assert not store.read_now(overlong_waits.has_any, LEASE, NOW)
    store.write_now(overlong_waits.shorten_all, LEASE, BACK)
    until = sorted(letter.next_at - BACK for letter in store.read_now(outbox.find_events, "waiting"))
    assert until == [timedelta(0), timedelta(seconds=5), timedelta(seconds=900)]


def test_an_event_whose_wait_was_not_noted_may_wait_as_long_as_the_schedule_has_any_wait(store: Store) -> None:
    store.write_now(Outbox(on=True).add, [LeadClaimed("L-1", "Ann", NOW, "cl_1")], NOW)

    def waits_for(seconds: float) -> bool:
        unknown = tables.outbox.update().values(wait_s=None, next_at=NOW.timestamp() + seconds)
        with store.database.writing() as connection:
            connection.execute(unknown)
        return store.read_now(overlong_waits.has_any, LEASE, NOW)

    longest = max(SCHEDULE) * (1 + JITTER)
    assert not waits_for(longest)
    assert waits_for(longest + 60)


def test_a_step_back_is_noticed_once_and_a_correction_is_none() -> None:
    at, seconds = [NOW], [0.0]
    steps = ClockSteps(lambda: at[0], lambda: seconds[0])
    at[0], seconds[0] = at[0] + timedelta(seconds=9), 10.0
    assert steps.seconds_back() == 0
    at[0], seconds[0] = at[0] - timedelta(hours=1), 11.0
    assert steps.seconds_back() == pytest.approx(3601)
    assert steps.seconds_back() == 0


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed (Debian: apt-get install faketime)")
def test_a_service_whose_clock_is_set_back_sends_its_events_and_ends_its_claims_in_time(
    tmp_path: Path, inbox: Inbox
) -> None:
    shift = tmp_path / "shift"
    shift.write_text("+0")
    around = {
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketime.so.1",
        "FAKETIME_TIMESTAMP_FILE": str(shift),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "LEADS_WEBHOOK_URL": inbox.url,
        "LEADS_WEBHOOK_SECRETS": NEW,
    }
    inbox.statuses = [503]
    log = tmp_path / "log"
    with live(f"sqlite:///{tmp_path}/leads.db", log, around=around, claim_minutes="0.05") as service:
        for number in range(2):
            httpx2.put(f"{service.url}/v1/leads/L-{number}", json={}, timeout=60)
        assert httpx2.post(f"{service.url}/v1/queue/next", json={"agent": "Ann"}, timeout=60).status_code == 200
        wait_long_until(lambda: len(inbox.posts) == 1)
        shift.write_text("-3600")
        wait_long_until(lambda: '"clock.set_back"' in log.read_text())
        wait_long_until(lambda: len(inbox.posts) == 2)  # after 5 s, not after an hour
        answer = httpx2.post(f"{service.url}/v1/queue/next", json={"agent": "Ben"}, timeout=60)
        again = httpx2.post(f"{service.url}/v1/queue/next", json={"agent": "Ben"}, timeout=60)
        assert {answer.status_code, again.status_code} == {200}
        assert {answer.json()["lead"]["lead_id"], again.json()["lead"]["lead_id"]} == {"L-0", "L-1"}
