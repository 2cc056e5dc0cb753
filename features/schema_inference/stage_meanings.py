"""What the values of an outcome column mean, in the words of CRMs and of eight languages.

What an export's own stages say comes first, then the words of a language as they stand, then a word inside a longer
text: "7 - Closed Won", "Closed Lost to Competition", "Nicht gewonnen". What says two things at once says nothing here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from features.schema_inference import vocabulary
from features.schema_inference.crm_catalogue import Export, catalogue, languages_say
from features.values import outcome_key, same_text

_NUMBERED = re.compile(r"^\s*(?:c?\d+\s*[-–—.:)]+\s*|\[?\d+\]\s*)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_LONG_STEM = 6
"""Letters from which a stem may be the beginning of a word; a shorter one is a word of its own."""


class Meaning(StrEnum):
    """What a value says of a lead."""

    WON = "won"
    LOST = "lost"
    NOT_WORKED = "not_worked"
    OPEN = "open"


@dataclass(frozen=True, eq=False)
class Stages:
    """Reads the values of outcome columns; `export` is the CRM's that wrote the table, None where it is not known."""

    export: Export | None = None

    def meaning(self, text: str) -> Meaning | None:
        """What a value means beside others; None where it is not known, or only answers some question (1, "yes")."""
        spelled = list(dict.fromkeys(_spellings(text)))
        told = [by for key in spelled if (by := self._meaning_in_export(key))]
        told += [by for key in spelled if key not in vocabulary.WEAK and (by := _in_a_language(key))]
        return next(iter(told), None) or _negated_win(spelled) or _by_a_word(spelled)

    def answer(self, text: str) -> Meaning | None:
        """As `meaning`, for a column whose question is whether the lead was won: "yes" means won."""
        key = _normalise_value(text)
        if key in _words_in_languages("won"):
            return Meaning.WON
        return Meaning.LOST if key in _words_in_languages("lost") else self.meaning(text)

    def is_no_lead(self, text: str) -> bool:
        """Whether a value says that this never was a lead: a duplicate, a wrong number, a test."""
        own = frozenset() if self.export is None else self.export.stages.get("not_a_lead", frozenset())
        known = own | _words_in_languages("not_a_lead")
        return any(key in known or (set(key.split()) & known) for key in _spellings(text))

    def _meaning_in_export(self, key: str) -> Meaning | None:
        if self.export is None:
            return None
        return next((meaning for meaning in Meaning if key in self.export.stages.get(meaning, ())), None)


def _spellings(text: str) -> Iterator[str]:
    """The text as it is, without its number, and without what stands in brackets after it."""
    yield _normalise_value(text)
    bare = _NUMBERED.sub("", text)
    yield _normalise_value(bare)
    in_brackets = _IN_BRACKETS.search(bare)
    if in_brackets is None or not _takes_back(_normalise_value(in_brackets[0]).split()):
        yield _normalise_value(_IN_BRACKETS.sub("", bare))


def _normalise_value(text: str) -> str:
    """As `vocabulary.normalise_name`, so that ClosedWon is two words; 1 = true, 0 = false."""
    return vocabulary.normalise_name(text) if same_text(text) not in {"true", "false"} else outcome_key(text)


def _words_in_languages(key: str) -> frozenset[str]:
    return languages_say(catalogue().languages, key)


def _in_a_language(key: str) -> Meaning | None:
    """What a text means as it stands; nothing where two languages disagree."""
    lost = _words_in_languages("lost") | _words_in_languages("not_a_lead")
    told = {
        meaning
        for meaning, known in (
            (Meaning.WON, _words_in_languages("won")),
            (Meaning.LOST, lost),
            (Meaning.NOT_WORKED, _words_in_languages("not_worked")),
            (Meaning.OPEN, _words_in_languages("open")),
        )
        if key in known
    }
    return told.pop() if len(told) == 1 else None


def _negated_win(spelled: Iterable[str]) -> Meaning | None:
    """Lost, where a text is a word for won behind a negation and nothing else: "no purchase", "nicht verkauft"."""
    won = _words_in_languages("won") - vocabulary.WEAK
    for key in spelled:
        first, _, rest = key.partition(" ")
        if first in _words_in_languages("negations") and rest in won:
            return Meaning.LOST
    return None


def _by_a_word(spelled: Iterable[str]) -> Meaning | None:
    """What a word inside a text says: the longest spelling is asked first, the one without brackets last."""
    return next((meaning for key in reversed(list(spelled)) if (meaning := _by_word(key.split()))), None)


def _by_word(words: list[str]) -> Meaning | None:
    won = [place for place, word in enumerate(words) if _begins_like(word, "won")]
    lost = [place for place, word in enumerate(words) if _begins_like(word, "lost")]
    negated = [place for place in won if _is_negated(words, place)]
    if lost and (not won or negated or lost[0] < won[0]):
        return None if _is_negated(words, lost[0]) else Meaning.LOST
    if lost or not won or _takes_back(words) or vocabulary.UNSURE_WORDS.intersection(words):
        return None
    if not negated:
        return None if _is_future(words, won[0]) else Meaning.WON
    return Meaning.LOST if len(negated) == len(won) else None


def _is_negated(words: list[str], place: int) -> bool:
    return bool(_words_in_languages("negations").intersection(words[max(0, place - 2) : place])) or words[
        place + 1 : place + 2
    ] == ["t"]


def _takes_back(words: Iterable[str]) -> bool:
    """Whether a word says that the lead was lost, that another won it, or that the win was undone."""
    return any(_begins_like(word, "lost") or word.startswith(vocabulary.TAKEN_BACK_STEMS) for word in words)


def _is_future(words: list[str], place: int) -> bool:
    """Whether a lead is yet to be won, or was turned into something that is no win: "converted to nurture"."""
    if words[max(0, place - 1) : place] == ["to"]:
        return True
    return words[place + 1 : place + 2] == ["to"] and not vocabulary.WON_AS_WORDS.intersection(words[place + 2 :])


def _begins_like(word: str, key: str) -> bool:
    stems = _words_in_languages(f"{key}_stems")
    if any(word.startswith(stem) for stem in stems if len(stem) >= _LONG_STEM):
        return True
    if word not in stems and word not in _words_in_languages(key):
        return False
    return any(word.startswith(stem) for stem in stems)
