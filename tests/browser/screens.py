"""The pages, the screens they are looked at on, and what is measured of a page there."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

PATHS = (
    *("/queue", "/day", "/team", "/search?q=L-1", "/leads", "/leads/L-1", "/report", "/definitions"),
    *("/model", "/model/grades?a=20", "/model/data", "/try", "/try?lead=L-1", "/try/file", "/no-such-page"),
    *("/admin", "/admin/keys", "/admin/versions", "/admin/training", "/admin/webhooks", "/admin/targets"),
)
WIDTHS = (320, 390, 720, 768, 1440)
"""In CSS pixels; a screen of 1440 at 200 % shows 720."""
LOCALES = ("en-GB", "ru-RU")
A_AND_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}

_OUTSIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SHIFTS = """() => new Promise(answer => {
  const found = []
  const corner = box => `${Math.round(box.x)}, ${Math.round(box.y)}`
  const start = node => (node?.outerHTML ?? node?.textContent ?? 'gone').slice(0, 80)
  const named = ({ node, previousRect, currentRect }) =>
    `${start(node)} from ${corner(previousRect)} to ${corner(currentRect)}`
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) found.push([entry.value, ...entry.sources.map(named)].join('; '))
  }).observe({ type: 'layout-shift', buffered: true })
  requestAnimationFrame(() => requestAnimationFrame(() => answer(found)))
})"""
_OPEN_FOLDS = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"


def pixels_outside(page: Any, width: int) -> int:
    """How far a page is to be scrolled sideways on a screen of this width."""
    page.set_viewport_size({"width": width, "height": 900})
    return page.evaluate(_OUTSIDE)


def layout_shifts(page: Any) -> list[str]:
    """What moved by itself since the page began to load: how much of the screen, as browsers measure it, and what."""
    return page.evaluate(_SHIFTS)


def open_folds(page: Any) -> None:
    """Open whatever is folded."""
    page.evaluate(_OPEN_FOLDS)


def find_barriers(page: Any) -> list[str]:
    """What keeps a page from WCAG 2.2 A and AA, as axe-core finds it: the rule and where."""
    found = Axe().run(page, options=A_AND_AA).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]} ({rule['nodes'][0]['failureSummary']})" for rule in found]
