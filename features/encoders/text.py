"""The encoder of free text."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from features.encoders.field_encoder import NAN, Column, FieldEncoder
from features.encoders.levels import count_levels, frequent_levels
from features.lead import Value
from features.lead_table import ParsedColumn

MAX_WORDS = 60

_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True)
class Text(FieldEncoder):
    """For each frequent word whether the text contains it (1 or 0), and how many different words the text has.

    >>> encoder = Text("job", words=("director", "sales"))
    >>> encoder.encode_value("Director, IT"), encoder.describe(1, "Director, IT")
    ((1.0, 0.0, 2.0), 'does not contain sales')
    """

    words: tuple[str, ...]
    profiled_column: ClassVar[int] = -1

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        counts: Counter[str] = Counter()
        for text, leads in count_levels(column, str).items():
            counts.update(dict.fromkeys(_distinct_words(text), leads))
        return cls(field, frequent_levels(counts, len(column), MAX_WORDS))

    @property
    def columns(self) -> tuple[Column, ...]:
        contains = (Column(f"{self.field} contains {word}", self.field) for word in self.words)
        return (*contains, Column(f"{self.field} words", self.field))

    def encode_value(self, value: Value) -> tuple[float, ...]:
        if value is None:
            return (NAN,) * (len(self.words) + 1)
        found = _distinct_words(str(value))
        return (*(float(word in found) for word in self.words), float(len(found)))

    def describe(self, column: int, value: Value) -> str:
        found = _distinct_words(str(value))
        if column == len(self.words):
            return f"has {len(found)} different words"
        word = self.words[column]
        return f"contains {word}" if word in found else f"does not contain {word}"

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(state["field"], tuple(state["words"]))


def _distinct_words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
