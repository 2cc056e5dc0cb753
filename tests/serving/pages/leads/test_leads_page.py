"""The list of leads behind a number: counted as the report counts, a page at a time."""

import base64
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from serving.cursors import CursorBroken
from serving.pages.leads.routes import ROWS
from serving.store.lead_list import LeadCursor
from tests.serving.crm import NOW
from tests.serving.pages.floor import Floor


def tell(floor: Floor, path: str, **said: object) -> None:
    headers = {"authorization": f"Bearer {floor._crm}"}
    client = TestClient(floor.app)
    answer = client.post(path, json=said, headers=headers) if "contacts" in path else None
    answer = answer or client.put(path, json=said, headers=headers)
    assert answer.is_success, answer.text


def won(floor: Floor, lead_id: str, after_days: float) -> None:
    at = NOW + timedelta(days=after_days)
    floor.clock.now = max(floor.clock.now, at)
    tell(floor, f"/v1/leads/{lead_id}/outcome", status="won", at=at.isoformat())


def called(floor: Floor, lead_id: str, agent: str, after_hours: float) -> None:
    at = NOW + timedelta(hours=after_hours)
    floor.clock.now = max(floor.clock.now, at)
    tell(floor, f"/v1/leads/{lead_id}/contacts", started_at=at.isoformat(), agent=agent, connected=True)


def listed(floor: Floor, query: str) -> str:
    return floor.person(scope="report").page(f"/leads?{query}")


def test_leads_are_listed_by_source_arrival_and_what_is_not_told(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-1", source="ads")
    floor.put("L-2", source="search")
    floor.put("L-3", source=None)
    floor.put("L-4", source="ads", created_at=(NOW - timedelta(days=9)).isoformat())
    first = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    assert "1 lead Arrived" in (shown := listed(floor, f"from={first}&source=ads"))
    assert "L-1" in shown
    assert "L-4" not in shown
    assert "L-3" in (shown := listed(floor, "without=source"))
    assert "L-1" not in shown
    assert "L-4" in (shown := listed(floor, f"to={first}"))
    assert "L-1" not in shown
    assert "4 leads All leads" in listed(floor, "")


def test_a_win_counts_within_the_horizon_and_as_of_the_reports_day(either_floor: Floor) -> None:
    floor = either_floor
    for number, day in enumerate((1, 89.9, 90.1), start=1):
        floor.put(f"L-{number}")
        won(floor, f"L-{number}", day)
    assert "3 leads Won" in listed(floor, "outcome=won")
    within = listed(floor, "outcome=won&within=90")
    assert "2 leads Won within 90 days" in within
    assert "L-3" not in within
    as_of = f"{NOW + timedelta(days=30):%Y-%m-%d}"
    assert "1 lead Won within 90 days" in listed(floor, f"outcome=won&within=90&as_of={as_of}")
    assert "2 leads Open" in listed(floor, f"outcome=open&as_of={as_of}")


def test_a_lead_is_the_first_agents_and_untried_before_the_first_contact(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-1")
    floor.put("L-2")
    called(floor, "L-1", "Ben", 5)
    called(floor, "L-1", "Ann", 2)
    assert "1 lead Agent Ann" in listed(floor, "agent=Ann")
    assert "0 leads Agent Ben" in listed(floor, "agent=Ben")
    assert "1 lead Never called" in (shown := listed(floor, "tried=no"))
    assert "L-2" in shown
    assert "2 leads Never called" in listed(floor, f"tried=no&as_of={(NOW + timedelta(hours=1)).isoformat()[:19]}Z")


def test_promised_leads_are_those_of_the_ledger_scored_in_time_and_worked(either_floor: Floor) -> None:
    floor = either_floor
    for number in (1, 2, 3):
        floor.put(f"L-{number}")
    floor.put("L-late", created_at=(NOW - timedelta(days=3)).isoformat())
    called(floor, "L-1", "Ann", 2)
    called(floor, "L-late", "Ann", 2)
    won(floor, "L-1", 5)
    won(floor, "L-2", 5)
    assert "1 lead Scored on arrival and worked" in (shown := listed(floor, "promised=yes&within=90"))
    assert "L-1" in shown
    assert "L-2" not in shown
    assert "L-late" not in shown
    assert "0 leads" in listed(floor, "promised=yes&within=30")
    assert "3 leads Arrived" in listed(floor, f"grade={grade_of(floor, 'L-1')}&from={NOW:%Y-%m-%d}")


def test_promised_leads_are_by_default_those_of_the_horizon_of_the_model_in_use(either_floor: Floor) -> None:
    floor = either_floor
    for number in (1, 2, 3):
        floor.put(f"L-{number}")
    called(floor, "L-1", "Ann", 2)
    won(floor, "L-1", 5)
    won(floor, "L-3", 5)
    for query in ("promised=yes", "promised=yes&within=90"):
        assert "1 lead Scored on arrival and worked" in (shown := listed(floor, query))
        assert "L-1" in shown
        assert "L-2" not in shown
    matured = (NOW + timedelta(days=91)).date().isoformat()
    assert "1 lead Scored" in listed(floor, f"promised=yes&as_of={matured}")
    assert "0 leads Scored" in listed(floor, f"promised=yes&as_of={(NOW + timedelta(days=30)).date().isoformat()}")


def grade_of(floor: Floor, lead_id: str) -> str:
    headers = {"authorization": f"Bearer {floor._crm}"}
    return TestClient(floor.app).get(f"/v1/leads/{lead_id}", headers=headers).json()["score"]["grade"]


def test_a_long_list_is_read_page_by_page_and_nobody_twice(either_floor: Floor) -> None:
    floor = either_floor
    headers = {"authorization": f"Bearer {floor._crm}"}
    client = TestClient(floor.app)
    for number in range(ROWS + 5):
        at = (NOW - timedelta(minutes=number // 2)).isoformat()
        client.put(
            f"/v1/leads/L-{number:03}", json={"created_at": at, "fields": {}}, headers=headers
        ).raise_for_status()
    person, found, path = floor.person(), [], "/leads?outcome=open"
    while path:
        html = person.get(path).text
        found += [line.split('"')[1] for line in html.split('<a href="/leads/L')[1:] for line in [f'"L{line}']]
        path = next((part.split('"')[0] for part in html.split('href="')[1:] if "cursor=" in part.split('"')[0]), "")
        path = path.replace("&amp;", "&")
    assert len(found) == ROWS + 5
    assert len({*found}) == ROWS + 5


def test_those_who_may_not_open_a_lead_have_no_link_to_it(floor: Floor) -> None:
    floor.put("L-1")
    assert 'href="/leads/L-1"' in floor.person().get("/leads").text
    marketing = floor.person(scope="report")
    assert 'href="/leads/L-1"' not in marketing.get("/leads").text
    assert "L-1" in marketing.page("/leads")
    assert marketing.get("/leads/L-1").status_code == 403


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=soon", "from must be a day or a time"),
        ("outcome=great", "outcome is one of won, lost, open"),
        ("within=0", "within must be a number of days"),
        ("within=١", "within must be a number of days"),
        ("from=0001-01-01T00:00:00%2B14:00", "from must be a day or a time"),
    ],
)
def test_an_address_that_says_nothing_that_can_be_is_refused_in_words(floor: Floor, query: str, said: str) -> None:
    answer = floor.person().get(f"/leads?{query}")
    assert answer.status_code == 422
    assert said in answer.text


MADE_UP = (
    '["0001-01-01T00:00:00+14:00","a"]',
    '["9999-12-31T23:59:59-14:00","a"]',
    '["2026-01-01T00:00:00Z","\\ud800"]',
    '["2026-01-01T00:00:00Z","a\\u0000"]',
)


def _encoded(state: str) -> str:
    return base64.urlsafe_b64encode(state.encode()).decode()


def test_a_cursor_of_anybody_elses_begins_at_the_top(floor: Floor) -> None:
    floor.put("L-1")
    for cursor in ("x", "bm90LWpzb24", "WzEsMl0", "W10", "é", *map(_encoded, MADE_UP)):
        with pytest.raises(CursorBroken):
            LeadCursor.read(cursor)
        assert "L-1" in floor.person().page(f"/leads?cursor={cursor}")
    lead_cursor = LeadCursor(NOW, "L ü/1")
    assert LeadCursor.read(str(lead_cursor)) == lead_cursor


def test_a_list_sorts_by_what_its_words_stand_for(floor: Floor) -> None:
    floor.put("L-1")
    html = floor.person(scope="report").get("/leads").text
    assert '<table class="sortable">' in html
    assert f'<data value="{NOW.timestamp()}">' in html
    assert '<td class="figure"><data value="0.' in html
