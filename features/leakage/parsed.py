"""A column of leads that a schema has read, looked at as `leads init` looks at a raw one."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from features.lead import Value
from features.lead_table import ParsedColumn
from features.schema_inference.columns import Column, ColumnProfile, Floats
from features.values import Kind, text_of


def profile_parsed(name: str, kind: Kind, parsed: ParsedColumn) -> ColumnProfile:
    """The profile of a parsed column (n,); a time is looked at as a number, the day, so that it ranks."""
    counts = np.bincount(parsed.codes[parsed.codes >= 0], minlength=len(parsed.values))
    by_frequency = np.argsort(-counts, kind="stable")
    place = np.full(len(counts) + 1, -1, dtype=np.intp)
    place[by_frequency] = np.arange(len(counts))
    values = [parsed.values[code] for code in by_frequency]
    column = Column(name, place[parsed.codes], tuple(map(text_of, values)))
    if kind in (Kind.NUMERIC, Kind.DATETIME):
        return ColumnProfile(column, Kind.NUMERIC, numbers=_numbers(values))
    return ColumnProfile(column, kind)


def _numbers(values: Iterable[Value]) -> Floats:
    return np.array([v.timestamp() / 86_400 if isinstance(v, datetime) else v for v in values], dtype=np.float64)
