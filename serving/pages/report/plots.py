"""Charts of points over something, as SVG: waits, weeks, hours, expected wins, promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt
import numpy as np

from analytics.response.working_hours import DAY_NAMES
from language.text import gettext as _
from serving.pages.charts import SQUARE, Promised, Width, axis_of, draw_calibration
from serving.pages.report.drawing import COLOURS, DOT, HEIGHT, IN_HUNDRED, PLAIN, drawn, themed

LIMIT_STEPS = 60
MOST_LABELS: dict[Width, int] = {"wide": 9, "narrow": 4}


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
    """The leads of one week, which begins on `monday` (2026-11-02): the share won and its interval."""

    monday: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Hour:
    """Leads that arrived in one hour of the week, and the minutes within which half of them were tried."""

    day: str
    hour: int
    minutes: float


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
        sort=[wait.label for wait in waits],  # in the data's order only where each wait has both marks
        title=_("first called within (working time)"),
        axis=alt.Axis(domain=False, ticks=False, labelAngle=0, labelPadding=8, titlePadding=10, labelOverlap=False),
    )
    y = alt.Y("raw:Q", title=_("customers in 100 leads"), scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, width))
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
    return drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])


def draw_weeks(weeks: Sequence[Week], width: Width) -> str:
    """Customers in 100 by week of arrival, with intervals; every label is under the point of its Monday."""
    base = alt.Chart(alt.InlineData(values=[{name: getattr(week, name) for name in Week.__slots__} for week in weeks]))
    top = max(x for week in weeks for x in (week.value, week.high) if x is not None)
    scale = alt.Scale(domain=[0, 1.08 * top or 0.01], nice=False)
    every = -(-len(weeks) // MOST_LABELS[width])
    labelled = [week.monday for week in weeks[::-1][::every]]
    x = alt.X(
        "monday:O",
        sort=None,
        title=_("week of arrival, by its Monday"),
        scale=alt.Scale(domain=_mondays(weeks)),
        axis=alt.Axis(
            values=labelled,
            labelExpr="utcFormat(utcParse(datum.value, '%Y-%m-%d'), '%-d %b')",
            labelAngle=0,
            domain=False,
            ticks=False,
            grid=False,
        ),
    )
    y = alt.Y("value:Q", title=_("customers in 100 leads"), scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, "narrow"))
    rules = base.transform_filter("datum.low !== null && datum.high !== null").mark_rule(color=COLOURS.quiet)
    points = base.mark_point(filled=True, size=70, color=COLOURS.up, opacity=1)
    layers = (rules.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"), points.encode(x=x, y=y))
    return drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])


def _mondays(weeks: Sequence[Week]) -> list[str]:
    """Every Monday from the first week to the last, so that a week without leads leaves a gap."""
    first, last = (date.fromisoformat(weeks[place].monday) for place in (0, -1))
    return [f"{first + timedelta(weeks=number)}" for number in range((last - first).days // 7 + 1)]


def draw_hours(hours: Sequence[Hour], width: Width) -> str:
    """A week of hours, the darker the longer leads waited; the steps are those of a logarithm."""
    values = [{"day": one.day, "hour": one.hour, "wait": float(np.log1p(one.minutes))} for one in hours]
    base = alt.Chart(alt.InlineData(values=values))
    plain = alt.Axis(domain=False, ticks=False, labelPadding=8, titlePadding=10, labelAngle=0)
    every = 3 if width == "wide" else 6
    x = alt.X(
        "hour:O",
        title=_("hour of arrival"),
        scale=alt.Scale(domain=list(range(24))),
        axis=alt.Axis(**plain.to_dict(), values=list(range(0, 24, every))),
    )
    y = alt.Y("day:O", title=None, sort=None, scale=alt.Scale(domain=[_(day) for day in DAY_NAMES]), axis=plain)
    shade = alt.Opacity("wait:Q", legend=None, scale=alt.Scale(range=[0.12, 1]))
    squares = base.mark_rect(color=COLOURS.up, stroke=COLOURS.paper).encode(x=x, y=y, opacity=shade)
    return drawn(alt.layer(squares), SQUARE[width], HEIGHT["narrow"])


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
    x = alt.X(
        "expected:Q", title=_("wins expected from the scores"), scale=x_scale, axis=axis_of(COLOURS, PLAIN, width)
    )
    told, axis = _("wins for each expected"), axis_of(COLOURS, PLAIN, width)
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
    return drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])


def draw_promises(groups: Sequence[Promised], width: Width) -> str:
    """Promised against delivered, as on the model page."""
    return themed(draw_calibration(groups, "light", width))


def _limits(agents: Sequence[Judged]) -> list[dict[str, float]]:
    """The funnel through every agent's own limits: between them, its width in root wins is drawn out evenly."""
    ordered = sorted(agents, key=lambda agent: agent.expected)
    expected = np.array([agent.expected for agent in ordered])
    low, high = ((np.array([getattr(agent, side) for agent in ordered]) - expected) for side in ("low", "high"))
    at = np.linspace(0.6 * expected[0], 1.12 * expected[-1], LIMIT_STEPS)
    below, above = (np.interp(at, expected, limit / np.sqrt(expected)) / np.sqrt(at) for limit in (low, high))
    columns = zip(at.tolist(), np.maximum(0, 1 + below).tolist(), (1 + above).tolist(), strict=True)
    return [{"expected": x, "low": least, "high": most} for x, least, most in columns]
