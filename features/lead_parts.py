"""Puts together what was read of the parts of one table of leads, such as its partitions or its batches."""

from collections.abc import Sequence

import numpy as np

from features.errors import Problem
from features.lead import Value
from features.lead_table import MISSING, LeadTable, ParsedColumn
from features.parsing.plain_columns import Instants
from features.schema import LeadSchema


def concatenate_leads(parts: Sequence[LeadTable]) -> LeadTable:
    """The leads of all parts, which were parsed by one schema, in their order."""
    first = parts[0]
    sources = [part.source for part in parts if part.source is not None]
    campaigns = [part.campaign for part in parts if part.campaign is not None]
    times = [part.created_at for part in parts if part.created_at is not None]
    return LeadTable(
        lead_id=np.concatenate([part.lead_id for part in parts]),
        created_at=np.concatenate(times) if times else None,
        source=concatenate_columns(sources) if sources else None,
        campaign=concatenate_columns(campaigns) if campaigns else None,
        fields={name: concatenate_columns([part.fields[name] for part in parts]) for name in first.fields},
    )


def concatenate_columns(parts: Sequence[ParsedColumn]) -> ParsedColumn:
    """The values of all parts in their order, each distinct one once."""
    values, places = _unite([part.values for part in parts])
    starts = np.cumsum([0, *(len(part.values) for part in parts)])
    codes = [
        np.append(places[start : start + len(part.values)], MISSING)[part.codes]
        for part, start in zip(parts, starts[:-1], strict=True)
    ]
    return ParsedColumn(np.concatenate(codes).astype(np.int32), values)


def merge_problems(problems: Sequence[Problem], schema: LeadSchema) -> list[Problem]:
    """The problems of all parts, one for each thing that is wrong with a column, in the order of the columns."""
    rows: dict[tuple[str, str | None], list[int]] = {}
    for problem in problems:
        rows.setdefault((problem.detail, problem.column), []).extend(problem.rows)
    order = [schema.id, schema.source, schema.campaign, schema.created_at, *(field.name for field in schema.fields)]
    merged = [Problem(detail, column, tuple(of)) for (detail, column), of in rows.items()]
    place = {column: number for number, column in reversed([*enumerate(order)])}
    return sorted(merged, key=lambda problem: (bool(problem.rows), place.get(problem.column, len(order))))


def _unite(parts: Sequence[Sequence[Value]]) -> tuple[Sequence[Value], "np.ndarray[tuple[int], np.dtype[np.intp]]"]:
    """The distinct values, and the place among them of each value of all parts."""
    instants = [part.array for part in parts if isinstance(part, Instants)]
    if len(instants) == len(parts):
        distinct, places = np.unique(np.concatenate(instants), return_inverse=True)
        return Instants(distinct), places
    place_of: dict[Value, int] = {}
    numbered = [place_of.setdefault(value, len(place_of)) for part in parts for value in part]
    return tuple(place_of), np.array(numbered, dtype=np.intp)
