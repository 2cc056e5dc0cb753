"""What every encoder of a field can do, and the matrix columns that it makes."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

import numpy as np

from features.lead import Value
from features.lead_table import ParsedColumn
from stats.types import Matrix, Times, Vector

NAN = float("nan")

Counts = tuple[Counter[str], ...]
"""What an encoder counts in training leads' values. The counts of the parts of a table add up to those of all of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the feature matrix; a category's `levels` are what its codes stand for."""

    name: str
    field: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldEncoder(ABC):
    """Encodes the values of one field as k numbers, one for each of `columns`.

    `profiled_column` is the column by which `features.data_profile` measures the field.
    """

    field: str
    profiled_column: ClassVar[int] = 0

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        """The encoder of the training leads' values (n,)."""
        return cls.from_counts(field, cls.count(column), len(column))

    @classmethod
    def count(cls, column: ParsedColumn) -> Counts:  # noqa: ARG003 - a number needs no counts
        """What `from_counts` needs to know of the training leads' values (n,)."""
        return ()

    @classmethod
    @abstractmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:
        """The encoder of so many training leads, by the sum of the counts of all their values."""

    @property
    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The k columns that the field becomes."""

    @abstractmethod
    def encode_value(self, value: Value) -> tuple[float, ...]:
        """The k numbers of one lead's value; NaN where the value is missing."""

    @abstractmethod
    def describe(self, column: int, value: Value) -> str:
        """A value that is not missing in the words of a reason, by the column that weighed most: "is Reference"."""

    def encode_at_arrival(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:  # noqa: ARG002
        """`encode_value` of a lead that arrived at `created_at`; only a time's age depends on it."""
        return self.encode_value(value)

    def describe_at_arrival(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        """`describe` for a lead that arrived at `created_at`; only a time's age depends on it."""
        return self.describe(column, value)

    def has_seen(self, value: Value) -> bool:  # noqa: ARG002 - only a category can be new
        """False for a category that no training lead had."""
        return True

    def merge_alike(self, column: ParsedColumn) -> ParsedColumn:
        """The column with one value for many that are encoded and described alike, where there may be many."""
        return column

    def encode_column(self, column: ParsedColumn, created_at: Times | None) -> Matrix:  # noqa: ARG002
        """The matrix (n, k) of many leads; each distinct value is encoded once."""
        distinct = [self.encode_value(value) for value in (*column.values, None)]
        return np.array(distinct, dtype=np.float64)[column.codes]

    def profile_values(self, column: ParsedColumn, created_at: Times | None) -> Vector:  # noqa: ARG002
        """What a data profile measures of each lead (n,): the level's code or a number; NaN where it is missing."""
        distinct = [self.encode_value(value)[self.profiled_column] for value in (*column.values, None)]
        return np.array(distinct, dtype=np.float64)[column.codes]

    @property
    def profile_levels(self) -> tuple[str, ...]:
        """The names of the codes in `profile_values`; none where they are numbers."""
        return self.columns[self.profiled_column].levels

    def to_state(self) -> dict[str, Any]:
        """Plain data that `from_state` reads back."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The encoder that `to_state` wrote."""
        return cls(**state)
