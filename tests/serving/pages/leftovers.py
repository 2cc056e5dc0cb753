"""Finds English on a page that should be in another language."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from tools.catalogues import ROOT, read_catalogue

SHOWN_ATTRIBUTES = {"alt", "aria-label", "data-ended", "placeholder", "title"}
NOT_READ = {"script", "style", "code", "kbd"}
_WORD = re.compile(r"[A-Za-z]{3,}")
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


class _Reader(HTMLParser):
    """Collects what a page shows or says: its texts, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipped = 0
        self._drawings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in NOT_READ
        self._drawings += tag == "svg"
        if self._drawings:
            return  # a drawing's own descriptions are hidden: the words around it say what it shows
        self.texts += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in NOT_READ
        self._drawings -= tag == "svg"

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.texts.append(data)


def english_left(html: str, data: Iterable[str]) -> list[str]:
    """The texts of a Russian page with a word of the English catalogue that neither its data nor Russian texts have."""
    reader = _Reader()
    reader.feed(html)
    english, russian = _words_of_catalogue()
    leftover = english - russian - _words(data)
    return [" ".join(text.split()) for text in reader.texts if _words([text]) & leftover]


def _words_of_catalogue() -> tuple[set[str], set[str]]:
    messages = [message for message in read_catalogue(ROOT / "language" / "catalogues" / "ru.po") if message.id]
    return _words(text for message in messages for text in _forms(message.id)), _words(
        text for message in messages for text in _forms(message.string)
    )


def _forms(text: object) -> Iterable[str]:
    return text if isinstance(text, list | tuple) else (str(text),)


def _words(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in _WORD.findall(_PLACEHOLDER.sub(" ", text))}
