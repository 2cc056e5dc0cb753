"""The weekly page's first part: what changed, and how much of it came with the leads. The report in, charts out."""

from collections.abc import Sequence

from analytics.estimates import Estimate
from analytics.mix import Part
from analytics.report import ChangeSection, Report
from serving.pages.weekly import charts
from serving.pages.weekly.numbers import Number, Numbers, points, share
from serving.pages.weekly.places import Places, days, named
from serving.pages.weekly.tables import Column, Groups, table
from serving.pages.weekly.views import Chart, Grid, Heading, Section, grid

ARRIVED, HANDLING = "The leads that arrived", "Handling"
MOST_GROUPS = 10
PARTS = (
    Column("Before", "before", share, "conversion"),
    Column("After", "after", share, "conversion"),
    Column("Arrived, points", "mix", points, "mix"),
    Column("Handling, points", "handling", points, "handling"),
)


def change_section(numbers: Numbers) -> Section:
    """The waterfall, and which sources moved it."""
    pictures = [drawn for drawn in (_waterfall(numbers), *_by_source(report)) if drawn]
    return Section(
        anchor="change",
        title="What changed, and whose part it was",
        over=f"Leads that arrived {days(report.windows.before)} against {days(report.windows.after)}",
        says=(),
        charts=tuple(pictures),
        grids=(_steps(numbers),),
        folded=tuple(_parts(report, numbers, places, place) for place in range(len(report.change.parts))),
    )


def within_noise(part: Estimate) -> bool:
    """Whether chance alone may explain it."""
    return part.known and part.covers(0.0)


def _waterfall(numbers: Numbers) -> Chart | None:
    change, windows = report.change, report.windows
    before, mix, handling, after = change.before.value, change.mix.value, change.handling.value, change.after.value
    if before is None or mix is None or handling is None or after is None:
        return None
    told = [numbers.at(f"change.{name}", share) for name in ("before", "after")]
    parts = [numbers.at(f"change.{name}", points) for name in ("mix", "handling")]
    texts = [_with_interval(number, unit) for number, unit in ((told[0], ""), *((p, " points") for p in parts))]
    steps = (
        _level(f"{days(windows.before)}", texts[0], change.before),
        _part(ARRIVED, texts[1], "marketing", before, change.mix),
        _part(HANDLING, texts[2], "sales", before + mix, change.handling),
        _level(f"{days(windows.after)}", _with_interval(told[1], ""), change.after),
    )
    caption = (
        "Read from the top. Dots are conversions; an arrow is what one part moved, and points the way. Thin lines are "
        "95 % intervals; a pale arrow is within noise. "
        "Handling is what was done with the leads, or quality that the fields do not show."
    )
    alt = "Waterfall. " + "; ".join(f"{step.label}: {step.text}" for step in steps)
    drawn = [charts.draw_change(steps, "customers in 100 leads", width) for width in charts.WIDTHS]
    return Chart(_finding(change, parts), caption, alt, *drawn)


def _finding(change: ChangeSection, parts: Sequence[Number]) -> str:
    noise = [", within noise" if within_noise(part) else "" for part in (change.mix, change.handling)]
    return f"{ARRIVED}: {parts[0].text} points{noise[0]}. {HANDLING}: {parts[1].text} points{noise[1]}"


def _with_interval(number: Number, unit: str) -> str:
    return f"{number.text}{unit} ({number.interval})" if number.interval else f"{number.text}{unit}"


def _level(label: str, text: str, level: Estimate) -> charts.Step:
    at = 100 * (level.value or 0.0)
    return charts.Step(label, text, "whole", at, at, _hundred(level.low), _hundred(level.high))


def _part(label: str, text: str, side: charts.Side, start: float, part: Estimate) -> charts.Step:
    low, high = (None if end is None else 100 * (start + end) for end in (part.low, part.high))
    return charts.Step(label, text, side, 100 * start, 100 * (start + (part.value or 0.0)), low, high)


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _by_source(report: Report) -> tuple[Chart, ...]:
    """What each source adds to the two parts, on one scale."""
    rows = next((parts.rows for parts in report.change.parts if parts.by == ("source",)), ())
    shown = sorted(rows, key=_size, reverse=True)[:MOST_GROUPS]
    if len(shown) < 2:
        return ()
    mix, handling = [_span(row, "marketing") for row in shown], [_span(row, "sales") for row in shown]
    ends = [x for span in (*mix, *handling) for x in (span.low, span.high, span.value) if x is not None]
    reach = (min(0.0, *ends), max(0.0, *ends))
    return (
        _spans(f"{ARRIVED}, by source", mix, [row.mix for row in shown], reach),
        _spans(f"{HANDLING}, by source", handling, [row.handling for row in shown], reach),
    )


def _size(part: Part) -> float:
    return abs(part.mix.value or 0.0) + abs(part.handling.value or 0.0)


def _span(part: Part, side: charts.Side) -> charts.Span:
    found = part.mix if side == "marketing" else part.handling
    value = 100 * (found.value or 0.0)
    return charts.Span(named(part.name), side, value, _hundred(found.low), _hundred(found.high))


def _spans(title: str, spans: Sequence[charts.Span], parts: Sequence[Estimate], reach: tuple[float, float]) -> Chart:
    clear = [span.label for span, part in zip(spans, parts, strict=True) if not within_noise(part)]
    finding = f"{title}: {', '.join(clear[:3])} beyond noise" if clear else f"{title}: each within noise"
    caption = "Points that each source adds; the sources add up to the whole. A line that crosses 0 is within noise."
    alt = f"{title}. " + "; ".join(f"{span.label}: {points(span.value / 100)} points" for span in spans)
    drawn = [charts.draw_spans(spans, "points", 0.0, reach, width) for width in charts.WIDTHS]
    return Chart(finding, caption, alt, *drawn)


def _steps(numbers: Numbers) -> Grid:
    rows: list[tuple[str, None, list[Number | str]]] = [
        ("Conversion before", None, [numbers.at("change.before", share)]),
        (ARRIVED, None, [numbers.at("change.mix", points)]),
        ("Handling, or quality that the fields do not show", None, [numbers.at("change.handling", points)]),
        ("Conversion after", None, [numbers.at("change.after", share)]),
        ("Change, in points", None, [numbers.at("change.total", points)]),
        ("Smallest change that could have been seen, in points", None, [numbers.at("change.smallest", points)]),
    ]
    return grid("The change and its parts", (Heading("Part", is_figure=False), Heading("Value")), rows)


def _parts(numbers: Numbers, place: int) -> Grid:
    found = report.change.parts[place]
    groups = Groups(f"change.parts.{place}.rows", found.by, [row.name for row in found.rows], None)
    return table("Which leads moved it,", groups, PARTS, numbers, places)
