"""The catalogues: a .po file a language, compiled as it is first used."""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from language.choice import LANGUAGES, SOURCE, Language

CATALOGUES = files("language") / "catalogues"


@cache
def find_catalogue(language: Language) -> gettext.NullTranslations:
    """What each text of the source is in a language; a text that is not there stays as it is."""
    if language == SOURCE:
        return gettext.NullTranslations()
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def find_words(language: Language, source: str) -> dict[str, str | list[str]]:
    """The texts of one file of the source, such as a script's, with their translation: of plurals a list of forms."""
    if language == SOURCE:
        return {}
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    words: dict[str, str | list[str]] = {}
    for message in catalogue:
        if all(place != source for place, _ in message.locations):
            continue
        if isinstance(message.id, str) and isinstance(message.string, str):
            words[message.id] = message.string
        elif isinstance(message.string, tuple):
            words[message.id[0]] = list(message.string)
    return words


def warm_up() -> None:
    """Read every catalogue, which takes a moment."""
    for language in LANGUAGES:
        find_catalogue(language)
