"""The sales queue: its order, its filters, its pages, and claims."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from serving.app import create_app
from serving.cursors import CursorBroken
from serving.queue_rules import ORDERS, TIERS, QueueCursor, parse_response_targets
from serving.settings import Settings, SettingsRefused, read_settings
from tests.serving.conftest import LOCAL, POLL_SECONDS, wait_until
from tests.serving.crm import Clock, Crm
from tests.serving.models import LEAD, Models
from training.model import ScoringModel

DULL = {"source": "social", "fields": LEAD["fields"] | {"job title": "clerk", "message": "just looking around"}}
"""Facts of a lead with a low score."""


@pytest.fixture
def fresh(clock: Clock) -> str:
    """An arrival a minute ago."""
    return (clock.now - timedelta(minutes=1)).isoformat()


def test_the_best_score_comes_first(crm: Crm, fresh: str) -> None:
    crm.put("dull", created_at=fresh, **DULL)
    crm.put("bright", created_at=fresh)

    assert crm.waiting() == ["bright", "dull"]


def test_an_overdue_lead_comes_before_a_better_one_that_is_not(crm: Crm, clock: Clock) -> None:
    crm.put("late", created_at=(clock.now - timedelta(hours=3)).isoformat(), fields=LEAD["fields"] | {"age": 22})
    crm.put("in time", created_at=clock.now.isoformat())

    assert crm.waiting() == ["late", "in time"]
    assert crm.queue()["overdue"] == 1


def test_a_promise_runs_in_working_hours(crm: Crm, clock: Clock) -> None:
    saturday = clock.now + timedelta(days=4)
    clock.now = saturday
    crm.put("L-1", created_at=saturday.isoformat())

    place = crm.lead("L-1")["queue"]
    assert place["promised_by"] == "2026-03-09T09:15:00Z"


def test_a_lead_that_nobody_tried_for_too_long_comes_before_all(crm: Crm, clock: Clock) -> None:
    crm.put("bright", created_at=clock.now.isoformat())
    crm.put("forgotten", created_at=(clock.now - timedelta(days=31)).isoformat(), **DULL)

    assert crm.waiting() == ["forgotten", "bright"]
    assert crm.next("ann") == "forgotten"


def test_by_value_the_greatest_expected_money_comes_first(crm: Crm, fresh: str) -> None:
    crm.put("bright", created_at=fresh, value=10)
    crm.put("rich", created_at=fresh, value=10_000, **DULL)
    crm.put("unknown", created_at=fresh)

    assert crm.waiting(order="value") == ["rich", "bright", "unknown"]
    assert crm.next("ann", order="value") == "rich"


def test_by_wait_a_long_wait_weighs_up_a_lower_score(crm: Crm, clock: Clock) -> None:
    crm.put("new", created_at=(clock.now - timedelta(seconds=10)).isoformat())
    crm.put("waits", created_at=(clock.now - timedelta(minutes=14)).isoformat(), fields=LEAD["fields"] | {"age": 79})

    assert crm.waiting() == ["new", "waits"]
    assert crm.waiting(order="wait") == ["waits", "new"]


@pytest.mark.parametrize(
    ("lead_id", "facts", "minutes_ago", "before"),
    [
        ("fresh", {}, 1, "late for days"),
        ("nearly due", {}, 14, "fresh"),
        ("a little late", {}, 20, "late for days"),
        ("untried for too long", DULL, 31 * 24 * 60, "dull and late for days"),
        ("untried for too long", DULL, 31 * 24 * 60, "late for weeks"),
    ],
)
def test_by_cost_comes_first_who_loses_most_by_waiting(
    crm: Crm, clock: Clock, lead_id: str, facts: dict[str, object], minutes_ago: int, before: str
) -> None:
    others = {
        "fresh": ({}, 1),
        "late for days": ({}, 3 * 24 * 60),
        "late for weeks": ({}, 28 * 24 * 60),
        "dull and late for days": (DULL, 20 * 24 * 60),
    }
    for name, (theirs, ago) in {lead_id: (facts, minutes_ago), before: others[before]}.items():
        crm.put(name, created_at=(clock.now - timedelta(minutes=ago)).isoformat(), **theirs)

    assert crm.waiting(order="cost") == [lead_id, before]
    assert crm.next("ann", order="cost") == lead_id


def test_by_cost_a_promised_callback_comes_before_whoever_was_not_reached(crm: Crm, clock: Clock) -> None:
    for name in ("promised", "not reached"):
        crm.put(name, created_at=(clock.now - timedelta(days=2)).isoformat())
    started_at = clock.now.isoformat()
    crm.contact("promised", started_at=started_at, again_at=(clock.now + timedelta(hours=1)).isoformat())
    crm.contact("not reached", started_at=(clock.now - timedelta(hours=23)).isoformat())
    clock.now += timedelta(hours=1, minutes=1)

    assert crm.waiting(order="cost") == ["promised", "not reached"]


def test_pages_by_cost_hold_every_lead_once(crm: Crm, clock: Clock) -> None:
    for number in range(7):
        crm.put(f"L-{number}", created_at=(clock.now - timedelta(minutes=9 * number)).isoformat())
    seen: list[str] = []
    cursor = None
    while cursor or not seen:
        page = crm.queue(limit=3, order="cost", **({"cursor": cursor} if cursor else {}))
        seen += [lead["lead_id"] for lead in page["leads"]]
        cursor = page["next"]
    assert seen == crm.waiting(order="cost", limit=200)
    assert len(set(seen)) == 7


def test_filters_leave_only_what_was_asked_for(crm: Crm, clock: Clock, fresh: str) -> None:
    crm.put("bright", created_at=fresh)
    crm.put("dull", created_at=(clock.now - timedelta(hours=5)).isoformat(), **DULL)
    grade = crm.lead("bright")["score"]["grade"]

    assert crm.waiting(source="social") == ["dull"]
    assert crm.waiting(grade=grade) == ["bright"]
    assert crm.waiting(older_than_hours=1) == ["dull"]
    assert crm.waiting(younger_than_hours=1) == ["bright"]
    assert crm.waiting(agent="ann") == []
    crm.next("ann", source="social")
    assert crm.waiting(agent="ann") == ["dull"]


def test_pages_stay_right_while_leads_arrive(crm: Crm, clock: Clock) -> None:
    for number in range(12):
        crm.put(
            f"L-{number:02}",
            created_at=(clock.now - timedelta(minutes=number)).isoformat(),
            fields={"age": 20 + number},
        )
    wanted = crm.waiting(limit=200)

    seen, cursor, arriving = [], None, 0
    while True:
        page = crm.queue(limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [lead["lead_id"] for lead in page["leads"]]
        cursor = page["next"]
        if cursor is None:
            break
        crm.put(f"new-{arriving}", created_at=clock.now.isoformat(), fields={"age": 30 + arriving})
        arriving, clock.now = arriving + 1, clock.now + timedelta(minutes=2)

    assert len(seen) == len(set(seen))
    assert [lead_id for lead_id in seen if lead_id.startswith("L-")] == wanted


def test_a_cursor_of_another_order_or_none_of_ours_is_refused(crm: Crm) -> None:
    for number in range(2):
        crm.put(f"L-{number}")
    cursor = crm.queue(limit=1)["next"]

    for asked in ({"order": "value", "cursor": cursor}, {"cursor": "bm9uc2Vuc2U"}):
        assert crm.client.get("/v1/queue", params=asked).status_code == 422


MADE_UP = [
    '[1,"score",1e30,0,"a"]',
    '[1,"score",3,0,"a"]',
    '[1,"score",-1,0,"a"]',
    '[1,"score",0.5,0,"a"]',
    '[1,"score",true,0,"a"]',
    '[1,"score",1,1e400,"a"]',
    '[1,"score",1,NaN,"a"]',
    f'[1,"score",1,{"9" * 400},"a"]',
    '[1,"score",1,"0","a"]',
    '[-99999999999,"score",1,0,"a"]',
    '[-62135596800,"score",1,0,"a"]',
    '[253402300799,"score",1,0,"a"]',
    '[1e308,"score",1,0,"a"]',
    '["0001-01-01T00:00:00+14:00","score",1,0,"a"]',
    '["2026-01-01T00:00:00","score",1,0,"a"]',
    '[1,"score",1,0,"\\ud800"]',
    '[1,"score",1,0,"a\\u0000"]',
    '[1,"score",1,0,""]',
    '[1,"score",1,0,null]',
    '[1,["score"],1,0,"a"]',
    '{"at":1,"order":"score","tier":1,"key":0,"lead_id":"a"}',
    "[" * 100_000,
]


@pytest.mark.parametrize("state", MADE_UP, ids=range(len(MADE_UP)))
def test_a_made_up_cursor_is_refused(crm: Crm, state: str) -> None:
    cursor = base64.urlsafe_b64encode(state.encode())[:2_000].decode().rstrip("=")
    answer = crm.client.get("/v1/queue", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "cursor")


@given(st.text(max_size=50))
def test_a_broken_cursor_is_never_more_than_refused(text: str) -> None:
    with suppress(CursorBroken):
        QueueCursor.read(text)


numbers = st.floats() | st.integers() | st.booleans()


@given(st.tuples(numbers, st.sampled_from(ORDERS), numbers | st.sampled_from(TIERS), numbers, st.text(max_size=9)))
def test_a_cursor_that_is_read_can_be_written_and_read_again(state: tuple[object, ...]) -> None:
    text = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
    with suppress(CursorBroken):
        read = QueueCursor.read(text)
        assert QueueCursor.read(str(read)) == read
        read.at.astimezone(ZoneInfo("Pacific/Kiritimati"))
        read.lead_id.encode()


def test_two_agents_never_get_the_same_lead(crm: Crm) -> None:
    for number in range(3):
        crm.put(f"L-{number}")

    given_out = [crm.next(agent) for agent in ("ann", "bob", "ann", "bob")]

    assert sorted(lead for lead in given_out if lead) == ["L-0", "L-1", "L-2"]
    assert given_out[3] is None


def test_a_claim_that_runs_out_returns_the_lead(crm: Crm, clock: Clock) -> None:
    crm.put("L-1")
    crm.next("ann")
    assert crm.next("bob") is None
    clock.now += timedelta(minutes=31)

    assert crm.next("bob") == "L-1"


def test_a_lead_given_back_is_free_at_once(crm: Crm) -> None:
    crm.put("L-1")
    claim = crm.client.post("/v1/queue/next", json={"agent": "ann"}).json()["claim"]["claim_id"]

    assert crm.client.delete(f"/v1/queue/claims/{claim}").status_code == 204
    assert crm.client.delete(f"/v1/queue/claims/{claim}").status_code == 404
    assert crm.next("bob") == "L-1"


def test_a_contact_ends_the_claim(crm: Crm) -> None:
    crm.put("L-1")
    crm.next("ann")
    crm.contact("L-1", agent="ann")

    place = crm.lead("L-1")["queue"]
    assert (place["claim_id"], place["agent"], place["promised_by"]) == (None, "ann", None)


def test_an_agent_may_name_the_lead_unless_another_has_it(crm: Crm) -> None:
    crm.put("L-1")
    crm.put("L-2")

    assert crm.next("ann", lead_id="L-2") == "L-2"
    answer = crm.client.post("/v1/queue/next", json={"agent": "bob", "lead_id": "L-2"})
    assert answer.status_code == 404


def test_the_same_claim_is_given_again_under_its_idempotency_key(crm: Crm) -> None:
    crm.put("L-1")
    crm.put("L-2")
    ask = {"json": {"agent": "ann"}, "headers": {"Idempotency-Key": "k1"}}

    first, again = crm.client.post("/v1/queue/next", **ask), crm.client.post("/v1/queue/next", **ask)

    assert first.content == again.content
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("text", ["A", "A=15", "A=15x", "=15m", "A=15m,B=2h"])
def test_promises_that_cannot_be_read_say_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="A=15m B=2h C=1d"):
        parse_response_targets(text)


@pytest.fixture
def aimed(model: ScoringModel, database_url: str, clock: Clock) -> Iterator[Crm]:
    """A service whose every claim is picked by chance, among the leads of one source while there are any."""
    settings = Settings(
        database_url=database_url, poll_seconds=POLL_SECONDS, open=True, random_share=1, random_sources="fair, social"
    )
    with TestClient(create_app(settings, Models(model), clock), base_url=LOCAL) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield Crm(client, clock)


def test_the_random_share_can_be_aimed_at_a_source_that_is_hardly_called(aimed: Crm, fresh: str) -> None:
    for number in range(4):
        aimed.put(f"bright {number}", created_at=fresh)
        aimed.put(f"dull {number}", created_at=fresh, **DULL)

    claimed = [aimed.client.post("/v1/queue/next", json={"agent": "ann"}).json() for _ in range(8)]
    assert {claim["lead"]["source"] for claim in claimed[:4]} == {"social"}
    assert {claim["lead"]["source"] for claim in claimed[4:]} == {"search"}
    assert all(claim["claim"]["at_random"] for claim in claimed)


def test_sources_without_a_share_to_pick_by_chance_are_refused() -> None:
    with pytest.raises(SettingsRefused, match=r"LEADS_RANDOM_SOURCES: aims the claims .* set LEADS_RANDOM_SHARE too"):
        read_settings(random_sources="social")


def test_a_lead_of_which_too_little_is_known_says_so_in_the_api_and_the_queue(crm: Crm, fresh: str) -> None:
    crm.put("L-1", created_at=fresh, source="never seen")
    crm.put("L-2", created_at=fresh)

    assert crm.lead("L-1")["score"]["confidence"] == "unseen values"
    assert [place["score"]["confidence"] for place in crm.queue()["leads"]].count("ok") == 1
