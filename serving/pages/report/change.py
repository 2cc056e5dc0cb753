"""The weekly page's first part: what changed, and how much of it came with the leads that arrived."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.mix.parts import Part, clear_parts
from analytics.mix.printed import printed
from analytics.mix.verdict import HEADLINE_LEVEL, Verdict, verdict
from analytics.report import Report
from serving.pages.report import intervals
from serving.pages.report.drawing import WIDTHS, Side
from serving.pages.report.numbers import Number, Numbers, points, share
from serving.pages.report.places import days, named
from serving.pages.report.tables import Column, Tables
from serving.pages.report.views import Chart, Grid, Section, listing
from stats.estimates import Estimate

ARRIVED, HANDLING = "The leads that arrived", "Handling"
MOST_GROUPS, NAMED = 10, 3
PARTS = (
    Column("Before", "before", share, "conversion"),
    Column("After", "after", share, "conversion"),
    Column("Arrived, points", "mix", points, "mix"),
    Column("Handling, points", "handling", points, "handling"),
)
MOVED = Tables("What moved it,", "change.parts", "change", None, PARTS)


def change_section(numbers: Numbers) -> Section:
    """The waterfall, and which sources moved it."""
    report = numbers.report
    return Section(
        anchor="change",
        title="What moved it",
        over=f"Leads that arrived {days(report.windows.before)} against {days(report.windows.after)}",
        says=(),
        charts=(*_waterfall(numbers), *_by_source(report)),
        folded=(_steps(numbers), *MOVED.of(report.change.parts, numbers)),
    )


def _waterfall(numbers: Numbers) -> tuple[Chart, ...]:
    change, windows = numbers.report.change, numbers.report.windows
    before, mix, handling = change.before.value, change.mix.value, change.handling.value
    if before is None or mix is None or handling is None:
        return ()
    told_before, told_after = (_told(numbers.at(f"change.{name}", share)) for name in ("before", "after"))
    told_mix, told_handling = (_told(part) for part in _parts(numbers))
    steps = (
        _level(days(windows.before), told_before, change.before),
        _part(ARRIVED, told_mix, "marketing", before, change.mix),
        _part(HANDLING, told_handling, "sales", before + mix, change.handling),
        _level(days(windows.after), told_after, change.after),
    )
    caption = (
        "Read from the top. Dots are conversions; an arrow is what one part moved, and points the way. Thin lines are "
        "95 % intervals; a pale arrow may be no change at all. "
        "Handling is what was done with the leads, or quality that the fields do not show."
    )
    alt = "Waterfall. " + "; ".join(f"{step.label}: {step.text}" for step in steps)
    drawn = (intervals.draw_change(steps, "customers in 100 leads", width) for width in WIDTHS)
    return (Chart(_finding(numbers), caption, alt, *drawn),)


def _finding(numbers: Numbers) -> str:
    change = numbers.report.change
    mix, handling = (part.text for part in _parts(numbers))
    whose = ((ARRIVED, mix, change.mix), (HANDLING, handling, change.handling))
    return ". ".join(f"{name}: {text} points{_unclear(part, change.p_value)}" for name, text, part in whose)


def _parts(numbers: Numbers) -> tuple[Number, Number]:
    """Mix and handling as they are printed everywhere: with the conversions beside them they add up."""
    mix, handling = (numbers.at(f"change.{name}", points) for name in ("mix", "handling"))
    shown = printed(numbers.report.change)
    if shown is None or not mix.known:
        return mix, handling
    return replace(mix, text=points(shown.mix / 100)), replace(handling, text=points(shown.handling / 100))


def _unclear(part: Estimate, p_value: float) -> str:
    said = verdict(part, p_value)
    return "" if said is Verdict.CLEAR else f", {said}"


def _told(number: Number) -> str:
    unit = "" if number.text.endswith("%") else " points"
    return f"{number.text}{unit} ({number.interval})" if number.interval else f"{number.text}{unit}"


def _level(label: str, text: str, level: Estimate) -> intervals.Step:
    at = level.value or 0.0
    return intervals.Step(label, text, "whole", at, at, level.low, level.high)


def _part(label: str, text: str, side: Side, start: float, part: Estimate) -> intervals.Step:
    low, high = (None if end is None else start + end for end in (part.low, part.high))
    return intervals.Step(label, text, side, start, start + (part.value or 0.0), low, high)


def _by_source(report: Report) -> tuple[Chart, ...]:
    """What each source adds to the two parts, on one scale."""
    rows = next((parts.rows for parts in report.change.parts if parts.by == ("source",)), ())
    shown = sorted(rows, key=_size, reverse=True)[:MOST_GROUPS]
    if len(shown) < 2:
        return ()
    mix, handling = [_span(row, "marketing") for row in shown], [_span(row, "sales") for row in shown]
    changed = report.change.p_value <= HEADLINE_LEVEL
    named_mix, named_handling = (clear_parts(rows, effect) if changed else [] for effect in ("mix", "handling"))
    ends = [x for span in (*mix, *handling) for x in (span.low, span.high, span.value) if x is not None]
    reach = (min(0.0, *ends), max(0.0, *ends))
    return (
        _spans(f"{ARRIVED}, by source", mix, named_mix, reach),
        _spans(f"{HANDLING}, by source", handling, named_handling, reach),
    )


def _size(part: Part) -> float:
    return abs(part.mix.value or 0.0) + abs(part.handling.value or 0.0)


def _span(part: Part, side: Side) -> intervals.Span:
    found = part.mix if side == "marketing" else part.handling
    return intervals.Span(named(part.name), side, found.value or 0.0, found.low, found.high)


def _spans(title: str, spans: Sequence[intervals.Span], changed: Sequence[Part], reach: tuple[float, float]) -> Chart:
    clear = [named(part.name) for part in sorted(changed, key=_size, reverse=True)]
    more = f" and {len(clear) - NAMED} more" if len(clear) > NAMED else ""
    finding = f"{title}: {', '.join(clear[:NAMED])}{more} clear" if clear else f"{title}: no clear change in any"
    caption = (
        "Points that each source adds; the sources add up to the whole. A line that crosses 0 shows no clear change."
    )
    alt = f"{title}. " + "; ".join(f"{span.label}: {points(span.value)} points" for span in spans)
    drawn = (intervals.draw_spans(spans, "points", reach, width, are_points=True) for width in WIDTHS)
    return Chart(finding, caption, alt, *drawn)


def _steps(numbers: Numbers) -> Grid:
    mix, handling = _parts(numbers)
    before, after = (numbers.at(f"change.{side}", share) for side in ("before", "after"))
    total, shown = numbers.at("change.total", points), printed(numbers.report.change)
    seen = ("smallest", "smallest_mix", "smallest_handling")
    change, of_mix, of_handling = (numbers.at(f"change.{name}", points) for name in seen)
    lines = (
        ("Conversion before", before),
        (ARRIVED, mix),
        ("Handling, or quality that the fields do not show", handling),
        ("Conversion after", after),
        ("Change, in points", total if shown is None else replace(total, text=points(shown.total / 100))),
        ("A change that would be seen in four of five cases, in points", change),
        ("The same of the leads that arrived", of_mix),
        ("The same of handling", of_handling),
    )
    return listing("The change and its parts", lines)
