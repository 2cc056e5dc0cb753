"""How a text that people read is marked in the source, and written in the language of the moment.

`from language.text import gettext as _`, then `_("Give back")`, or `_("until %(when)s", when=…)` with what belongs into
it. `make catalogues` finds the marks.
"""

from language.catalogues import find_catalogue
from language.choice import current_language
from language.numbers import whole


def gettext(message: str, **values: object) -> str:
    """The text in the language of the moment, with these values at their names."""
    text = find_catalogue(current_language()).gettext(message) if message else ""
    return text % values if values else text


def pgettext(context: str, message: str, **values: object) -> str:
    """As `gettext`, for a word that another language says differently in this context."""
    text = find_catalogue(current_language()).pgettext(context, message)
    return text % values if values else text


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """As `gettext`, in the form that goes with a number, which stands at %(num)s."""
    text = find_catalogue(current_language()).ngettext(one, many, number)
    return text % {"num": whole(number), **values}


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """As `mark`, of a text with a number at %(num)s."""
    return one, many


def mark(message: str) -> str:
    """The text as it is: it stands in the catalogue, and is translated where it is shown."""
    return message
