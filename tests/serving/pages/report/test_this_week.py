"""The last seven days above the report, and its tables as CSV."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from analytics.report import Report
from serving.operations.report_cache import ReportCache
from serving.pages.report.downloads import write_csv
from serving.pages.report.numbers import Number
from serving.pages.report.routes import drawn, render_file, view_of
from serving.pages.report.this_week import _scored, count_week
from serving.pages.report.views import Heading, grid
from serving.settings import Settings
from serving.store.recent_arrivals import Arrival
from tests.serving.conftest import wait_until
from tests.serving.crm import NOW
from tests.serving.pages.floor import Floor
from tests.serving.reports import made_report

RULES = Settings().queue_rules
FRIDAY_EVENING = NOW + timedelta(days=3, hours=8)


@pytest.fixture(scope="module")
def report() -> Report:
    return made_report()


@pytest.fixture
def weekly(either_floor: Floor, report: Report) -> Iterator[Floor]:
    reports = ReportCache(lambda _: drawn(report))
    either_floor.app.state.reports = reports
    wait_until(lambda: reports.find() is not None)
    yield either_floor
    reports.close()


def test_the_week_counts_leads_calls_in_time_and_what_is_expected(weekly: Floor) -> None:
    for number in range(3):
        weekly.put(f"L-last-{number}", created_at=(NOW - timedelta(days=8)).isoformat())
    weekly.put("L-new", created_at=(NOW - timedelta(minutes=5)).isoformat(), value=1_000)
    weekly.put("L-late", created_at=(NOW - timedelta(hours=1)).isoformat())
    ann = weekly.person()
    ann.act("/queue/call", lead_id="L-new", result="callback")
    expected = [entry["probability"] for entry in _scores(weekly, ("L-new", "L-late"))]
    shown = ann.page("/report")
    assert "Leads in 2 before: 3" in shown
    assert "Called in time 50.0 % before: 0.0 % of 2 leads whose call was due" in shown
    assert f"Customers expected {sum(expected):.1f} before" in shown
    assert f"Money expected {1_000 * expected[0]:,.0f} before: – from 1 lead with a value, in EUR" in shown
    assert "from these leads, by their scores" in shown
    assert shown.index("Leads in") < shown.index("What moved it")


def _scores(weekly: Floor, lead_ids: tuple[str, ...]) -> list[dict[str, float]]:
    client, crm = weekly.stranger().client, {"authorization": f"Bearer {weekly._crm}"}
    return [client.get(f"/v1/leads/{lead_id}", headers=crm).json()["score"] for lead_id in lead_ids]


def test_a_week_without_leads_says_what_is_not_known(weekly: Floor) -> None:
    shown = weekly.person().page("/report")
    assert "Leads in 0 before: 0" in shown
    assert all(why in shown for why in ("no lead was due", "no lead was scored", "no lead came with a value"))


@pytest.mark.parametrize(
    ("waited", "in_time", "due"),
    [
        (timedelta(minutes=14), 1, 1),
        (timedelta(minutes=16), 0, 1),
        (timedelta(days=2, hours=15, minutes=10), 1, 1),
        (None, 0, 0),
    ],
)
def test_a_call_is_in_time_by_working_hours(waited: timedelta | None, in_time: int, due: int) -> None:
    arrived = FRIDAY_EVENING - timedelta(minutes=2) if waited is None or waited > timedelta(days=1) else NOW
    lead = Arrival(arrived, "A", 0.5, None, None if waited is None else arrived + waited)
    at = FRIDAY_EVENING if waited is None else arrived + timedelta(days=5)
    counted = count_week([lead, Arrival(arrived, "D", 0.1, None, None)], RULES, at)
    assert (counted.leads, counted.in_time, counted.due) == (2, in_time, due)


def test_where_some_leads_have_no_score_it_says_of_how_many_customers_are_expected() -> None:
    found = [Arrival(NOW, "A", 0.5, 10.0, None), Arrival(NOW, None, None, 10.0, None)]
    counted = count_week(found, RULES, NOW)
    assert (counted.scored, counted.expected, counted.money, counted.valued) == (1, 0.5, 5.0, 1)
    assert _scored(counted) == "from the 1 of these leads that are scored"


def test_every_table_of_the_page_is_there_as_csv_with_its_numbers(weekly: Floor, report: Report) -> None:
    ann = weekly.person()
    found = re.findall(r'href="(/report/tables/[^"]+)"', ann.get("/report").text)
    view = view_of(report)
    tables = [table for section in view.sections for table in section.tables if table.rows]
    assert len(found) == len(set(found)) == len(tables)
    for path in (found[0], found[-1]):
        answer = ann.get(path)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert any(row[1:] for row in rows[1:])
    assert "/report/tables/" not in render_file(report)


@pytest.mark.parametrize("path", ["cost/99", "none/0", "cost/x", "cost/-1", "cost/99999999999999999999"])
def test_a_table_that_there_is_not_is_a_page_that_says_so(weekly: Floor, path: str) -> None:
    assert weekly.person().get(f"/report/tables/{path}.csv").status_code == 404


def test_no_cell_of_a_csv_is_run_by_a_spreadsheet() -> None:
    head = (Heading("=Source", is_figure=False), Heading("Change"), Heading("That is"))
    number = Number("change", -0.017, "−1.7", "−2.0 to −1.4", "", None)
    unknown = Number("change", None, "–", "", "too young", None)
    table = grid("t", head, [("=cmd|' /C calc'!A0", None, [number, "@SUM(1)"]), ("+1-2", None, [unknown, "clear"])])
    rows = list(csv.reader(io.StringIO(write_csv(table).removeprefix("\ufeff"))))
    assert rows == [
        ["'=Source", "Change", "Change, 95 % interval", "That is"],
        ["'=cmd|' /C calc'!A0", "-0.017", "−2.0 to −1.4", "'@SUM(1)"],
        ["'+1-2", "", "", "clear"],
    ]
