"""A series over time with its intervals, as SVG."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from serving.pages.charts import SQUARE, Width, axis_of
from serving.pages.report.drawing import COLOURS, HEIGHT, IN_HUNDRED, SIDES, Side, drawn

MOST_LABELS: dict[Width, int] = {"wide": 6, "narrow": 4}


@dataclass(frozen=True, slots=True)
class PeriodValue:
    """What is drawn of a month or week, which `label` names: a share, or a difference of shares, and its interval."""

    label: str
    value: float
    low: float
    high: float


def draw_trend(series: Sequence[PeriodValue], axis: str, side: Side, width: Width) -> str:
    """Points joined by a thin line, their intervals behind them; a series that reaches below 0 has a line there."""
    base = alt.Chart(alt.InlineData(values=[asdict(one) for one in series]))
    low, high = min(0.0, *(one.low for one in series)), max(0.0, *(one.high for one in series))
    scale = alt.Scale(domain=[1.08 * low, 1.08 * high or 0.01], nice=False)
    labelled = [one.label for one in series[::-1][:: -(-len(series) // MOST_LABELS[width])]]
    along = alt.Axis(values=labelled, labelAngle=0, domain=False, ticks=False, grid=False, labelOverlap=False)
    x = alt.X("label:N", sort=None, title=None, axis=along)
    y = alt.Y("value:Q", title=axis, scale=scale, axis=axis_of(COLOURS, IN_HUNDRED, "narrow"))
    zero = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=COLOURS.quiet, strokeDash=[2, 4])
    layers = (
        zero.encode(y=alt.Y("at:Q", scale=scale)),
        base.mark_rule(color=SIDES[side], strokeWidth=1.5, opacity=0.55).encode(
            x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"
        ),
        base.mark_line(color=SIDES[side], strokeWidth=1.5).encode(x=x, y=y),
        base.mark_point(filled=True, size=60, color=SIDES[side], opacity=1).encode(x=x, y=y),
    )
    return drawn(alt.layer(*layers), SQUARE[width], HEIGHT[width])
