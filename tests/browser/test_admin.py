"""The pages for administering in a real browser: on a narrow screen, and by the keyboard alone."""

from collections.abc import Callable

from tests.browser.conftest import Shop, Watch


def test_a_key_is_made_and_revoked_without_a_mouse_on_a_narrow_screen(
    shop: Shop, open_page: Callable[..., Watch]
) -> None:
    shop.key("A-name-without-a-single-space-that-is-as-long-as-names-may-be-or-nearly-so-1234567890")
    olga = open_page(viewport={"width": 320, "height": 700})
    olga.sign_in(shop.key("Olga", "admin"))
    page = olga.page
    page.goto(f"{shop.url}/admin/keys")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.focus("#name")
    page.keyboard.type("Ben")
    olga.press("Tab", "ArrowDown")
    assert page.evaluate("document.activeElement.value") == "team"
    olga.press("Tab")
    olga.go("Enter")
    assert page.evaluate("document.activeElement.id") == "made"
    page.focus("summary[aria-label='Revoke Ben']")
    olga.press("Enter", "Tab")
    olga.go("Enter")
    assert "Revoked." in olga.text
