"""Every page in a real browser: it fits each screen and keeps still, and an agent's round is reached with Tab alone."""

from collections.abc import Callable

import pytest

from analytics.report import Report
from serving.pages.report.routes import drawn
from tests.analytics.report.test_build import AROUND_THE_CHANGE, company, report_of
from tests.browser.conftest import Shop, Watch, keep_report
from tests.browser.screens import LOCALES, PATHS, WIDTHS, layout_shifts, open_folds, pixels_outside

UNSEEN = """() => {
  const focus = document.activeElement
  return ![focus, focus.closest('label')].some(one => one && parseFloat(getComputedStyle(one).outlineWidth) >= 2
    && getComputedStyle(one).outlineStyle !== 'none')
}"""


def test_every_page_fits_a_phone_a_zoomed_and_a_wide_screen_and_keeps_still(
    shop: Shop, open_page: Callable[..., Watch]
) -> None:
    """In Russian, whose words are the longer ones."""
    shop.put("L-1", value=1_234_567, source="A source with a very long name of its own")
    olga = open_page(viewport={"width": 1440, "height": 900}, locale="ru-RU")
    olga.sign_in(shop.key("Olga", "admin"))
    page = olga.page
    for path in PATHS:
        page.goto(shop.url + path)
        assert layout_shifts(page) == [], path
        for width in WIDTHS:
            assert pixels_outside(page, width) == 0, (path, width)
    olga.complaints.clear()  # of the page that there is not


@pytest.fixture(scope="module")
def filled() -> Report:
    """The report of a simulated company whose agents have become slower."""
    return drawn(report_of(company("sales-slowdown", 4_000), AROUND_THE_CHANGE), ("en", "ru"))


def test_a_filled_report_fits_every_screen_and_keeps_still_in_both_languages(
    shop: Shop, open_page: Callable[..., Watch], filled: Report
) -> None:
    with keep_report(shop, filled):
        for locale in LOCALES:
            mia = open_page(locale=locale)
            mia.sign_in(shop.key(locale, "report"))
            mia.complaints.clear()  # of the queue, which this key may not open
            for width in WIDTHS:
                mia.page.set_viewport_size({"width": width, "height": 900})
                mia.page.goto(f"{shop.url}/report")
                assert layout_shifts(mia.page) == [], (locale, width)
                assert pixels_outside(mia.page, width) == 0, (locale, width)
                open_folds(mia.page)
                assert pixels_outside(mia.page, width) == 0, (locale, width)


def test_tab_alone_claims_logs_a_call_and_goes_to_the_next_and_the_focus_is_always_seen(
    shop: Shop, open_page: Callable[..., Watch]
) -> None:
    shop.put("L-1")
    shop.put("L-2")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    tab_to(ann, "button.main")
    ann.go("Enter")
    called = ann.page.inner_text("h1 a")
    tab_to(ann, "[name=result]")
    ann.press("Space")
    tab_to(ann, "button.main")
    ann.go("Enter")
    assert f"{called}: not reached" in ann.text
    assert ann.page.inner_text("h1 a") != called


def tab_to(watch: Watch, wanted: str, most: int = 60) -> None:
    """Press Tab until the wanted element has the focus; every stop on the way shows that it has it."""
    for _ in range(most):
        watch.press("Tab")
        assert not watch.page.evaluate(UNSEEN), watch.page.evaluate("document.activeElement.outerHTML")
        if watch.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab does not reach {wanted}")
