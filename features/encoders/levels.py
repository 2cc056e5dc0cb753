"""The frequent values of a category and their codes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from features.encoders.field_encoder import Column
from features.lead import Value
from features.lead_table import MISSING, ParsedColumn

MAX_LEVELS = 250
POOL = "a rare value"
"""The level of all values that are not frequent."""

MIN_SHARE_OF_LEADS = 200
"""A frequent value is held by at least one in so many leads, within the next two limits."""
FEWEST_LEADS, ENOUGH_LEADS = 3, 20


@dataclass(frozen=True)
class Levels:
    """The k levels of a category: level i has code i, every other value has code k, the pool.

    >>> levels = Levels(("ads", "mail"))
    >>> levels.code_of("mail"), levels.code_of("fair")
    (1.0, 2.0)
    """

    names: tuple[str, ...]

    @classmethod
    def from_counts(cls, counts: Counter[str], leads: int) -> Self:
        """The names that enough of so many leads hold, at most `MAX_LEVELS`."""
        return cls(frequent_levels(counts, leads, MAX_LEVELS))

    @classmethod
    def from_state(cls, state: Mapping[str, Sequence[str]]) -> Self:
        """The levels out of an encoder's stored state."""
        return cls(tuple(state["names"]))

    @cached_property
    def _codes(self) -> dict[str, float]:
        return {name: float(code) for code, name in enumerate(self.names)}

    def code_of(self, name: str) -> float:
        """The code of a level, or of the pool."""
        return self._codes.get(name, float(len(self.names)))

    def __contains__(self, name: str) -> bool:
        return name in self._codes

    def column(self, name: str, field: str) -> Column:
        """The matrix column that holds these codes."""
        return Column(name, field, (*self.names, POOL))


def count_levels(column: ParsedColumn, key: Callable[[Value], str]) -> Counter[str]:
    """How many leads hold each key of a parsed column (n,); missing values are not counted."""
    counts: Counter[str] = Counter()
    codes, leads = np.unique(column.codes[column.codes != MISSING], return_counts=True)
    for code, number in zip(codes.tolist(), leads.tolist(), strict=True):
        counts[key(column.values[code])] += number
    return counts


def frequent_levels(counts: Counter[str], leads: int, at_most: int) -> tuple[str, ...]:
    """The keys that enough of the leads hold, most frequent first, ties in alphabetical order.

    >>> frequent_levels(Counter(mail=4, ads=3, fair=1), leads=8, at_most=5)
    ('mail', 'ads')
    """
    least = min(max(leads // MIN_SHARE_OF_LEADS, FEWEST_LEADS), ENOUGH_LEADS)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(key for key, number in ranked[:at_most] if number >= least)
