"""The encoder of times."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import numpy as np

from features.encoders.field_encoder import NAN, Column, Counts, FieldEncoder
from features.lead import Value
from features.lead_table import MISSING, ParsedColumn
from stats.types import Matrix, Times, Vector

HOUR, WEEKDAY = 0, 1
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FIRST_WEEKDAY = 3
"""1970-01-01 was a Thursday."""

_MICROSECOND = timedelta(microseconds=1)
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Moment(FieldEncoder):
    """Hour and weekday (0 for Monday) in UTC, and how many days before the lead's arrival.

    >>> encoder = Moment("founded")
    >>> encoder.encode_at_arrival(datetime(2026, 3, 1, 16, 30), created_at=datetime(2026, 3, 2, 16, 30))
    (16.5, 6.0, 1.0)
    >>> encoder.describe(1, datetime(2026, 3, 1))
    'is on a Sunday'
    """

    @classmethod
    def from_counts(cls, field: str, counts: Counts, leads: int) -> Self:  # noqa: ARG003 - nothing to learn
        return cls(field)

    @property
    def columns(self) -> tuple[Column, ...]:
        parts = ("hour", "weekday", "days before arrival")
        return tuple(Column(f"{self.field} {part}", self.field) for part in parts)

    def encode_value(self, value: Value) -> tuple[float, ...]:
        return self.encode_at_arrival(value, None)

    def encode_at_arrival(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:
        if not isinstance(value, datetime):
            return (NAN, NAN, NAN)
        days = NAN if created_at is None else _days_between(value, created_at)
        return (value.hour + value.minute / 60, float(value.weekday()), days)

    def encode_column(self, column: ParsedColumn, created_at: Times | None) -> Matrix:
        times = column.times()
        minutes = times.astype("datetime64[m]").astype("int64")
        weekdays = (times.astype("datetime64[D]").astype("int64") + FIRST_WEEKDAY) % 7
        hours = minutes // 60 % 24 + minutes % 60 / 60
        parts = np.column_stack([hours, weekdays, self.profile_values(column, created_at)])
        return np.where(np.isnat(times)[:, None], NAN, parts)

    def profile_values(self, column: ParsedColumn, created_at: Times | None) -> Vector:
        """The days (n,) from each lead's time to its arrival; NaN where one of them is missing."""
        days = np.full(len(column), NAN)
        if created_at is not None:
            microseconds = (created_at - column.times()).astype("int64")
            is_dated = (column.codes != MISSING) & ~np.isnat(created_at)
            days[is_dated] = microseconds[is_dated] / _DAY_US
        return days

    def describe(self, column: int, value: Value) -> str:
        return self.describe_at_arrival(column, value, None)

    def describe_at_arrival(self, column: int, value: Value, created_at: datetime | None) -> str:
        if not isinstance(value, datetime):
            return "is unknown"
        if column == HOUR:
            return f"is {value.hour:02}:{value.minute:02} UTC"
        if column == WEEKDAY:
            return f"is on a {WEEKDAYS[value.weekday()]}"
        if created_at is None:
            return "is there, but the arrival time is not"
        days = _days_between(value, created_at)
        return f"is {abs(days):.0f} days {'before' if days >= 0 else 'after'} arrival"


def _days_between(value: datetime, created_at: datetime) -> float:
    microseconds = float(
        (created_at - value) // _MICROSECOND
    )  # rounded as in an array, where integers divide as floats
    return microseconds / _DAY_US
