"""How the weekly page's charts are drawn: once, for all themes.

They are drawn in the light colours, which then become the page's own (`var(--ink)` and so on): a drawing that stands
in the page follows the reader's theme, and prints black on white. The two departments have two colours of equal
weight, neither of them green or red (from Okabe and Ito's blue and yellow, 2008); direction shows in sign and shape.
"""

import re
from typing import Literal

import altair as alt

from serving.pages.charts import PALETTES, Width, svg_of

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

_EMPTY = re.compile(r'<path [^>]*(?:d="M0,0h0v0h0Z"|d="" )[^>]*/>')
_NEEDLESS = re.compile(r' (?:(?:class|role|aria-[a-z]+|pointer-events|xmlns:xlink|version)="[^"]*"|opacity="1")')
"""Classes and roles of Vega's marks: drawings stand in an element that is hidden from readers and described beside."""

DOT = 110
HEIGHT: dict[Width, int] = {"wide": 250, "narrow": 190}
PLAIN = "format(datum.value, ',.2~f')"
IN_HUNDRED = "replace(format(datum.value * 100, ',.2~f'), '-', '−')"


def drawn(chart: alt.LayerChart | alt.FacetChart, width: float, height: float) -> str:
    """The chart as SVG, in the page's own colours."""
    return themed(svg_of(chart.properties(width=width, height=height), COLOURS))


def themed(svg: str) -> str:
    """A drawing in the light colours, in the page's own, without what only a page that talks to it would need."""
    plain = _NEEDLESS.sub("", _EMPTY.sub("", svg))
    return re.sub("|".join(VARIABLES), lambda found: f"var(--{VARIABLES[found[0]]})", plain)
