"""The catalogues of translations, brought up to date with the texts that are marked in the source.

`python -m tools.catalogues`, or `make catalogues`: new texts get an empty translation, those that are gone are
taken out.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from analytics.metrics import CONTRACT

ROOT = Path(__file__).parent.parent
SOURCES = ("analytics", "language", "serving")
"""The rooms that choose words for people; texts of the rooms beneath are marked where pages show them."""
METHODS = [("**.py", "python"), ("serving/templates/**.html", "jinja2"), ("serving/static/**.js", "javascript")]
OPTIONS = {"serving/templates/**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,  # what {% trans %} becomes
    "mark": None,
    "mark_plural": (1, 2),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
WIDTH = 120
LAST_CHANGE = datetime(2026, 11, 29, tzinfo=UTC)
"""A date that stays: a catalogue only changes where its texts do."""


def extract_texts(root: Path = ROOT) -> Catalog:
    """Every text that the source marks, and those of the metric contract, without translations."""
    texts = Catalog(project="lead-scoring", charset="utf-8", creation_date=LAST_CHANGE)
    for room in SOURCES:
        found = extract_from_dir(
            root / room,
            [(pattern.removeprefix(f"{room}/"), method) for pattern, method in METHODS],
            {pattern.removeprefix(f"{room}/"): options for pattern, options in OPTIONS.items()},
            KEYWORDS,
            comment_tags=("i18n:",),
            strip_comment_tags=True,
        )
        for path, _, message, comments, context in found:
            texts.add(message, None, [(f"{room}/{path}", 0)], auto_comments=comments, context=context)
    for metric in CONTRACT:
        for text in (metric.name, metric.formula, metric.window, str(metric.owner), str(metric.unit), *metric.changes):
            texts.add(text, None, [("analytics/metrics", 0)])
    return texts


def read_catalogue(path: Path) -> Catalog:
    """A language's catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def update(path: Path, texts: Catalog) -> list[str]:
    """Bring a catalogue up to date; return the texts that lack a translation."""
    catalogue = read_catalogue(path)
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.revision_date = LAST_CHANGE
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, sort_by_file=True, include_lineno=False)
    return [str(message.id) for message in catalogue if message.id and not all_forms(message.string)]


def all_forms(translation: str | list[str] | tuple[str, ...] | None) -> bool:
    """Whether a text is translated, of plurals each form."""
    return all(translation) if isinstance(translation, list | tuple) else bool(translation)


def main() -> int:
    """Update every catalogue; say what is not translated."""
    texts = extract_texts()
    lacking = {path.name: update(path, texts) for path in sorted((ROOT / "language" / "catalogues").glob("*.po"))}
    for name, messages in lacking.items():
        for message in messages:
            print(f"{name}: not translated: {message}")
    return int(any(lacking.values()))


if __name__ == "__main__":
    sys.exit(main())
