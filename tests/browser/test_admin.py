"""The pages for trying and administering in a real browser: on a narrow screen, and by the keyboard alone."""

from collections.abc import Callable

from tests.browser.conftest import Shop, Watch

PATHS = (
    *("/try", "/try?lead=L-1", "/try/file", "/model/grades?a=20", "/model/data"),
    *("/admin", "/admin/keys", "/admin/versions", "/admin/webhooks", "/admin/targets"),
)


def test_no_page_scrolls_sideways_and_a_key_is_made_and_revoked_without_a_mouse(
    shop: Shop, open_page: Callable[..., Watch]
) -> None:
    shop.put("L-1", value=1_234_567, source="A source with a very long name of its own")
    shop.key("A-name-without-a-single-space-that-is-as-long-as-names-may-be-or-nearly-so-1234567890")
    olga = open_page(viewport={"width": 320, "height": 700})
    olga.sign_in(shop.key("Olga", "admin"))
    page = olga.page
    for path in PATHS:
        page.goto(shop.url + path)
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide == 0, path

    page.goto(f"{shop.url}/admin/keys")
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
