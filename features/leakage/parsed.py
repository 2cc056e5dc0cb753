"""The profile of a column of leads that a schema has parsed, for the checks that training makes."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from features.lead import Value
from features.lead_table import ParsedColumn
from features.schema_inference.columns import Column, ColumnProfile
from features.values import Kind, text_of
from stats.types import Vector


def profile_parsed(name: str, kind: Kind, parsed: ParsedColumn) -> ColumnProfile:
    """The profile of a parsed column (n,); a time is looked at as a number, the day, so that it ranks."""
    unsorted = Column(name, parsed.codes.astype(np.intp), tuple(map(text_of, parsed.values)))
    by_frequency = unsorted.sort_by_frequency(range(len(parsed.values)))
    column = unsorted.keep(by_frequency.tolist())
    values = [parsed.values[position] for position in by_frequency]
    if kind in (Kind.NUMERIC, Kind.DATETIME):
        return ColumnProfile(column, Kind.NUMERIC, numbers=_numbers_of_values(values))
    return ColumnProfile(column, kind)


def _numbers_of_values(values: Iterable[Value]) -> Vector:
    return np.array([v.timestamp() / 86_400 if isinstance(v, datetime) else v for v in values], dtype=np.float64)
