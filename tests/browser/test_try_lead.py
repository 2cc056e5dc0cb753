"""Trying a lead in a real browser: it answers while one types."""

from collections.abc import Callable

from tests.browser.conftest import Shop, Watch


def test_the_score_follows_what_is_typed_without_a_button(shop: Shop, open_page: Callable[..., Watch]) -> None:
    watch = open_page(viewport={"width": 320, "height": 700})
    watch.sign_in(shop.key("Ann"))
    page = watch.page
    page.goto(f"{shop.url}/try")
    before = page.inner_text("#answer .chance")
    page.focus("[name='field.job title']")
    page.keyboard.type("director")
    page.wait_for_selector("#answer:has-text('Job title: director')")
    assert page.inner_text("#answer .chance") != before
    assert " in 100" in page.inner_text("#said")
    assert page.evaluate("document.activeElement.name") == "field.job title"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.is_visible("#answer .chance"), "above the keyboard"
