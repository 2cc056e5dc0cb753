"""The encoder of categories."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from features.encoders.field_encoder import NAN, Column, Counts, FieldEncoder
from features.encoders.levels import MAX_LEVELS, Levels, count_levels, frequent_levels
from features.lead import Value
from features.lead_table import ParsedColumn

MAX_SEEN = 20_000


@dataclass(frozen=True)
class Category(FieldEncoder):
    """A code for each frequent value; spellings that differ in case alone are one value.

    `rare` holds the smallest `MAX_SEEN` hashes, in order, of the values that are not frequent.

    >>> encoder = Category("source", Levels(("ads", "mail")), rare=())
    >>> encoder.encode_value("Mail"), encoder.encode_value("fair"), encoder.encode_value(None)
    ((1.0,), (2.0,), (nan,))
    >>> encoder.describe(0, "fair")
    'is fair, never seen in training'
    """

    levels: Levels
    rare: tuple[str, ...]

    @classmethod
    def count(cls, column: ParsedColumn) -> Counts:
        return (count_levels(column, _fold_case),)

    @classmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:
        frequent = frequent_levels(counts[0], leads, MAX_LEVELS)
        hashes = sorted(map(_hash_level, counts[0].keys() - set(frequent)))
        return cls(field, Levels(frequent), tuple(hashes[:MAX_SEEN]))

    @cached_property
    def _rare(self) -> frozenset[str]:
        return frozenset(self.rare)

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.levels.column(self.field, self.field),)

    def encode_value(self, value: Value) -> tuple[float, ...]:
        return (NAN if value is None else self.levels.code_of(_fold_case(value)),)

    def has_seen(self, value: Value) -> bool:
        """False for a category that no training lead had.

        Where there were more rare values than are kept, a hash beyond the last one kept may be that of any of them:
        such a value counts as seen.
        """
        if value is None:
            return True
        level = _fold_case(value)
        if level in self.levels:
            return True
        hashed = _hash_level(level)
        is_beyond_kept = len(self.rare) >= MAX_SEEN and hashed > self.rare[-1]
        return hashed in self._rare or is_beyond_kept

    def describe(self, column: int, value: Value) -> str:  # noqa: ARG002 - there is one column
        return f"is {value}" if self.has_seen(value) else f"is {value}, never seen in training"

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(state["field"], Levels.from_state(state["levels"]), tuple(state["rare"]))


def _fold_case(value: Value) -> str:
    return str(value).casefold()


def _hash_level(level: str) -> str:
    """A rare value is kept as a hash, enough to recognise it: what few leads hold may name a person."""
    return hashlib.blake2b(level.encode(), digest_size=8).hexdigest()
