"""Sentences that were stored in English, written in another language: known by the templates that they were made from.

Scores and runs keep their sentences as the API tells them. A page writes them anew, where a language is asked for.
"""

import re
from collections.abc import Iterable, Mapping

from language.choice import SOURCE, current_language
from language.numbers import localise
from language.text import gettext, ngettext

Template = str | tuple[str, str]
"""A text that is marked, with %(names)s; or its two forms for one and for many, as `mark_plural` has them."""
_NAME = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"[-+−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


class Sentences:
    """The templates of some sentences; where several fit, the first counts.

    Where `is_nested`, what stands at a name may be such a sentence itself.
    """

    def __init__(self, templates: Iterable[Template], *, is_nested: bool = False) -> None:
        self._templates = tuple((template, _compile(template)) for template in templates)
        self._is_nested = is_nested

    def translate(self, sentence: str) -> str:
        """The sentence in the language of the moment; as it is, where no template fits."""
        if current_language() == SOURCE:
            return sentence
        for template, pattern in self._templates:
            if found := pattern.fullmatch(sentence):
                return self._write(template, found.groupdict())
        return sentence

    def _write(self, template: Template, found: Mapping[str, str]) -> str:
        values = {name: self._translate_value(value) for name, value in found.items()}
        if isinstance(template, str):
            return gettext(template, **values)
        return ngettext(*template, int(found["num"].replace(",", "")), **values)

    def _translate_value(self, value: str) -> str:
        if _NUMBER.fullmatch(value):
            return localise(value)
        return self.translate(value) if self._is_nested else value


def _compile(template: Template) -> re.Pattern[str]:
    """What fits a template: any text at a name, at %(num)s a whole number."""
    many = template if isinstance(template, str) else template[1]
    texts = _NAME.split(many)
    parts = (_group(text) if place % 2 else re.escape(text.replace("%%", "%")) for place, text in enumerate(texts))
    return re.compile("".join(parts), re.DOTALL)


def _group(name: str) -> str:
    return rf"(?P<{name}>{'[0-9,]+' if name == 'num' else '.+'})"
