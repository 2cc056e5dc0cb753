"""Numbers with the separators of the language of the moment: 1,234.5 and 1 234,5."""

from functools import cache

from babel.numbers import get_decimal_symbol, get_group_symbol

from language.choice import SOURCE, Language, current_language


def write_number(value: float, form: str) -> str:
    """A number by a format such as ",.1f", with a minus sign, which nothing that rounds to zero has."""
    sign = form[:1] if form.startswith("+") else ""
    return localise(format(value, f"{sign}z{form.removeprefix(sign)}").replace("-", "−"))


def whole(value: float) -> str:
    """1234.4 → 1,234."""
    return write_number(value, ",.0f")


def localise(number: str) -> str:
    """A number as Python writes it, with the language's separators; words around it must have no dots or commas."""
    language = current_language()
    return number if language == SOURCE else number.translate(_separators(language))


@cache
def _separators(language: Language) -> dict[int, str]:
    return {ord(","): get_group_symbol(language), ord("."): get_decimal_symbol(language)}
