"""The encoder of free text."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from features.encoders.field_encoder import NAN, Column, FieldEncoder
from features.encoders.levels import MAX_LEVELS, Levels, count_levels, frequent_levels
from features.lead import Value
from features.lead_table import ParsedColumn

MAX_WORDS = 60

_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True)
class Text(FieldEncoder):
    """A code for each frequent text, for each frequent word whether it is there (1 or 0), and the number of words.

    Where no text is frequent there is no such code. A word that only one frequent text has says no more than its code.

    >>> encoder = Text("job", Levels(("ceo",)), words=("director", "sales"))
    >>> encoder.encode_value("Director, IT"), encoder.describe(2, "Director, IT")
    ((1.0, 1.0, 0.0, 2.0), 'does not contain sales')
    """

    texts: Levels
    words: tuple[str, ...]
    profiled_column: ClassVar[int] = -1

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        texts = count_levels(column, _fold)
        frequent = frequent_levels(texts, len(column), MAX_LEVELS)
        leads: Counter[str] = Counter()
        holders: Counter[str] = Counter()
        for text, number in texts.items():
            words = _distinct_words(text)
            leads.update(dict.fromkeys(words, number))
            holders.update(words)
        if frequent:
            leads = Counter({word: number for word, number in leads.items() if holders[word] > 1})
        return cls(field, Levels(frequent), frequent_levels(leads, len(column), MAX_WORDS))

    @property
    def columns(self) -> tuple[Column, ...]:
        code = [self.texts.column(f"{self.field} text", self.field)] if self.texts.names else []
        contains = (Column(f"{self.field} contains {word}", self.field) for word in self.words)
        return (*code, *contains, Column(f"{self.field} words", self.field))

    def encode_value(self, value: Value) -> tuple[float, ...]:
        code = bool(self.texts.names)
        if value is None:
            return (NAN,) * (code + len(self.words) + 1)
        text = _fold(value)
        found = _distinct_words(text)
        contains = (float(word in found) for word in self.words)
        return (*((self.texts.code_of(text),) if code else ()), *contains, float(len(found)))

    def describe(self, column: int, value: Value) -> str:
        found = _distinct_words(_fold(value))
        place = column - bool(self.texts.names)
        if place < 0:
            return f"is {value}" if _fold(value) in self.texts else "is a rare text"
        if place == len(self.words):
            return f"has {len(found)} different words"
        word = self.words[place]
        return f"contains {word}" if word in found else f"does not contain {word}"

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The encoder that `to_state` wrote; those of before had no codes for texts."""
        return cls(state["field"], Levels.from_state(state.get("texts", {"names": ()})), tuple(state["words"]))


def _fold(value: Value) -> str:
    return str(value).casefold().strip()


def _distinct_words(text: str) -> set[str]:
    return set(_WORD.findall(text))
