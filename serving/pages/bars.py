"""Bars in the rows of a table, for charts of what is not stored: shares of their scale, drawn by the page itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from serving.pages.charts import Waterfall

Mark = Literal["whole", "up", "down", "a", "b", "c", "d"]
"""What a part of a bar is: a sum, what raises or lowers it, or a grade."""
LEAST_WIDTH = 0.3
"""In hundredths of the scale: what is there can be seen."""


@dataclass(frozen=True, slots=True)
class BarPart:
    """A part of a bar, from the left and so wide, in hundredths of the scale."""

    mark: Mark
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class BarRow:
    """A row of a chart: what it is of, its bar, and its number."""

    label: str
    parts: tuple[BarPart, ...]
    text: str


def waterfall_bars(chart: Waterfall) -> tuple[BarRow, ...]:
    """A waterfall's steps, each beginning where the one before ended."""
    ends = [0.0, *(end for step in chart.steps for end in (step.start, step.end))]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    rows = []
    for step in chart.steps:
        mark: Mark = "whole" if step.is_whole else "up" if step.end >= step.start else "down"
        left = 100 * (min(step.start, step.end) - low) / span
        width = max(100 * abs(step.end - step.start) / span, LEAST_WIDTH)
        rows.append(BarRow(step.label, (BarPart(mark, round(left, 2), round(width, 2)),), step.text))
    return tuple(rows)


def stacked_bars(rows: Sequence[tuple[str, Sequence[tuple[Mark, float]], str]]) -> tuple[BarRow, ...]:
    """Rows of amounts side by side, on one scale that begins at 0: each a label, its amounts, and its number."""
    most = max((sum(amount for _, amount in amounts) for _, amounts, _ in rows), default=0.0) or 1.0
    return tuple(BarRow(label, _side_by_side(amounts, most), text) for label, amounts, text in rows)


def _side_by_side(amounts: Sequence[tuple[Mark, float]], most: float) -> tuple[BarPart, ...]:
    parts, left = [], 0.0
    for mark, amount in amounts:
        width = 100 * amount / most
        if width > 0:
            parts.append(BarPart(mark, round(left, 2), round(max(width, LEAST_WIDTH), 2)))
        left += width
    return tuple(parts)
