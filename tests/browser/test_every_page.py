"""Every page in a real browser: it fits each screen and keeps still, and an agent's round is reached with Tab alone."""

from collections.abc import Callable

from tests.browser.conftest import Shop, Watch

PATHS = (
    *("/queue", "/day", "/team", "/search?q=L-1", "/leads", "/leads/L-1", "/report", "/definitions"),
    *("/model", "/model/grades?a=20", "/model/data", "/try", "/try?lead=L-1", "/try/file"),
    *("/admin", "/admin/keys", "/admin/versions", "/admin/webhooks", "/admin/targets"),
)
WIDTHS = (320, 390, 720, 768, 1440)
"""In CSS pixels; a screen of 1440 at 200 % shows 720."""

OUTSIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHIFTED = """() => new Promise(answer => {
  let sum = 0
  new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value })
    .observe({ type: 'layout-shift', buffered: true })
  requestAnimationFrame(() => requestAnimationFrame(() => answer(sum)))
})"""
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
        assert page.evaluate(SHIFTED) == 0, path
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OUTSIDE) == 0, (path, width)


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
