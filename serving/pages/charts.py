"""Charts as SVG, drawn by Vega-Lite, in each theme and width.

Colours are Okabe and Ito's (2008), darkened on white until marks reach 3:1; direction also shows in the signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import altair as alt
import vl_convert
from altair.utils import schemapi

from language.choice import Language, current_language
from language.text import gettext as _

Theme = Literal["light", "dark"]
Width = Literal["wide", "narrow"]
Size = tuple[int, int]

FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
BAR = 20
LABEL_PIXELS = 300
ROW: dict[Width, int] = {"wide": 30, "narrow": 50}
DOWN: dict[Width, int] = {"wide": 0, "narrow": 10}
"""How far a bar lies below the middle of its row: a label stands above it."""

TEXT_ROOM: dict[Width, float] = {"wide": 0.14, "narrow": 0.36}
"""Room behind the longest bar for its number, as a share of the scale."""

PIXELS: dict[Width, int] = {"wide": 700, "narrow": 330}
ACROSS: dict[Width, int] = {"wide": 1008, "narrow": 344}
UNDER_BARS = 52
"""A waterfall's axis and its title, in pixels."""

CALIBRATION_SIZES: dict[Width, Size] = {"wide": (516, 422), "narrow": (346, 286)}
SQUARE: dict[Width, int] = {"wide": 460, "narrow": 290}
ROOT_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1)
ROOM = 1.12
IN_HUNDRED = "format(datum.value * 100, '~r')"
SIGNED = "format(datum.value, '+.1f')"


LOCALES: dict[Language, Literal["en-US", "ru-RU"]] = {"en": "en-US", "ru": "ru-RU"}
"""How Vega writes numbers and dates, by D3's names."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme."""

    paper: str
    ink: str
    quiet: str
    rule: str
    up: str
    down: str
    band: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette("#ffffff", "#1a1f24", "#56606a", "#d5dbe1", "#0072b2", "#b35c00", "#56b4e9"),
    "dark": Palette("#14171a", "#e7eaed", "#a3adb7", "#343b42", "#56b4e9", "#e69f00", "#0072b2"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A bar from `start` to `end`; `kind` is a whole (the first and last bars) or a part that moves the sum."""

    label: str
    start: float
    end: float
    text: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps from a start to a score; `is_share` where the axis counts probabilities, else log-odds."""

    steps: tuple[Step, ...]
    axis: str
    is_share: bool


@dataclass(frozen=True, slots=True)
class Promised:
    """A group of leads of like probability: what was promised, delivered, and a perfect model's noise."""

    promised: float
    delivered: float
    low: float
    high: float
    leads: int

    @property
    def within(self) -> bool:
        """Whether chance alone explains the difference."""
        return self.low <= self.delivered <= self.high


@cache
def warm_up() -> None:
    """Draw once: the first drawing of a process starts a JavaScript engine, which takes a moment."""
    draw_calibration((Promised(0.2, 0.2, 0.1, 0.3, 100),), "light", "wide")


def waterfall_sizes(bars: int) -> dict[Width, Size]:
    """Widths and heights in pixels of a waterfall of so many bars, so that the page keeps their place."""
    return {width: (across, ROW[width] * bars + UNDER_BARS) for width, across in ACROSS.items()}


def draw_waterfall(chart: Waterfall, theme: Theme, width: Width) -> str:
    """Bars that begin where the one above ended; where it is narrow, their labels stand above them."""
    colours, row = PALETTES[theme], ROW[width]
    bars = alt.Chart(alt.InlineData(values=[_step_row(place, step) for place, step in enumerate(chart.steps)]))
    ends = [0.0, *(end for step in chart.steps for end in (step.start, step.end))]
    low, high = min(ends), max(ends)
    room = TEXT_ROOM[width] * (high - low)
    scale = alt.Scale(domain=[low - (room if low < 0 else 0), high + room], nice=False, zero=False)
    number = IN_HUNDRED if chart.is_share else SIGNED
    x = alt.X("start:Q", title=chart.axis, scale=scale, axis=axis_of(colours, number, width, has_grid=width == "wide"))
    y = alt.Y("label:N", sort=None, title=None, axis=labels_of(colours) if width == "wide" else None)
    signs = alt.Scale(domain=["whole", "up", "down"], range=[colours.quiet, colours.up, colours.down])
    shift, joined = DOWN[width], f"datum.place < {len(chart.steps) - 1}"
    layers = [
        bars.mark_bar(cornerRadius=2, size=BAR, yOffset=shift).encode(
            x=x, x2="end:Q", y=y, color=alt.Color("sign:N", legend=None, scale=signs)
        ),
        bars.mark_text(align="left", dx=6, dy=shift, color=colours.ink, fontSize=14).encode(
            x=alt.X("right:Q", scale=scale), y=y, text="text:N"
        ),
    ]
    if width == "wide":
        joints = bars.transform_filter(joined).mark_tick(color=colours.quiet, thickness=1, size=row, yOffset=row / 2)
        layers.insert(0, joints.encode(x=alt.X("end:Q", scale=scale), y=y))
    else:
        above = bars.mark_text(align="left", dy=shift - BAR, color=colours.ink, fontSize=14, limit=PIXELS[width])
        layers.append(above.encode(x=alt.value(0), y=y, text="label:N"))
    return svg_of(alt.layer(*layers).properties(width=PIXELS[width], height=row * len(chart.steps)), colours)


def _step_row(place: int, step: Step) -> dict[str, Any]:
    sign = "whole" if step.is_whole else "up" if step.end >= step.start else "down"
    return {
        "place": place,
        "label": step.label,
        "start": step.start,
        "end": step.end,
        "right": max(step.start, step.end),
        "sign": sign,
        "text": step.text,
    }


def draw_calibration(groups: Sequence[Promised], theme: Theme, width: Width) -> str:
    """Promised along, delivered up, on root scales that open the low end; bars are a perfect model's noise."""
    colours, size = PALETTES[theme], SQUARE[width]
    top = min(1.0, ROOM * max(max(g.promised, g.delivered, g.high) for g in groups))
    ticks = [tick for tick in ROOT_TICKS if tick <= top and (tick != 0.01 or width == "wide")]
    scale = alt.Scale(type="sqrt", domain=[0, top], nice=False)
    axis = axis_of(colours, IN_HUNDRED, width, ticks)
    values = [
        {"promised": g.promised, "delivered": g.delivered, "low": g.low, "high": g.high, "within": g.within}
        for g in groups
    ]
    base = alt.Chart(alt.InlineData(values=values))
    x = alt.X("promised:Q", title=_("predicted customers in 100 leads"), scale=scale, axis=axis)
    y_title = _("actual customers in 100 leads")
    line = [{"at": top * step / 40} for step in range(41)]
    equal = alt.Chart(alt.InlineData(values=line)).mark_line(color=colours.quiet, strokeDash=[2, 4], strokeWidth=1.5)
    noise = base.mark_rule(strokeWidth=9, strokeCap="round", opacity=0.45, color=colours.band)
    ends = base.mark_rule(strokeWidth=1.5, color=colours.quiet)
    points = base.mark_point(filled=True, size=110, opacity=1, stroke=colours.paper, strokeWidth=1.5)
    inside = alt.condition("datum.within", alt.value(colours.up), alt.value(colours.down))
    shape = alt.condition("datum.within", alt.value("circle"), alt.value("diamond"))
    layers = (
        equal.encode(x=alt.X("at:Q", scale=scale), y=alt.Y("at:Q", scale=scale)),
        noise.encode(x=x, y=alt.Y("low:Q", title=y_title, scale=scale, axis=axis), y2="high:Q"),
        ends.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        points.encode(x=x, y=alt.Y("delivered:Q", scale=scale), color=inside, shape=shape),
    )
    return svg_of(alt.layer(*layers).properties(width=size, height=size * 0.8), colours)


def axis_of(
    colours: Palette, number: str, width: Width, ticks: Sequence[float] | None = None, has_grid: bool = True
) -> alt.Axis:
    """An axis of numbers, told by a Vega expression."""
    return alt.Axis(
        labelExpr=number,
        grid=has_grid,
        gridColor=colours.rule,
        domain=False,
        ticks=False,
        labelPadding=8,
        titlePadding=10,
        labelFlush=False,
        **({"values": list(ticks)} if ticks else {"tickCount": 4 if width == "narrow" else 8}),
    )


def labels_of(colours: Palette, pixels: int = LABEL_PIXELS) -> alt.Axis:
    """An axis of names, all of one width."""
    return alt.Axis(
        domain=False,
        ticks=False,
        labelLimit=pixels - 30,
        labelPadding=10,
        labelColor=colours.ink,
        labelFontSize=14,
        minExtent=pixels,
        maxExtent=pixels,
    )


def svg_of(chart: alt.LayerChart | alt.FacetChart, colours: Palette) -> str:
    """The chart as SVG, held against Vega-Lite's schema unless Altair's `debug_mode` is off."""
    told = chart.configure(
        font=FONT,
        background=colours.paper,
        padding=4,
        axis=alt.AxisConfig(
            labelColor=colours.quiet,
            titleColor=colours.quiet,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight="normal",
        ),
        view=alt.ViewConfig(stroke=None),
    )
    locale = LOCALES[current_language()]
    return vl_convert.vegalite_to_svg(
        told.to_dict(validate=schemapi.DEBUG_MODE),
        allowed_base_urls=[],
        format_locale=locale,
        time_format_locale=locale,
    )
