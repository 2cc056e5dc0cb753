"""Pages that people wrote: where each stands on the site, and their links as the site has them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tools.manual.notebook_page import notebook_page

Pages = Mapping[Path, str]
"""Files of the repository, each with its place on the site."""

BESIDE_DOCS = {
    "README.md": "tour.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "deploy/README.md": "deploying.md",
    "examples/first_model.ipynb": "notebook.md",
    ".env.example": "reference/settings.md",
    "docs/decisions": "decisions/index.md",
}
LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\])\(([^)\s]+)\)")
BLOCK = re.compile(r"^( *```.*?^ *```)$", re.DOTALL | re.MULTILINE)


def pages_of(root: Path) -> Pages:
    """Every file that goes to the site."""
    in_docs = {
        path: path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*") if path.is_file()
    }
    beside = {root / name: place for name, place in BESIDE_DOCS.items() if (root / name).exists()}
    return in_docs | beside


def rewrite_links(source: Path, place: str, pages: Pages) -> str:
    """A page's text as the site has it.

    A link to a file that the site does not have becomes its text alone; one that shows a file's name shows its title.
    """

    def replace(link: re.Match[str]) -> str:
        shown, target = link[1], link[2]
        if re.match(r"https?:|mailto:|#", target):
            return link[0]
        name, mark, anchor = target.partition("#")
        file = (source.parent / name).resolve()
        there = pages.get(file)
        if there is None:
            return shown.removeprefix("[").removesuffix("]")
        if shown == f"[{file.name}]":
            shown = f"[{title_of(file)}]"
        return f"{shown}({os.path.relpath(there, Path(place).parent)}{mark}{anchor})"

    text = notebook_page(source) if source.suffix == ".ipynb" else source.read_text("utf-8")
    parts = BLOCK.split(text)
    return "".join(part if BLOCK.fullmatch(part) else LINK.sub(replace, part) for part in parts)


def decisions_page(root: Path) -> str:
    """The list of decisions."""
    pages = sorted((root / "docs" / "decisions").glob("*.md"))
    rows = [f"- {page.name[:3]} [{title_of(page)}]({page.name})" for page in pages]
    return "\n".join(
        [
            "# Decisions",
            "",
            "Why things are as they are, also where something was tried and did not help.",
            "",
            *rows,
            "",
        ]
    )


def title_of(page: Path) -> str:
    """A page's first heading."""
    return page.read_text("utf-8").split("\n", 1)[0].removeprefix("# ")
