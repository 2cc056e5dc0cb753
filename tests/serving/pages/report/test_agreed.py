"""What was agreed on the report's points is kept, and stands above it the week after."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.report import Report
from serving.operations.report_cache import ReportCache
from serving.pages.report.agreed import read_agreed
from serving.pages.report.routes import drawn, render_file
from serving.store import agreements
from tests.serving.conftest import wait_until
from tests.serving.pages.floor import UTC_ZONE, Floor, text_of
from tests.serving.reports import made_report

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def report() -> Report:
    return drawn(made_report())


@pytest.fixture
def weekly(either_floor: Floor, report: Report) -> Iterator[Floor]:
    reports = ReportCache(lambda _: report)
    either_floor.app.state.reports = reports
    wait_until(lambda: reports.find() is not None)
    yield either_floor
    reports.close()


def ids_of(page: str) -> list[str]:
    return re.findall(r'name="agreement_id" value="([^"]+)"', page)


def test_what_is_agreed_stands_beneath_its_point_and_next_week_on_top(weekly: Floor, report: Report) -> None:
    mia, point = weekly.person(scope="report"), report.discuss[0].says
    shown = mia.act("/report/agreed", about=point, note="Call  partners first", owner="Ben <b>", back="/report")
    assert "Kept. From next Monday on" in shown
    assert shown.index(point[:40]) < shown.index("Ben <b> : Call partners first")
    assert "Agreed before" not in shown

    weekly.clock.now += WEEK
    shown = mia.page("/report")
    assert shown.index("Ben <b> : Call partners first") < shown.index("What moved it")
    assert "Agreed before All that was agreed, as CSV" in shown
    assert "open Done Not done" in shown
    agreement_id = ids_of(mia.get("/report").text)[0]
    shown = mia.act("/report/agreed/settle", agreement_id=agreement_id, state="not done")
    assert "not done Open again" in shown

    weekly.clock.now += WEEK
    assert "Call partners first" not in mia.page("/report")


def test_what_stays_open_stays_on_the_page(weekly: Floor) -> None:
    ann = weekly.person()
    ann.act("/report/agreed", note="Try later hours", owner="Cleo")
    weekly.clock.now += 9 * WEEK
    assert "Cleo : Try later hours" in weekly.person("Dan").page("/report")


def test_all_of_it_is_there_as_csv_and_in_the_file(weekly: Floor, report: Report) -> None:
    ann = weekly.person()
    ann.act("/report/agreed", about=report.discuss[0].says, note="=1+1", owner="Ben")
    answer = ann.get("/report/agreed.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["Note"], row["Owner"], row["By"], row["State"]) for row in rows] == [("'=1+1", "Ben", "Ann", "open")]
    assert rows[0]["Point"] == report.discuss[0].says
    agreed = weekly.store.read_now(read_agreed, UTC_ZONE, weekly.clock() + WEEK, None)
    file = render_file(report, agreed)
    assert "Agreed before Ben : =1+1" in text_of(file)
    assert "<form" not in file


def test_what_was_written_by_mistake_is_removed(weekly: Floor) -> None:
    ann = weekly.person()
    ann.act("/report/agreed", note="A mistake", owner="Ben")
    agreement_id = ids_of(ann.get("/report").text)[0]
    assert "A mistake" not in ann.act("/report/agreed/remove", agreement_id=agreement_id)
    assert "Somebody removed that already" in ann.act("/report/agreed/settle", agreement_id=agreement_id, state="done")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"note": " ", "owner": "Ben"}, "the note must have 1 to 500 characters"),
        ({"note": "x" * 501, "owner": "Ben"}, "the note must have 1 to 500 characters"),
        ({"note": "x", "owner": ""}, "the owner must have 1 to 100 characters"),
    ],
)
def test_a_note_needs_words_and_an_owner(floor: Floor, form: dict[str, str], said: str) -> None:
    answer = floor.person().send("/report/agreed", **form)
    assert answer.status_code == 422
    assert said in text_of(answer.text)


def test_nobody_writes_without_the_pages_own_token_or_the_scope(floor: Floor) -> None:
    ann = floor.person()
    assert ann.client.post("/report/agreed", data={"note": "x", "owner": "y"}).status_code == 403
    assert ann.send("/report/agreed/settle", agreement_id="x", state="maybe").status_code == 422
    assert floor.stranger().client.post("/report/agreed", data={"note": "x", "owner": "y"}).status_code in (303, 401)


def test_weeks_begin_on_monday_by_the_companys_clocks(floor: Floor) -> None:
    sunday_evening = datetime(2026, 3, 8, 22, 30, tzinfo=UTC)  # Monday in Moscow already
    floor.store.write_now(agreements.add, "Ann", "", "Call sooner", "Ben", sunday_evening)
    monday = sunday_evening + timedelta(hours=12)
    at_home, in_moscow = (
        floor.store.read_now(read_agreed, ZoneInfo(zone), monday, None) for zone in ("UTC", "Europe/Moscow")
    )
    assert [len(view.earlier) for view in (at_home, in_moscow)] == [1, 0]
    assert [len(view.this_week) for view in (at_home, in_moscow)] == [0, 1]
