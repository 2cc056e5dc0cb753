"""The words that the script writes itself are those of the page's language."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Shop, Watch


@pytest.mark.parametrize(
    ("locale", "waiting", "spans"),
    [
        ("ru-RU", "ждёт", ["меньше минуты", "2 ч 10 мин", "3 дня"]),
        ("fr-FR", "waiting", ["less than a minute", "2 h 10 min", "3 days"]),
    ],
)
def test_a_script_keeps_waiting_times_true_in_the_language_of_the_page(
    shop: Shop, open_page: Callable[..., Watch], locale: str, waiting: str, spans: list[str]
) -> None:
    shop.put("L-1")
    ann = open_page(locale=locale)
    ann.sign_in(shop.key("Ann"))
    ann.page.evaluate("document.querySelectorAll('.waiting .words').forEach((words) => { words.textContent = ''; })")
    ann.page.evaluate("tick()")
    assert ann.page.inner_text(".waiting .words").startswith(waiting)
    assert ann.page.evaluate("[30, 7800, 3 * 86400].map(duration)") == spans
