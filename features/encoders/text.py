"""The encoder of free text."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from features.encoders.field_encoder import NAN, Column, Counts, FieldEncoder
from features.encoders.levels import MAX_LEVELS, Levels, count_levels, frequent_levels
from features.lead import Value
from features.lead_table import ParsedColumn

MAX_WORDS = 60
MAX_LETTERS = 60
"""A longer text is a remark: it gets no code of its own, however often it stands there."""

_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True)
class Text(FieldEncoder):
    """A code for each frequent short text, 1 or 0 for each frequent word, and the number of words.

    Where no text is frequent there is no such code. A word that only one frequent text has says no more than its code.

    >>> encoder = Text("job", Levels(("ceo",)), words=("director", "sales"))
    >>> encoder.encode_value("Director, IT"), encoder.describe(2, "Director, IT")
    ((1.0, 1.0, 0.0, 2.0), 'does not contain sales')
    """

    texts: Levels
    words: tuple[str, ...]
    profiled_column: ClassVar[int] = -1

    @classmethod
    def count(cls, column: ParsedColumn) -> Counts:
        """How many leads have each short text and each word, and of each word two of the texts that hold it."""
        texts = count_levels(column, _fold)
        short = Counter({text: number for text, number in texts.items() if len(text) <= MAX_LETTERS})
        leads_of_word: Counter[str] = Counter()
        holders = _Holders()
        for text, number in texts.items():
            words = _distinct_words(text)
            leads_of_word.update(dict.fromkeys(words, number))
            holders.add(text, words)
        return short, leads_of_word, holders.counts

    @classmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:
        short, words, holders = counts
        frequent = frequent_levels(short, leads, MAX_LEVELS)
        if frequent:
            texts_of = Counter(holder.partition(" ")[0] for holder in holders)
            words = Counter({word: number for word, number in words.items() if texts_of[word] > 1})
        return cls(field, Levels(frequent), frequent_levels(words, leads, MAX_WORDS))

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
        """The encoder that `to_state` wrote; older models have no codes for texts."""
        return cls(state["field"], Levels.from_state(state.get("texts", {"names": ()})), tuple(state["words"]))


class _Holders:
    """Each word beside the hash of a text that holds it, for two such texts at most.

    Two are enough to know, of all parts of a table together, whether a word stands in more than one text.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._once: set[str] = set()
        self._twice: set[str] = set()

    def add(self, text: str, words: set[str]) -> None:
        if left := words - self._twice:
            text_hash = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()
            self.counts.update(f"{word} {text_hash}" for word in left)
            self._twice |= left & self._once
            self._once |= left


def _fold(value: Value) -> str:
    return str(value).casefold().strip()


def _distinct_words(text: str) -> set[str]:
    return set(_WORD.findall(text))
