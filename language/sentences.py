"""Sentences that were stored in English, written in another language: known by the templates that they were made from.

Scores, runs and reports keep their sentences as the API tells them. A page writes them anew, where a language is asked
for.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import zip_longest
from types import MappingProxyType

from language.choice import SOURCE, current_language
from language.dates import calendar_day, write_date
from language.numbers import localise
from language.text import gettext, ngettext

Template = str | tuple[str, str]
"""A text that is marked, with %(names)s; or its two forms for one and for many, as `mark_plural` has them."""
_NAME = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"[-+−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
FIGURE = r"[-+−]?[\d.,\u00a0]+(?:e[-+]?\d+)?"
DATE = r"\d{1,2}(?: [A-Z][a-z]{2})?(?: \d{4})?|\d{4}-\d\d-\d\d"
PATTERNS = {
    "num": "[0-9,]+",
    **dict.fromkeys(("count", "value", "low", "high", "points", "hours", "minutes", "leads", "least", "won"), FIGURE),
    **dict.fromkeys(("weeks", "size", "mark", "times", "beyond", "logged"), FIGURE),
    **dict.fromkeys(("first", "last"), DATE),
    **dict.fromkeys(("before", "after"), "[^;]+"),
}
ANY = ".+"
ONE_SENTENCE = r"(?:(?![.?!] [A-Z]).)+"
"""What stands at these names; at any other any text does, or any within one sentence."""
_BETWEEN = re.compile(r"(?<=[.?!]) (?=[A-Z])")
DATES = {"%d %b %Y": "d MMM yyyy", "%d %b": "d MMM", "%Y-%m-%d": ""}
"""How dates are written in English sentences, and the patterns of the same elsewhere; empty is a calendar day."""
LONGEST_DATE = 11
NOTHING: Mapping[Template, Template] = MappingProxyType({})


class Sentences:
    """The templates of some sentences: of those that fit, the one with most words of its own counts.

    `rewrites` has templates with the one that is written in its place, in English too. Where `is_nested`, what stands
    at a name may be such a sentence itself, and a text may be several of them.
    """

    def __init__(
        self,
        templates: Iterable[Template] = (),
        *,
        rewrites: Mapping[Template, Template] = NOTHING,
        is_nested: bool = False,
    ) -> None:
        self._rewrites = rewrites
        ordered = sorted((*templates, *rewrites), key=_count_letters, reverse=True)
        anything = ONE_SENTENCE if is_nested else ANY
        self._templates = tuple(
            (template, _compile(form, anything)) for template in ordered for form in _forms_of(template)
        )
        self._is_nested = is_nested

    def translate(self, text: str) -> str:
        """The text in the language of the moment; what no template fits stays as it is."""
        if not text or (current_language() == SOURCE and not self._rewrites):
            return text
        return self._translate_one(text) or (self._translate_several(text) if self._is_nested else text)

    def _translate_one(self, sentence: str) -> str | None:
        for template, pattern in self._templates:
            if found := pattern.fullmatch(sentence):
                return self._write(template, found.groupdict())
        return None

    def _translate_several(self, text: str) -> str:
        """Sentence after sentence, as many at once as make up one template."""
        left, written = _BETWEEN.split(text), []
        while left:
            tried = ((many, self._translate_one(" ".join(left[:many]))) for many in range(len(left), 0, -1))
            many, found = next(((many, found) for many, found in tried if found), (1, None))
            written.append(found or self._translate_parts(left[0]))
            del left[:many]
        return " ".join(written)

    def _translate_parts(self, sentence: str) -> str:
        """One; two; three: each as far as a template fits it."""
        return "; ".join(self._translate_one(part) or part for part in sentence.split("; "))

    def _write(self, template: Template, found: Mapping[str, str]) -> str:
        template = self._rewrites.get(template, template)
        values = {name: self._translate_value(value) for name, value in found.items()}
        if isinstance(template, str):
            return gettext(template, **values)
        return ngettext(*template, int(found["num"].replace(",", "")), **values)

    def _translate_value(self, value: str) -> str:
        if _NUMBER.fullmatch(value):
            return localise(value)
        return _translate_date(value) or (self.translate(value) if self._is_nested else value)


def _translate_date(text: str) -> str | None:
    """28 Jul 2026, 28 Jul or 2026-07-28 by the language's own order and names; None of what is no date."""
    for english, pattern in DATES.items() if len(text) <= LONGEST_DATE else ():
        try:
            at = datetime.strptime(f"{text} 2000" if english == "%d %b" else text, _with_year(english)).date()
        except ValueError:
            continue
        return write_date(at, pattern) if pattern else calendar_day(at)
    return None


def _with_year(english: str) -> str:
    return f"{english} %Y" if english == "%d %b" else english


def _forms_of(template: Template) -> tuple[str, ...]:
    return (template,) if isinstance(template, str) else template


def _count_letters(template: Template) -> int:
    return len(_NAME.sub("", _forms_of(template)[-1]))


def _compile(form: str, anything: str) -> re.Pattern[str]:
    """What fits a template: `anything` at a name, or what its `PATTERNS` say."""
    texts = _NAME.split(form)
    patterns = (f"(?P<{name}>{PATTERNS.get(name, anything)})" for name in texts[1::2])
    between = [re.escape(text.replace("%%", "%")) for text in texts[::2]]
    parts = (part for pair in zip_longest(between, patterns, fillvalue="") for part in pair)
    return re.compile("".join(parts), re.DOTALL)
