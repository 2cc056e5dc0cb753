"""`python -m tools.manual` lays the site's pages out in site/pages, for `zensical build` (see mkdocs.yml)."""

import shutil
from pathlib import Path

from tools.manual.api_page import api_page
from tools.manual.command_page import command_page
from tools.manual.error_page import error_page
from tools.manual.pages import decisions_page, pages_of, rewrite_links
from tools.manual.python_page import python_page
from tools.manual.settings_page import settings_page

ROOT = Path(__file__).resolve().parents[2]
LAID_OUT = ROOT / "site" / "pages"
PROSE = (".md", ".ipynb")


def lay_out(root: Path, target: Path) -> None:
    """Write every page of the site into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    pages = pages_of(root)
    for source, place in pages.items():
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        if place.endswith(".md") and source.suffix in PROSE:
            (target / place).write_text(rewrite_links(source, place, pages), "utf-8")
        elif source.is_file() and not place.endswith(".md"):
            shutil.copyfile(source, target / place)
    made = {
        "decisions/index.md": decisions_page(root),
        "reference/api.md": api_page(),
        "reference/commands.md": command_page(),
        "reference/settings.md": settings_page(root / ".env.example"),
        "reference/errors.md": error_page(),
        "reference/python.md": python_page(),
    }
    for name, text in made.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, "utf-8")


if __name__ == "__main__":
    lay_out(ROOT, LAID_OUT)
