"""The weekly page in a real browser: on a phone, in the dark, on paper, and as a file without a service."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.report import Report
from serving.pages.report.routes import render_file
from tests.browser.conftest import Shop, Watch, keep_report
from tests.serving.reports import agent, by_source

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SHEETS = 2
MILLIMETRE = 96 / 25.4
A_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
Open = Callable[..., Watch]
VALUES = "found => found.map(one => one.value)"


@pytest.fixture
def weekly(shop: Shop, report: Report) -> Iterator[Shop]:
    """A service whose report is made by hand."""
    with keep_report(shop, report):
        yield shop


def signed_in(open_page: Open, shop: Shop, path: str, **given: Any) -> Watch:
    reader = open_page(**given)
    reader.page.goto(f"{shop.url}{path}")
    reader.page.fill("#key", shop.key("Mia", "report"))
    with reader.page.expect_navigation():
        reader.page.click("button.main")
    return reader


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_overflows_and_nothing_comes_from_elsewhere(
    weekly: Shop, open_page: Open, width: int, theme: str
) -> None:
    mia = signed_in(open_page, weekly, "/report", viewport={"width": width, "height": 844}, color_scheme=theme)
    assert mia.page.evaluate("document.documentElement.scrollWidth") <= width
    shown, hidden = ("wide", "narrow") if width > 1000 else ("narrow", "wide")
    open_folds(mia.page)
    assert mia.page.evaluate("document.documentElement.scrollWidth") <= width
    assert mia.page.locator(f".drawn .{shown}").first.is_visible()
    assert not mia.page.locator(f".drawn .{hidden}").first.is_visible()
    paper = mia.page.evaluate("getComputedStyle(document.querySelector('.drawn svg rect')).fill")
    assert paper == ("rgb(255, 255, 255)" if theme == "light" else "rgb(20, 23, 26)")


def test_verdict_points_and_four_figures_are_on_the_first_screen_and_the_rest_opens_without_script(
    weekly: Shop, open_page: Open
) -> None:
    screen = {"width": 1440, "height": 900}
    mia = signed_in(open_page, weekly, "/report", viewport=screen, java_script_enabled=False)
    figures = mia.page.locator(".figures").bounding_box()
    assert figures["y"] + figures["height"] <= 900
    waterfall = mia.page.locator("#part-change .drawn").first
    assert not waterfall.is_visible()
    mia.page.click(".discuss >> text=see the numbers")
    assert waterfall.is_visible()


def test_a_number_leads_to_its_definition_and_to_its_leads(weekly: Shop, open_page: Open) -> None:
    mia = signed_in(open_page, weekly, "/report")
    open_folds(mia.page)
    mia.page.click(".tile >> text=Cost of a customer")
    assert mia.page.url.endswith("/definitions#cac")
    assert mia.page.locator("tr:target").inner_text().startswith("Cost of a customer")
    mia.page.go_back()
    open_folds(mia.page)
    mia.page.click(".tile a.leads")
    assert "0 leads" in mia.text


def test_a_table_is_sorted_by_its_head_and_all_leads_together_stay_beneath(weekly: Shop, open_page: Open) -> None:
    mia = signed_in(open_page, weekly, "/report")
    open_folds(mia.page)
    agents = mia.page.locator("table.numbers", has=mia.page.locator("caption", has_text=re.compile("^Wins by agent")))
    won = agents.get_by_role("button", name="Sort by Won")
    for order in ("descending", "ascending"):
        won.click()
        wins = [float(value) for value in agents.locator("tbody tr td:nth-child(3) data").evaluate_all(VALUES)]
        assert wins == sorted(wins, reverse=order == "descending")
        assert agents.locator(f'th[aria-sort="{order}"]').count() == 1
    assert agents.locator("tfoot th").inner_text() == "all agents"


def test_a_list_of_leads_is_sorted_by_its_heading(weekly: Shop, open_page: Open) -> None:
    for number, source in enumerate(("social", "search", "partner", "search")):
        weekly.put(f"L-{number}", source=source)
    mia = signed_in(open_page, weekly, "/leads")
    for order in ("descending", "ascending"):
        mia.page.get_by_role("button", name="Sort by Chance").click()
        chances = [float(value) for value in mia.page.locator("tbody td.figure data").evaluate_all(VALUES)]
        assert len(set(chances)) >= 2
        assert chances == sorted(chances, reverse=order == "descending")


def test_without_script_the_tables_stand_as_they_are(weekly: Shop, open_page: Open) -> None:
    mia = signed_in(open_page, weekly, "/report", java_script_enabled=False)
    assert mia.page.locator("table.numbers tbody tr").count() > 20
    assert mia.page.locator(".sort").count() == 0


def open_folds(page: Any) -> None:
    page.evaluate("document.querySelectorAll('.fold').forEach(fold => { fold.open = true; })")


def test_it_prints_on_two_sheets(weekly: Shop, open_page: Open) -> None:
    mia = signed_in(open_page, weekly, "/report", color_scheme="dark")
    assert len(A_PAGE.findall(mia.page.pdf(prefer_css_page_size=True))) == SHEETS
    mia.page.emulate_media(media="print")
    assert mia.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert mia.page.evaluate("getComputedStyle(document.querySelector('.answer h1')).color") == "rgb(0, 0, 0)"
    by_source = mia.page.locator("#part-change .drawn + .drawn .narrow svg")
    assert by_source.count() == 2
    assert min(box["height"] for chart in by_source.all() if (box := chart.bounding_box())) > 45 * MILLIMETRE


def test_a_large_company_prints_on_two_sheets_too(chromium: Any, report: Report, tmp_path: Path) -> None:
    sources = tuple(
        replace(part, name=(f"{part.name[0]} of a long name, {n}",)) for n in range(8) for part in by_source()
    )
    agents = tuple(agent(f"Agent number {n}", 60.0 + n, 90, "more") for n in range(40))
    large = replace(
        report,
        change=replace(report.change, parts=(replace(report.change.parts[0], rows=sources),)),
        conversations=replace(report.conversations, agents=agents),
        ledger=replace(report.ledger, alarms=report.ledger.alarms * 12),
        discuss=tuple(replace(point, says=point.says * 3) for point in (*report.discuss, report.discuss[0])),
        drift=replace(report.drift, reasons=("Changed clearly: " + ", ".join(f"field_{n}" for n in range(60)),)),
    )
    page = opened_file(chromium, large, tmp_path)
    assert len(A_PAGE.findall(page.pdf(prefer_css_page_size=True))) == SHEETS
    page.emulate_media(media="print")
    assert page.locator(".fold[open]").count() == 0  # without script they print all the same
    assert all(chart.is_visible() for chart in page.locator(".parts .drawn:first-child .narrow").all())
    page.context.close()


def test_the_file_opens_without_a_service_and_asks_nothing(chromium: Any, report: Report, tmp_path: Path) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page = opened_file(chromium, report, tmp_path, asked, complaints)
    assert report.answer.sentences[0] in " ".join(page.inner_text("h1").split())
    page.click(".figures >> text=Cost of a customer")
    assert page.locator("tr:target").is_visible()
    page.context.close()
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert complaints == []


def opened_file(
    chromium: Any,
    report: Report,
    folder: Path,
    asked: list[str] | None = None,
    complaints: list[str] | None = None,
) -> Any:
    """The file in a browser of its own, which notes what it asks for and complains of."""
    path = folder / "week.html"
    path.write_text(render_file(report))
    page = chromium.new_context().new_page()
    requests = [] if asked is None else asked
    noted = [] if complaints is None else complaints
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda told: noted.append(told.text))
    page.on("pageerror", lambda error: noted.append(str(error)))
    page.goto(path.as_uri())
    return page
