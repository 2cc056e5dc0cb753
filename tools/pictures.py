"""Pictures of the pages for README and docs, taken of a running demo in a real Chromium.

Start `leads demo`, then: python -m tools.pictures 'http://127.0.0.1:8000/sign-in/once?token=…'
"""

import argparse
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ViewportSize, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
SCREEN: ViewportSize = {"width": 1440, "height": 900}
SHEET: ViewportSize = {"width": 700, "height": 990}
MADE_WITHIN_MS = 180_000


def main(arguments: list[str]) -> None:
    """Sign in by the link and write every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("link", help="the link that `leads demo` ended with")
    link = parser.parse_args(arguments).link
    parts = urlsplit(link)
    home = f"{parts.scheme}://{parts.netloc}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        signed_in = browser.new_context()
        signed_in.new_page().goto(link)
        state = signed_in.storage_state()
        page = browser.new_context(storage_state=state, viewport=SCREEN).new_page()
        _take_pages(page, home)
        dark = browser.new_context(storage_state=state, viewport=SCREEN, color_scheme="dark").new_page()
        _open_report(dark, home)
        dark.screenshot(path=FOLDER / "week-dark.png")
        browser.close()


def _take_pages(page: Any, home: str) -> None:
    page.goto(f"{home}/queue")
    page.screenshot(path=FOLDER / "queue.png")
    page.click(".card h1 a")
    page.wait_for_load_state()
    page.screenshot(path=FOLDER / "lead.png")
    page.goto(f"{home}/model")
    page.screenshot(path=FOLDER / "model.png")
    _open_report(page, home)
    page.screenshot(path=FOLDER / "week-light.png")
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    page.screenshot(path=FOLDER / "week-print.png", full_page=True)


def _open_report(page: Any, home: str) -> None:
    """Open it, once it is made: the page asks again by itself until then."""
    page.goto(f"{home}/report")
    page.wait_for_selector("article.report", timeout=MADE_WITHIN_MS)


if __name__ == "__main__":
    main(sys.argv[1:])
