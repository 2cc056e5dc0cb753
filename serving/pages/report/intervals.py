"""Charts of rows with intervals, as SVG: a change in its parts, and numbers of groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from serving.pages.charts import DOWN, ROW, SQUARE, Width, axis_of, labels_of
from serving.pages.report.drawing import COLOURS, DOT, IN_HUNDRED, PLAIN, SIDES, Side, drawn

SIDE_SCALE = alt.Scale(domain=list(SIDES), range=list(SIDES.values()))
SIDE_SHAPE = alt.Shape(
    "side:N", legend=None, scale=alt.Scale(domain=list(SIDES), range=["circle", "square", "diamond"])
)
HEADS = {"up": ("triangle-right", 14), "down": ("triangle-left", -14)}
"""The shape of each arrow's head, and how far it reaches back from its tip."""

SHAFT, HEAD, WHISKER = 12, 330, 1.5
SPAN_ROW = 42
CHANGE: dict[Width, int] = {"wide": 580, "narrow": 330}
NAMES, NUMBERS = 190, 230


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the change: a level (start and end alike) or a part that moves it; `text` says it in numbers.

    A part that is not `clear` is drawn pale.
    """

    label: str
    text: str
    side: Side
    start: float
    end: float
    low: float | None
    high: float | None
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A row of a chart of intervals: `low` and `high` are None where they are not known.

    Its dot is filled where it is `clear`, or where nothing is judged.
    """

    label: str
    side: Side
    value: float
    low: float | None
    high: float | None
    clear: bool = True


FIELDS = Span.__slots__


def draw_change(steps: Sequence[Step], axis: str, width: Width) -> str:
    """A waterfall: levels are dots, parts arrows that begin at the level before; lines are the 95 % intervals."""
    base = alt.Chart(alt.InlineData(values=[_step_row(place, step) for place, step in enumerate(steps)]))
    scale = _scale([x for step in steps for x in (step.start, step.end, step.low, step.high) if x is not None])
    x = alt.X("start:Q", title=axis, scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, width))
    end, y, shift = alt.X("end:Q", scale=scale), _rows_of(width), DOWN[width]
    color = alt.Color("side:N", legend=None, scale=SIDE_SCALE)
    solid = alt.condition("datum.clear", alt.value(1), alt.value(0.4))
    joints = base.transform_filter(f"datum.place < {len(steps) - 1}").mark_tick(
        color=COLOURS.quiet, thickness=1, size=ROW[width], yOffset=ROW[width] / 2 + shift
    )
    layers = [
        joints.encode(x=end, y=y),
        *(_shafts(base, way, shift).encode(x=x, x2="end:Q", y=y, color=color, opacity=solid) for way in HEADS),
        *(_heads(base, way, shift).encode(x=end, y=y, color=color, opacity=solid) for way in HEADS),
        *_whiskers(base, scale, y, shift),
        base.transform_filter("datum.way === 'level'")
        .mark_point(filled=True, size=1.6 * DOT, opacity=1, yOffset=shift)
        .encode(x=end, y=y, color=color),
        *_texts(base, width),
    ]
    return drawn(alt.layer(*layers), CHANGE[width], ROW[width] * len(steps))


def draw_spans(spans: Sequence[Span], axis: str, reach: tuple[float, float], width: Width, *, in_points: bool) -> str:
    """Dots with 95 % intervals, a row each, from one end of `reach` to the other; a line at 0 where `in_points`."""
    base = alt.Chart(alt.InlineData(values=[{name: getattr(span, name) for name in FIELDS} for span in spans]))
    scale, y = _scale(reach), alt.Y("label:N", sort=None, title=None, axis=None)
    x = alt.X("value:Q", title=axis, scale=scale, axis=axis_of(COLOURS, IN_HUNDRED if in_points else PLAIN, "narrow"))
    stroke = alt.Stroke("side:N", legend=None, scale=SIDE_SCALE)
    dots = base.mark_point(size=DOT, opacity=1, strokeWidth=2, yOffset=DOWN["narrow"])
    inside = alt.condition("datum.clear", alt.Fill("side:N", legend=None, scale=SIDE_SCALE), alt.value(COLOURS.paper))
    layers = [
        *_whiskers(base, scale, y, DOWN["narrow"]),
        dots.encode(x=x, y=y, stroke=stroke, fill=inside, shape=SIDE_SHAPE),
        _above(base, "label:N", SQUARE[width]),
    ]
    if in_points:
        line = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=COLOURS.quiet, strokeDash=[2, 4])
        layers.insert(0, line.encode(x=alt.X("at:Q", scale=scale)))
    return drawn(alt.layer(*layers), SQUARE[width], SPAN_ROW * len(spans))


def _scale(ends: Sequence[float]) -> alt.Scale:
    """Around the values: no mark here has a length that begins at the edge."""
    low, high = min(ends), max(ends)
    room = 0.06 * (high - low) or 1.0
    return alt.Scale(domain=[low - room, high + room], nice=False, zero=False)


def _rows_of(width: Width) -> alt.Y:
    return alt.Y("label:N", sort=None, title=None, axis=labels_of(COLOURS, NAMES) if width == "wide" else None)


def _shafts(base: alt.Chart, way: str, shift: int) -> alt.Chart:
    """An arrow's shaft, which ends where its head begins."""
    return base.transform_filter(f"datum.way === '{way}'").mark_bar(size=SHAFT, yOffset=shift, x2Offset=-HEADS[way][1])


def _heads(base: alt.Chart, way: str, shift: int) -> alt.Chart:
    """An arrow's head, whose tip is where the part ends."""
    shape, back = HEADS[way]
    of_way = base.transform_filter(f"datum.way === '{way}'")
    return of_way.mark_point(filled=True, size=HEAD, shape=shape, xOffset=-back / 2, yOffset=shift, opacity=1)


def _whiskers(base: alt.Chart, scale: alt.Scale, y: alt.Y, shift: int) -> list[alt.Chart]:
    """A line from `low` to `high` with ends that stand up."""
    known = base.transform_filter("datum.low !== null && datum.high !== null")
    line = known.mark_rule(color=COLOURS.ink, strokeWidth=WHISKER, yOffset=shift)
    end = known.mark_tick(color=COLOURS.ink, thickness=WHISKER, size=10, yOffset=shift)
    low, high = (alt.X(f"{side}:Q", scale=scale) for side in ("low", "high"))
    return [line.encode(x=low, x2="high:Q", y=y), end.encode(x=low, y=y), end.encode(x=high, y=y)]


def _texts(base: alt.Chart, width: Width) -> list[alt.Chart]:
    """Each row's numbers in a column of their own; where it is narrow, with the label above the mark."""
    if width == "narrow":
        return [_above(base, "told:N", CHANGE[width])]
    told = base.mark_text(align="left", dx=16, color=COLOURS.ink, fontSize=14)
    # texts may be wider in the reader's font than in the one measured with
    room = base.mark_point(opacity=0, color=COLOURS.quiet)
    told_at, room_to = (alt.value(CHANGE[width] + more) for more in (0, NUMBERS))
    return [told.encode(x=told_at, y=_rows_of(width), text="text:N"), room.encode(x=room_to, y=_rows_of(width))]


def _above(base: alt.Chart, text: str, limit: int) -> alt.Chart:
    above = base.mark_text(align="left", dy=DOWN["narrow"] - SHAFT - 4, color=COLOURS.ink, fontSize=14, limit=limit)
    return above.encode(x=alt.value(0), y=alt.Y("label:N", sort=None, axis=None), text=text)


def _step_row(place: int, step: Step) -> dict[str, Any]:
    way = "level" if step.side == "whole" else "up" if step.end >= step.start else "down"
    row = {name: getattr(step, name) for name in step.__slots__}
    return row | {"place": place, "way": way, "told": f"{step.label}: {step.text}"}
