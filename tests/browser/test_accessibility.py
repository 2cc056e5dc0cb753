"""WCAG 2.2 A and AA by axe-core: a page in each look at once, and every page in every look as a slow proof."""

from collections.abc import Callable
from itertools import product

import pytest

from analytics.report import Report
from tests.browser.conftest import Shop, Watch, keep_report
from tests.browser.screens import LOCALES, PATHS, find_barriers, layout_shifts, open_folds

Open = Callable[..., Watch]
THEMES = ("light", "dark")
WIDE, NARROW = 1440, 390


def look(watch: Watch, path: str, theme: str, width: int) -> list[str]:
    """What keeps the page from AA in this look."""
    watch.page.emulate_media(color_scheme=theme)
    watch.page.set_viewport_size({"width": width, "height": 900})
    watch.page.goto(watch.shop.url + path)
    open_folds(watch.page)
    return find_barriers(watch.page)


def fill(shop: Shop) -> None:
    """Leads that wait, one with a person, one that was called, and one that is lost."""
    shop.put("L-1", fields={"name": "Ada Lovelace", "job title": "director"}, value=12_000)
    for lead_id in ("L-2", "L-3", "L-4"):
        shop.put(lead_id)
    shop.contact("L-2", connected=True, agent="Ann")
    shop.outcome("L-3", "lost", reason="No budget")


@pytest.mark.parametrize(
    ("path", "locale", "theme", "width"),
    [
        ("/queue", "ru-RU", "dark", NARROW),
        ("/report", "en-GB", "light", WIDE),
    ],
)
def test_a_page_of_each_look_has_no_barrier(
    shop: Shop, open_page: Open, report: Report, path: str, locale: str, theme: str, width: int
) -> None:
    fill(shop)
    with keep_report(shop, report):
        olga = open_page(locale=locale)
        olga.sign_in(shop.key("Olga", "admin"))
        assert look(olga, path, theme, width) == []


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_no_page_has_a_barrier_or_moves_in_any_look(shop: Shop, open_page: Open, report: Report, locale: str) -> None:
    fill(shop)
    stranger = open_page(locale=locale)
    found = {("/sign-in", theme): look(stranger, "/sign-in", theme, NARROW) for theme in THEMES}
    stranger.complaints.clear()
    with keep_report(shop, report):
        olga = open_page(locale=locale)
        olga.sign_in(shop.key("Olga", "admin"))
        for path, theme, width in product(PATHS, THEMES, (WIDE, NARROW)):
            found[path, theme, width] = look(olga, path, theme, width)
            olga.page.goto(shop.url + path)
            assert layout_shifts(olga.page) == [], (path, theme, width)
        olga.complaints.clear()  # of the page that there is not
        olga.page.goto(shop.url + "/queue")
        found["/queue", "to be claimed"] = find_barriers(olga.page)
        olga.go("c")
        found["/queue", "the call form"] = find_barriers(olga.page)
        olga.press("4")
        found["/queue", "why it was lost"] = find_barriers(olga.page)
    assert {look: barriers for look, barriers in found.items() if barriers} == {}
