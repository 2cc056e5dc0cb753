"""The weekly page's charts: numbers in, SVG out, drawn once for all themes.

They are drawn in the light colours, which then become the page's own (`var(--ink)` and so on): a drawing that stands
in the page follows the reader's theme, and prints black on white. The two departments have two colours of equal
weight, neither of them green or red (from Okabe and Ito's blue and yellow, 2008); direction shows in sign and shape.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np

from serving.pages.charts import (
    DOWN,
    PALETTES,
    ROW,
    SQUARE,
    Promised,
    Width,
    axis_of,
    draw_calibration,
    labels_of,
    svg_of,
)

Side = Literal["whole", "marketing", "sales"]
WIDTHS: tuple[Width, Width] = ("wide", "narrow")

COLOURS = PALETTES["light"]
SIDES: dict[Side, str] = {"whole": COLOURS.ink, "marketing": "#2f6690", "sales": "#8a6400"}
VARIABLES = {
    COLOURS.paper: "paper",
    COLOURS.ink: "ink",
    COLOURS.quiet: "quiet",
    COLOURS.rule: "rule",
    COLOURS.up: "mark",
    COLOURS.down: "mark-outside",
    COLOURS.band: "mark-noise",
    SIDES["marketing"]: "marketing",
    SIDES["sales"]: "sales",
}
"""The page's names for the colours that charts are drawn in."""

SIDE_SCALE = alt.Scale(domain=list(SIDES), range=list(SIDES.values()))
SIDE_SHAPE = alt.Shape(
    "side:N", legend=None, scale=alt.Scale(domain=list(SIDES), range=["circle", "square", "diamond"])
)
HEADS = {"up": ("triangle-right", 14), "down": ("triangle-left", -14)}
"""The shape of each arrow's head, and how far it reaches back from its tip."""

SHAFT, HEAD, WHISKER, DOT = 12, 330, 1.5, 110
HEIGHT: dict[Width, int] = {"wide": 250, "narrow": 190}
SPAN_ROW = 42
CHANGE: dict[Width, int] = {"wide": 580, "narrow": 330}
NAMES, NUMBERS = 190, 230
PLAIN = "format(datum.value, ',.2~f')"
IN_HUNDRED = "replace(format(datum.value * 100, ',.2~f'), '-', '−')"
LIMIT_STEPS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the change: a level (start and end alike) or a part that moves it; `text` says it in numbers."""

    label: str
    text: str
    side: Side
    start: float
    end: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """A row of a chart of intervals: `low` and `high` are None where they are not known."""

    label: str
    side: Side
    value: float
    low: float | None
    high: float | None


FIELDS = Span.__slots__


@dataclass(frozen=True, slots=True)
class Wait:
    """Leads tried after alike waits: the share won, as it came and at the same scores."""

    label: str
    raw: float
    adjusted: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """Leads of one week: the share won and its interval, counted or, where they are too young to tell, expected."""

    monday: str
    value: float
    low: float | None
    high: float | None
    is_expected: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """An agent's wins against those expected, and the limits within which they are no news."""

    name: str
    expected: float
    wins: float
    low: float
    high: float

    @property
    def within(self) -> bool:
        return self.low <= self.wins <= self.high


def draw_change(steps: Sequence[Step], axis: str, width: Width) -> str:
    """A waterfall: levels are dots, parts arrows that begin at the level before; lines are the 95 % intervals."""
    base = alt.Chart(alt.InlineData(values=[_step_row(place, step) for place, step in enumerate(steps)]))
    scale = _scale([x for step in steps for x in (step.start, step.end, step.low, step.high) if x is not None])
    x = alt.X("start:Q", title=axis, scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, width))
    end, y, shift = alt.X("end:Q", scale=scale), _rows_of(width), DOWN[width]
    color = alt.Color("side:N", legend=None, scale=SIDE_SCALE)
    solid = alt.condition("datum.noise", alt.value(0.4), alt.value(1))
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
    return _drawn(alt.layer(*layers), CHANGE[width], ROW[width] * len(steps))


def draw_spans(spans: Sequence[Span], axis: str, reach: tuple[float, float], width: Width, *, are_points: bool) -> str:
    """Dots with 95 % intervals, a row each, from one end of `reach` to the other; points have a line at 0."""
    base = alt.Chart(alt.InlineData(values=[{name: getattr(span, name) for name in FIELDS} for span in spans]))
    scale, y = _scale(reach), alt.Y("label:N", sort=None, title=None, axis=None)
    x = alt.X("value:Q", title=axis, scale=scale, axis=axis_of(COLOURS, IN_HUNDRED if are_points else PLAIN, "narrow"))
    color = alt.Color("side:N", legend=None, scale=SIDE_SCALE)
    dots = base.mark_point(filled=True, size=DOT, opacity=1, yOffset=DOWN["narrow"])
    layers = [
        *_whiskers(base, scale, y, DOWN["narrow"]),
        dots.encode(x=x, y=y, color=color, shape=SIDE_SHAPE),
        _above(base, "label:N", SQUARE[width]),
    ]
    if are_points:
        line = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=COLOURS.quiet, strokeDash=[2, 4])
        layers.insert(0, line.encode(x=alt.X("at:Q", scale=scale)))
    return _drawn(alt.layer(*layers), SQUARE[width], SPAN_ROW * len(spans))


def draw_waits(waits: Sequence[Wait], width: Width) -> str:
    """Customers in 100 by wait: hollow as they came, filled at the same scores, with intervals."""
    values = [
        {name: getattr(wait, name) for name in ("label", "raw", "adjusted", "low", "high")} | {"place": place}
        for place, wait in enumerate(waits)
    ]
    base = alt.Chart(alt.InlineData(values=values))
    top = max(x for wait in waits for x in (wait.raw, wait.high, wait.adjusted) if x is not None)
    scale = alt.Scale(domain=[0, 1.08 * top], nice=False)
    x = alt.X(
        "label:N",
        sort=None,
        title="first tried within (working time)",
        axis=alt.Axis(domain=False, ticks=False, labelAngle=0, labelPadding=8, titlePadding=10, labelOverlap=False),
    )
    y = alt.Y("raw:Q", title="customers in 100 leads", scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, width))
    known = base.transform_filter("datum.adjusted !== null")
    adjusted = alt.Y("adjusted:Q", scale=scale)
    line = known.mark_line(color=COLOURS.up, strokeWidth=1.5, strokeDash=[1, 3])
    rules = known.transform_filter("datum.low !== null").mark_rule(color=COLOURS.up, strokeWidth=2)
    filled = known.mark_point(filled=True, size=DOT, color=COLOURS.up, opacity=1)
    hollow = base.mark_point(size=DOT, color=COLOURS.quiet, strokeWidth=2, opacity=1, shape="diamond", xOffset=-9)
    layers = (
        line.encode(x=x, y=adjusted),
        rules.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        hollow.encode(x=x, y=y),
        filled.encode(x=x, y=adjusted),
    )
    return _drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])


def draw_weeks(weeks: Sequence[Week], width: Width) -> str:
    """Customers in 100 by week of arrival: filled as counted, hollow as expected, with intervals."""
    base = alt.Chart(alt.InlineData(values=[{name: getattr(week, name) for name in Week.__slots__} for week in weeks]))
    top = max(x for week in weeks for x in (week.value, week.high) if x is not None)
    scale = alt.Scale(domain=[0, 1.08 * top or 0.01], nice=False)
    x = alt.X(
        "monday:T",
        title="week of arrival",
        axis=alt.Axis(format="%-d %b", domain=False, ticks=False, grid=False, tickCount=4 if width == "narrow" else 8),
    )
    y = alt.Y("value:Q", title="customers in 100 leads", scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, "narrow"))
    rules = base.transform_filter("datum.low !== null && datum.high !== null").mark_rule(color=COLOURS.quiet)
    counted = base.transform_filter("!datum.is_expected").mark_point(filled=True, size=70, color=COLOURS.up, opacity=1)
    expected = base.transform_filter("datum.is_expected").mark_point(
        filled=True, size=80, fill=COLOURS.paper, stroke=COLOURS.up, strokeWidth=1.5, opacity=1, shape="diamond"
    )
    layers = (
        rules.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        counted.encode(x=x, y=y),
        expected.encode(x=x, y=y),
    )
    return _drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])


def draw_funnel(agents: Sequence[Judged], width: Width) -> str:
    """Wins over expected wins by expected wins; the band is where chance would put all agents of the page."""
    values = [
        {
            "name": agent.name,
            "expected": agent.expected,
            "ratio": agent.wins / agent.expected,
            "within": agent.within,
        }
        for agent in agents
    ]
    base = alt.Chart(alt.InlineData(values=values))
    limits = _limits(agents)
    right = limits[-1]["expected"]
    low_end = 0.9 * min([*(row["low"] for row in limits), *(agent.wins / agent.expected for agent in agents)])
    top = 1.06 * max([*(row["high"] for row in limits), *(agent.wins / agent.expected for agent in agents)])
    x_scale, y_scale = alt.Scale(domain=[0, right], nice=False), alt.Scale(domain=[low_end, top], nice=False)
    band = alt.Chart(alt.InlineData(values=limits))
    x = alt.X("expected:Q", title="wins expected from the scores", scale=x_scale, axis=axis_of(COLOURS, PLAIN, width))
    told, axis = "wins for each expected", axis_of(COLOURS, PLAIN, width)
    ratio, low = (alt.Y(f"{name}:Q", title=told, scale=y_scale, axis=axis) for name in ("ratio", "low"))
    one = alt.Chart(alt.InlineData(values=[{"at": 1}])).mark_rule(color=COLOURS.quiet, strokeDash=[2, 4])
    points = base.mark_point(filled=True, size=DOT, opacity=1, stroke=COLOURS.paper, strokeWidth=1.5)
    names = base.transform_filter("!datum.within").mark_text(
        align="right", dx=-10, fontSize=13, color=COLOURS.ink, limit=140
    )
    layers = (
        band.mark_area(color=COLOURS.band, opacity=0.3).encode(x=x, y=low, y2="high:Q"),
        one.encode(y=alt.Y("at:Q", scale=y_scale)),
        points.encode(
            x=x,
            y=ratio,
            color=alt.condition("datum.within", alt.value(COLOURS.up), alt.value(COLOURS.down)),
            shape=alt.condition("datum.within", alt.value("circle"), alt.value("diamond")),
        ),
        names.encode(x=x, y=ratio, text="name:N"),
    )
    return _drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])


def draw_promises(groups: Sequence[Promised], width: Width) -> str:
    """Promised against delivered, as on the model page."""
    return _themed(draw_calibration(groups, "light", width))


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
    room = base.mark_point(opacity=0)  # texts may be wider in the reader's font than in the one measured with
    told_at, room_to = (alt.value(CHANGE[width] + more) for more in (0, NUMBERS))
    return [told.encode(x=told_at, y=_rows_of(width), text="text:N"), room.encode(x=room_to, y=_rows_of(width))]


def _above(base: alt.Chart, text: str, limit: int) -> alt.Chart:
    above = base.mark_text(align="left", dy=DOWN["narrow"] - SHAFT - 4, color=COLOURS.ink, fontSize=14, limit=limit)
    return above.encode(x=alt.value(0), y=alt.Y("label:N", sort=None, axis=None), text=text)


def _step_row(place: int, step: Step) -> dict[str, Any]:
    way = "level" if step.side == "whole" else "up" if step.end >= step.start else "down"
    noise = step.low is not None and step.high is not None and step.low <= step.start <= step.high
    row = {name: getattr(step, name) for name in step.__slots__}
    return row | {"place": place, "way": way, "noise": noise, "told": f"{step.label}: {step.text}"}


def _limits(agents: Sequence[Judged]) -> list[dict[str, float]]:
    """The funnel through every agent's own limits: between them, its width in root wins is drawn out evenly."""
    ordered = sorted(agents, key=lambda agent: agent.expected)
    expected = np.array([agent.expected for agent in ordered])
    low, high = ((np.array([getattr(agent, side) for agent in ordered]) - expected) for side in ("low", "high"))
    at = np.linspace(0.6 * expected[0], 1.12 * expected[-1], LIMIT_STEPS)
    below, above = (np.interp(at, expected, limit / np.sqrt(expected)) / np.sqrt(at) for limit in (low, high))
    columns = zip(at.tolist(), np.maximum(0, 1 + below).tolist(), (1 + above).tolist(), strict=True)
    return [{"expected": x, "low": least, "high": most} for x, least, most in columns]


def _drawn(chart: alt.LayerChart | alt.FacetChart, width: float, height: float) -> str:
    return _themed(svg_of(chart.properties(width=width, height=height), COLOURS))


def _themed(svg: str) -> str:
    return re.sub("|".join(VARIABLES), lambda found: f"var(--{VARIABLES[found[0]]})", svg)
