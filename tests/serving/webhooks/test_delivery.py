"""Webhooks: what changed is told, signed as the standard says, until it arrives, and by one worker at a time."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import WebhookVerificationError

from connectors.retry_after import parse_retry_after
from serving.app import create_app
from serving.migrations import prepare
from serving.settings import Settings, SettingsRefused, read_settings
from serving.store import Store, StoreUnavailable, keys, outbox
from serving.store.outbox import NOBODY, SENT_KEPT, Before, LeadClaimed, Outbox, ScoreChanged
from serving.webhooks.delivery import Pace, Receiver, deliver_webhooks
from serving.webhooks.schedule import SCHEDULE, wait_after
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.models import LEAD, Models
from tests.serving.webhooks.receiver import Inbox
from training.model import ScoringModel

NEW, OLD = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"n", b"o"))
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
CLAIMED = LeadClaimed("L-1", "Ann", NOW + timedelta(minutes=30), "cl_1")
ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 20.0


@pytest.fixture
def store(store: Store) -> Iterator[Store]:
    with store.running():
        yield store


def now() -> datetime:
    return datetime.now(UTC)


def changed(probability: float, grade: str = "B", before: float = 0.2, grade_before: str = "B") -> ScoreChanged:
    return ScoreChanged("L-1", probability, grade, Before(before, grade_before), 0.0, probability - before, "7")


def tell(store: Store, *events: outbox.Event) -> None:
    store.write_now(Outbox(on=True).add, events, now())


def states(store: Store) -> Counter[str]:
    return Counter(event.state for event in store.read_now(outbox.find_events, None, 1_000))


def deliver(
    store: Store,
    inbox: Inbox,
    until: Callable[[], bool],
    clock: Callable[[], datetime] = now,
    schedule: tuple[float, ...] = (0.01, 0.02),
    timeout: float = 5.0,
    secrets: str = NEW,
    stores: tuple[Store, ...] = (),
) -> None:
    """Run a worker for each store until it has come about."""
    receiver = Receiver.of(read_settings(webhook_url=inbox.url, webhook_secrets=secrets))

    async def run() -> None:
        async with AsyncExitStack() as running:
            for each in (store, *stores):
                await running.enter_async_context(
                    deliver_webhooks(each, receiver, clock, Pace(schedule, timeout, look_every=0.01))
                )
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not until():
                    await asyncio.sleep(0.01)

    asyncio.run(run())


# What is told


def test_a_claim_is_told_as_the_contract_says(store: Store, inbox: Inbox) -> None:
    store.write_now(Outbox(on=True).add, [CLAIMED], NOW)
    deliver(store, inbox, lambda: states(store)["sent"] == 1)
    assert inbox.posts[0].verified_by(NEW) == {
        "type": "lead.claimed",
        "timestamp": "2026-11-02T09:30:00Z",
        "data": {"lead_id": "L-1", "agent": "Ann", "until": "2026-11-02T10:00:00Z", "claim_id": "cl_1"},
    }
    assert inbox.posts[0].headers["content-type"] == "application/json"


def test_a_changed_score_is_told_with_both_parts(store: Store, inbox: Inbox) -> None:
    event = ScoreChanged("Lead-Ä", 0.31, "A", Before(0.12, "C"), 0.04, 0.15, "7")
    store.write_now(Outbox(on=True).add, [event], NOW)
    deliver(store, inbox, lambda: states(store)["sent"] == 1)
    assert inbox.posts[0].verified_by(NEW) == {
        "type": "score.changed",
        "timestamp": "2026-11-02T09:30:00Z",
        "data": {
            "lead_id": "Lead-Ä",
            "probability": 0.31,
            "grade": "A",
            "before": {"probability": 0.12, "grade": "C"},
            "model_part": 0.04,
            "lead_part": 0.15,
            "model_version": "7",
        },
    }


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (changed(0.21), 1),
        (changed(0.19), 1),
        (changed(0.2099), 0),
        (changed(0.2), 0),
        (changed(0.2001, grade="A"), 1),
        (CLAIMED, 1),
    ],
)
def test_a_score_that_moved_less_than_the_least_change_is_not_told(
    store: Store, event: outbox.Event, told: int
) -> None:
    tell(store, event)
    assert states(store)["waiting"] == told


def test_where_there_is_no_webhook_nothing_is_kept_for_it(store: Store) -> None:
    store.write_now(NOBODY.add, [CLAIMED, changed(0.9)], NOW)
    assert not states(store)


def test_nothing_leaves_where_the_transaction_is_taken_back(store: Store, inbox: Inbox) -> None:
    def fails(connection: object) -> None:
        Outbox(on=True).add(connection, [CLAIMED], now())  # type: ignore[arg-type]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write_now(fails)
    tell(store, changed(0.5))
    deliver(store, inbox, lambda: states(store)["sent"] == 1)
    assert [post.verified_by(NEW)["type"] for post in inbox.posts] == ["score.changed"]


# Signatures


def test_while_secrets_rotate_the_receiver_may_know_either(store: Store, inbox: Inbox) -> None:
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["sent"] == 1, secrets=f"{NEW} {OLD}")
    post = inbox.posts[0]
    assert post.verified_by(NEW) == post.verified_by(OLD)
    with pytest.raises(WebhookVerificationError):
        post.verified_by(f"whsec_{base64.b64encode(b'x' * 24).decode()}")


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_WEBHOOK_SECRETS", NEW)
    settings = read_settings(webhook_url="https://crm.example/hook?token=private")
    assert NEW not in f"{settings!r} {settings} {settings.model_dump()}"
    assert "private" not in repr(settings)


@pytest.mark.parametrize("secrets", ["", "whsec_", "whsec_c2hvcnQ=", NEW.removeprefix("whsec_"), f"{NEW} x", f"{NEW}!"])
def test_a_webhook_without_good_secrets_is_refused_without_showing_them(secrets: str) -> None:
    with pytest.raises(SettingsRefused, match=r"LEADS_WEBHOOK_SECRETS: .*whsec_ and the base64 of 24 to 64") as refused:
        read_settings(webhook_url="https://crm.example/hook", webhook_secrets=secrets)
    assert NEW not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://crm.example/hook", "http://127.0.0.1:9/x", "http://[::1]/", "http://localhost"]
)
def test_a_webhook_goes_over_tls_or_stays_on_this_machine(url: str) -> None:
    assert read_settings(webhook_url=url, webhook_secrets=NEW).webhook_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/hook",
        "http://127.0.0.1.crm.example/",
        "http://localhost@crm.example/",
        "https://ann:secret@crm.example/",
        "https://crm.example:port/",
        "ftp://localhost/",
        "crm.example",
        "https://",
        "https://crm.example/a b",
        "",
    ],
)
def test_any_other_webhook_is_refused(url: str) -> None:
    with pytest.raises(SettingsRefused, match="LEADS_WEBHOOK_URL: expected https://") as refused:
        read_settings(webhook_url=url, webhook_secrets=NEW)
    assert "secret" not in str(refused.value)


# Until it arrives


def test_an_event_that_was_not_taken_is_sent_again_under_its_id(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [500, 404]
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["sent"] == 1)
    assert len(inbox.posts) == 3
    assert len({post.event_id for post in inbox.posts}) == 1
    assert len({post.body for post in inbox.posts}) == 1
    assert store.read_now(outbox.find_events)[0].attempts == 3


def test_a_redirect_is_not_followed(store: Store, inbox: Inbox) -> None:
    inbox.statuses, inbox.headers = [307], {"location": inbox.url + "/elsewhere"}
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1, schedule=())
    assert len(inbox.posts) == 1


def test_after_the_last_attempt_an_event_is_dead_and_says_why(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [500, 502, 503, 200]
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1)
    (event,) = store.read_now(outbox.find_events, "dead")
    assert (event.attempts, event.trouble, event.lead_id, event.next_at) == (3, "HTTP 503", "L-1", None)
    assert len(inbox.posts) == 3


def test_a_dead_event_can_be_sent_again_from_the_start(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [500, 500, 500]
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1)
    (dead,) = store.read_now(outbox.find_events, "dead")
    again = store.write_now(outbox.resend, dead.event_id, now())
    assert (again.state, again.attempts, again.trouble) == ("waiting", 0, None)
    deliver(store, inbox, lambda: states(store)["sent"] == 1)
    assert {post.event_id for post in inbox.posts} == {dead.event_id}


def test_all_dead_events_can_be_sent_again_at_once(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [500, 500]
    tell(store, CLAIMED, changed(0.9))
    deliver(store, inbox, lambda: states(store)["dead"] == 2, schedule=())
    assert store.write_now(outbox.resend_dead, now()) == 2
    deliver(store, inbox, lambda: states(store)["sent"] == 2)


def test_sending_again_does_not_hurry_an_event_whose_attempt_may_be_under_way(store: Store) -> None:
    tell(store, CLAIMED)
    at = now()
    (leased,) = store.write_now(outbox.lease, at.timestamp(), 10)
    again = store.write_now(outbox.resend, leased.event_id, at + timedelta(seconds=30))
    assert again.next_at is not None
    assert again.next_at.timestamp() == pytest.approx(leased.until)


def test_sending_again_brings_forward_an_event_that_waits_for_long(store: Store) -> None:
    tell(store, CLAIMED)
    (leased,) = store.write_now(outbox.lease, now().timestamp(), 10)
    store.write_now(outbox.settle, [outbox.Attempt(leased, "HTTP 500", leased.until + 86_400)], now())
    at = now()
    again = store.write_now(outbox.resend, leased.event_id, at)
    assert again.next_at == at + timedelta(seconds=60)


def test_of_an_unknown_event_there_is_nothing_to_send_again(store: Store) -> None:
    assert store.write_now(outbox.resend, "evt_0", now()) is None


def test_a_receiver_that_does_not_answer_in_time_has_not_taken_it(store: Store, inbox: Inbox) -> None:
    inbox.hold.clear()
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1, schedule=(), timeout=0.1)
    assert store.read_now(outbox.find_events)[0].trouble == "no answer within 0.1 s"


def test_a_receiver_that_is_not_there_has_not_taken_it(store: Store) -> None:
    tell(store, CLAIMED)
    deliver(store, Inbox("http://127.0.0.1:1/"), lambda: states(store)["dead"] == 1, schedule=())
    assert store.read_now(outbox.find_events)[0].trouble == "connection refused: nobody listens there"


def test_a_receiver_that_asks_for_time_gets_it(store: Store, inbox: Inbox) -> None:
    inbox.statuses, inbox.headers = [503], {"retry-after": "900"}
    tell(store, CLAIMED)
    asked_at = now()
    deliver(store, inbox, lambda: store.read_now(outbox.find_events)[0].attempts == 1)
    (event,) = store.read_now(outbox.find_events, "waiting")
    assert event.next_at is not None
    assert 900 <= (event.next_at - asked_at).total_seconds() < 920


def test_proxies_in_the_environment_are_not_used(store: Store, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["sent"] == 1)


def test_what_was_sent_is_kept_for_a_week(store: Store, inbox: Inbox) -> None:
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["sent"] == 1)
    assert store.write_now(outbox.drop_old, now() + SENT_KEPT - timedelta(minutes=1)) == 0
    assert store.write_now(outbox.drop_old, now() + SENT_KEPT) == 1


@given(st.integers(1, len(SCHEDULE)), st.none() | st.floats(-1e9, 1e9))
def test_a_wait_is_never_shorter_than_the_receiver_asks_nor_than_the_schedule(
    attempts: int, asked: float | None
) -> None:
    wait = wait_after(attempts, asked)
    assert wait is not None
    assert wait >= max(0.8 * SCHEDULE[attempts - 1], min(asked or 0, 86_400))
    assert wait <= 1.2 * 86_400


def test_there_are_ten_attempts_within_two_days() -> None:
    assert wait_after(9, None) is not None
    assert wait_after(10, None) is None
    assert sum(SCHEDULE) == 46 * 3600 + 12 * 60 + 35


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("Mon, 02 Nov 2026 09:31:30 GMT", 90.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("Wed, 21 Oct 99999999999 07:28:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:00 +9999999999999999", None),
    ],
)
def test_a_receiver_may_ask_in_seconds_or_by_a_date(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


# Many workers


def test_two_workers_never_send_the_same_event(database_url: str, store: Store, inbox: Inbox) -> None:
    tell(store, *[CLAIMED] * 200)
    other = Store(database_url)
    with other.running():
        deliver(store, inbox, lambda: states(store)["sent"] == 200, stores=(other,))
    assert set(Counter(post.event_id for post in inbox.posts).values()) == {1}
    assert len(inbox.posts) == 200


def test_an_event_on_lease_is_left_to_whoever_has_it(store: Store) -> None:
    tell(store, CLAIMED)
    at = now().timestamp()
    assert len(store.write_now(outbox.lease, at, 10)) == 1
    assert store.write_now(outbox.lease, at + 59, 10) == []
    assert len(store.write_now(outbox.lease, at + 60, 10)) == 1


def test_a_worker_that_comes_late_with_a_failure_does_not_spoil_anothers_success(store: Store) -> None:
    tell(store, CLAIMED)
    at = now()
    (slow,) = store.write_now(outbox.lease, at.timestamp(), 10)
    (quick,) = store.write_now(outbox.lease, at.timestamp() + 60, 10)
    store.write_now(outbox.settle, [outbox.Attempt(quick, None, None)], at)
    store.write_now(outbox.settle, [outbox.Attempt(slow, "HTTP 500", None)], at)
    assert states(store) == {"sent": 1}


def test_a_worker_that_comes_late_with_a_failure_does_not_take_anothers_lease(store: Store) -> None:
    tell(store, CLAIMED)
    at = now()
    (slow,) = store.write_now(outbox.lease, at.timestamp(), 10)
    store.write_now(outbox.lease, at.timestamp() + 60, 10)
    store.write_now(outbox.settle, [outbox.Attempt(slow, "HTTP 500", None)], at)
    assert states(store) == {"waiting": 1}
    assert store.write_now(outbox.lease, at.timestamp() + 119, 10) == []


KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from serving.store import Store
from serving.webhooks.delivery import Receiver, deliver_webhooks

async def main():
    store = Store(sys.argv[1])
    with store.running():
        async with deliver_webhooks(store, Receiver(sys.argv[2], (b"n" * 24,)), lambda: datetime.now(UTC)):
            await asyncio.sleep(60)

asyncio.run(main())
"""


def test_what_a_killed_worker_had_begun_is_sent_by_another(database_url: str, store: Store, inbox: Inbox) -> None:
    tell(store, CLAIMED)
    inbox.hold.clear()
    with subprocess.Popen([sys.executable, "-c", KILLED, database_url, inbox.url], cwd=ROOT, env=os.environ) as worker:
        deliver_after = now() + timedelta(seconds=PATIENCE_SECONDS)
        while not inbox.posts:
            assert now() < deliver_after, "the worker sent nothing"
        worker.kill()
    inbox.hold.set()
    assert states(store) == {"waiting": 1}
    deliver(store, inbox, lambda: states(store)["sent"] == 1, clock=lambda: now() + timedelta(seconds=61))
    first, second = inbox.posts
    assert first.event_id == second.event_id
    assert json.loads(second.body)["type"] == "lead.claimed"


def test_a_database_that_was_away_for_a_while_delays_and_loses_nothing(database_url: str, inbox: Inbox) -> None:
    class Shaky(Store):
        away = 3

        async def read(self, *arguments: Any) -> Any:
            self.away -= 1
            if self.away >= 0:
                raise StoreUnavailable
            return await super().read(*arguments)

    shaky = Shaky(database_url)
    prepare(shaky.database)
    with shaky.running():
        tell(shaky, CLAIMED)
        deliver(shaky, inbox, lambda: states(shaky)["sent"] == 1)
    assert shaky.away < 0


# In the service


@pytest.fixture
def told(model: ScoringModel, settings: Settings, inbox: Inbox) -> Iterator[TestClient]:
    """A ready service that has somebody to tell."""
    given = {"webhook_url": inbox.url, "webhook_secrets": SecretStr(NEW)}
    app = create_app(settings.model_copy(update=given), Models(model))
    with TestClient(app, base_url=LOCAL) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield client


def store_of(client: TestClient) -> Store:
    return client.app.state.service.store  # type: ignore[attr-defined]


def test_a_new_fact_and_a_claim_are_told_and_a_repetition_is_not(told: TestClient, inbox: Inbox) -> None:
    clerk = {**LEAD, "source": "social", "fields": {**LEAD["fields"], "job title": "clerk"}}
    first, _, second = (told.put("/v1/leads/L-1", json=lead).json() for lead in (LEAD, LEAD, clerk))
    claim = told.post("/v1/queue/next", json={"agent": "Ann"}).json()["claim"]
    wait_until(lambda: len(inbox.posts) == 2)
    events = {post.verified_by(NEW)["type"]: post.verified_by(NEW)["data"] for post in inbox.posts}
    changed = events["score.changed"]
    assert changed["probability"] == second["probability"] != first["probability"]
    assert changed["before"] == {"probability": first["probability"], "grade": first["grade"]}
    assert changed["model_part"] == 0
    assert events["lead.claimed"]["claim_id"] == claim["claim_id"]
    assert datetime.fromisoformat(events["lead.claimed"]["until"]) == datetime.fromisoformat(claim["until"])


def test_events_are_listed_page_by_page_without_what_they_say(told: TestClient) -> None:
    tell(store_of(told), *[CLAIMED] * 5)
    wait_until(lambda: states(store_of(told))["sent"] == 5)
    first = told.get("/v1/webhooks", params={"limit": 3}).json()
    second = told.get("/v1/webhooks", params={"limit": 3, "cursor": first["next"]}).json()
    ids = [event["event_id"] for event in first["events"] + second["events"]]
    assert len(ids) == 5
    assert ids == sorted(set(ids), reverse=True)
    assert second["next"] is None
    assert "Ann" not in json.dumps(first)
    assert first["events"][0]["type"] == "lead.claimed"
    assert told.get("/v1/webhooks", params={"state": "dead"}).json() == {"events": [], "next": None}


@pytest.mark.parametrize("asked", [{"state": "lost"}, {"limit": 0}, {"limit": 201}, {"cursor": "evt_"}])
def test_a_page_that_cannot_be_is_refused(told: TestClient, asked: dict) -> None:
    assert told.get("/v1/webhooks", params=asked).status_code == 422


def test_an_event_is_sent_again_on_request_once_for_each_idempotency_key(told: TestClient, inbox: Inbox) -> None:
    store = store_of(told)
    tell(store, CLAIMED)
    wait_until(lambda: states(store)["sent"] == 1)
    path = f"/v1/webhooks/{inbox.posts[0].event_id}/resend"
    answer = told.post(path, headers={"idempotency-key": "again"})
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (202, "waiting", 0)
    wait_until(lambda: states(store)["sent"] == 1)
    assert told.post(path, headers={"idempotency-key": "again"}).json() == answer.json()
    assert states(store) == {"sent": 1}
    assert [post.event_id for post in inbox.posts] == [inbox.posts[0].event_id] * 2


def test_an_event_that_is_not_there_cannot_be_sent_again(told: TestClient) -> None:
    for event_id in ("evt_0", "%00"):
        assert told.post(f"/v1/webhooks/{event_id}/resend").status_code == 404


def test_only_an_admin_sees_events(told: TestClient) -> None:
    given = {scope: store_of(told).write_now(keys.create, scope, scope, NOW) for scope in ("score", "report", "admin")}
    answers = {
        scope: told.get("/v1/webhooks", headers={"authorization": f"Bearer {key}"}).status_code
        for scope, key in given.items()
    }
    assert answers == {"score": 403, "report": 403, "admin": 200}
    assert told.post("/v1/webhooks/evt_0/resend").status_code == 401


def test_of_an_erased_lead_nothing_more_is_told(told: TestClient) -> None:
    told.put("/v1/leads/L-1", json=LEAD)
    tell(store_of(told), CLAIMED)
    assert told.delete("/v1/leads/L-1").status_code == 204
    assert not states(store_of(told))
