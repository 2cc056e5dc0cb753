"""Which language a text is written in: English, unless a block of code asks for another.

The choice is a context variable: each request and each thread has its own, and a new thread begins with English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

Language = Literal["en", "ru"]
LanguageSetting = Literal["auto", "en", "ru"]
"""`auto` is the reader's own, as their browser says it."""

SOURCE: Language = "en"
"""What texts in the source are written in; also what a reader of any other language gets."""
LANGUAGES: tuple[Language, ...] = get_args(Language)
MOST_TAGS = 20

_current: ContextVar[Language] = ContextVar("language", default=SOURCE)


def current_language() -> Language:
    """The language of this request, or of this block."""
    return _current.get()


@contextmanager
def use_language(language: Language) -> Iterator[None]:
    """Within the block, texts are written in this language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def choose_language(setting: LanguageSetting, accept_language: str) -> Language:
    """The language that is set; for `auto` the first of ours that the header Accept-Language asks for.

    Weights are those of RFC 9110, 12.5.4; a tag such as ru-RU counts as ru, and one of weight 0 not at all.
    """
    if setting != "auto":
        return setting
    weights = [_read_weight(part) for part in accept_language.split(",")[:MOST_TAGS]]
    wanted = sorted((pair for pair in weights if pair[1] > 0), key=lambda pair: -pair[1])
    return next((language for tag, _ in wanted for language in LANGUAGES if language == tag), SOURCE)


def _read_weight(part: str) -> tuple[str, float]:
    """ru-RU;q=0.8 → ru, 0.8."""
    tag, *parameters = part.split(";")
    weight = next((text.strip()[2:] for text in parameters if text.strip().lower().startswith("q=")), "1")
    try:
        return tag.strip().lower().split("-")[0], float(weight)
    except ValueError:
        return tag, 0.0
