"""Parts of the leads: a period, and groups by source, campaign, grade, agent, week and so on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from stats.instants import to_instant

Name = tuple[str | None, ...]
"""A group's value in each column it is made by; None where the leads have none."""
By = tuple[str, ...]
Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True)
class RowsBy(Generic[Row_co]):
    """One row for each group of leads by some columns."""

    by: By
    rows: tuple[Row_co, ...]


@dataclass(frozen=True)
class Period:
    """Leads that arrive from `start` on and before `end` (both aware)."""

    start: datetime
    end: datetime

    def holds(self, leads: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether each lead (n,) arrived within the period."""
        start, end = (to_instant(time) for time in (self.start, self.end))
        arrived_at = leads["arrived_at"].to_numpy()
        return (arrived_at >= start) & (arrived_at < end)

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether any time from `start` on and before `end` is within the period."""
        return start < self.end and end > self.start


@dataclass(frozen=True)
class Groups:
    """The distinct names, in order, and the number of each lead's name (n,)."""

    names: tuple[Name, ...]
    code: NDArray[np.intp]

    def count(self, weight: ArrayLike | None = None) -> NDArray[np.float64]:
        """Leads of each group, or the sum of their weights (n,)."""
        weights = None if weight is None else np.asarray(weight, dtype=np.float64)
        return np.bincount(self.code, weights, minlength=len(self.names)).astype(np.float64)


def group(leads: pd.DataFrame, by: Sequence[str]) -> Groups:
    """Group leads by columns; `week` is the Monday of the week in which they arrived."""
    code = np.zeros(len(leads), dtype=np.intp)
    names: tuple[Name, ...] = ((),)
    for column in by:
        values = _week(leads) if column == "week" else pd.Categorical(leads[column])
        texts = [*map(str, values.categories), None]
        own = np.where(values.codes < 0, len(texts) - 1, values.codes).astype(np.intp)
        found, code = np.unique(code * len(texts) + own, return_inverse=True)
        names = tuple((*names[number // len(texts)], texts[number % len(texts)]) for number in found.tolist())
    return Groups(names if len(leads) else (), code)


def _week(leads: pd.DataFrame) -> pd.Categorical:
    days = leads["arrived_at"].to_numpy().astype("datetime64[D]")
    monday = days.astype(np.int64) - (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    mondays, code = np.unique(monday, return_inverse=True)
    texts = np.datetime_as_string(mondays.astype("datetime64[D]"))
    return pd.Categorical.from_codes(code, categories=pd.Index(texts, dtype="str"))
