"""The weekly page's first part: what changed, and how much of it came with the leads that arrived."""

from collections.abc import Sequence
from typing import cast

from analytics.mix.parts import Part, clear_parts
from analytics.mix.printed import printed, printed_parts
from analytics.mix.verdict import HEADLINE_LEVEL, Verdict, is_clear, verdict
from analytics.report import Report
from analytics.report.report import days
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages.formatting import points, share
from serving.pages.report import intervals
from serving.pages.report.drawing import WIDTHS, Side
from serving.pages.report.numbers import Find, Number, Numbers, Told, named
from serving.pages.report.said import said
from serving.pages.report.tables import AS_REFERENCE, Column, Tables, unshown_grades
from serving.pages.report.views import Chart, Grid, Section, listing
from stats.estimates import Estimate

ARRIVED, HANDLING = mark("The leads that arrived"), mark("Handling")
MOST_GROUPS, NAMED = 10, 3
"""How many sources have a row in a chart, and how many its finding names."""
PARTS: tuple[Column[Part], ...] = (
    Column(mark("Before"), lambda row: row.before, share),
    Column(mark("After"), lambda row: row.after, share),
    Column(mark("Arrived, points"), lambda row: row.mix, points),
    Column(mark("Handling, points"), lambda row: row.handling, points),
)


def printed_figures(report: Report) -> dict[str, float]:
    """The change and its parts as they are printed everywhere, by path, as shares: they add up in each table."""
    change = report.change
    whole = printed(change)
    if whole is None:
        return {}
    figures = {"total": whole.total}
    if change.mix.known and change.handling.known:
        figures |= {"mix": whole.mix, "handling": whole.handling}
        for place, parts in enumerate(change.parts):
            for effect in ("mix", "handling"):
                told = printed_parts([getattr(row, effect).value for row in parts.rows], figures[effect]) or []
                figures |= {f"parts.{place}.rows.{row}.{effect}": value for row, value in enumerate(told)}
    return {f"change.{path}": value / 100 for path, value in figures.items()}


def change_section(numbers: Numbers) -> Section:
    """The waterfall, and which sources moved it."""
    report = numbers.report
    left_out = unshown_grades(report)
    moved = Tables(
        mark("What moved it,"),
        lambda report: report.change.parts,
        lambda report: cast(Part, report.change),  # it has the same numbers, and no name
        None,
        PARTS,
        graded=AS_REFERENCE,
        unshown=left_out,
    )
    return Section(
        anchor="change",
        title=_("What moved it"),
        over=_(
            "Leads that arrived %(before)s against %(after)s",
            before=days(report.windows.before),
            after=days(report.windows.after),
        ),
        says=(),
        charts=(*_waterfall(numbers), *_by_source(report)),
        folded=(_steps(numbers), *moved.grids(numbers)),
    )


def _waterfall(numbers: Numbers) -> tuple[Chart, ...]:
    change, windows = numbers.report.change, numbers.report.windows
    before, mix, handling = change.before.value, change.mix.value, change.handling.value
    if before is None or mix is None or handling is None:
        return ()
    told_before = _with_interval(numbers.of(lambda report: report.change.before, share))
    told_mix = _with_interval(numbers.of(lambda report: report.change.mix, points))
    told_handling = _with_interval(numbers.of(lambda report: report.change.handling, points))
    told_after = _with_interval(numbers.of(lambda report: report.change.after, share))
    steps = (
        _level(days(windows.before), told_before, change.before),
        _part(_(ARRIVED), told_mix, "marketing", before, change.mix, change.p_value),
        _part(_(HANDLING), told_handling, "sales", before + mix, change.handling, change.p_value),
        _level(days(windows.after), told_after, change.after),
    )
    caption = _(
        "Read from the top. Dots are conversions; an arrow is what one part moved, and points the way. Thin lines "
        "are 95 % intervals; a pale arrow is no clear change. Handling: how leads were worked, plus any quality "
        "our fields don't capture."
    )
    alt = _("Waterfall.") + " " + "; ".join(f"{step.label}: {step.text}" for step in steps)
    drawn = (intervals.draw_change(steps, _("customers in 100 leads"), width) for width in WIDTHS)
    return (Chart(_finding(numbers), caption, alt, *drawn),)


def _finding(numbers: Numbers) -> str:
    change = numbers.report.change
    mix = numbers.of(lambda report: report.change.mix, points).text
    handling = numbers.of(lambda report: report.change.handling, points).text
    whose = ((_(ARRIVED), mix, change.mix), (_(HANDLING), handling, change.handling))
    return ". ".join(
        _("%(part)s: %(points)s points", part=name, points=text) + _unclear(part, change.p_value)
        for name, text, part in whose
    )


def _unclear(part: Estimate, p_value: float) -> str:
    found = verdict(part, p_value)
    return "" if found is Verdict.CLEAR else f", {said(str(found))}"


def _with_interval(number: Number) -> str:
    text = number.text if number.text.endswith("%") else _("%(value)s points", value=number.text)
    return f"{text} ({number.interval})" if number.interval else text


def _level(label: str, text: str, level: Estimate) -> intervals.Step:
    at = level.value or 0.0
    return intervals.Step(label, text, "whole", at, at, level.low, level.high)


def _part(label: str, text: str, side: Side, start: float, part: Estimate, p_value: float) -> intervals.Step:
    low, high = (None if end is None else start + end for end in (part.low, part.high))
    end = start + (part.value or 0.0)
    return intervals.Step(label, text, side, start, end, low, high, is_clear(part, p_value))


def _by_source(report: Report) -> tuple[Chart, ...]:
    """What each source adds to the two parts, on one scale; clear ones are marked."""
    rows = report.change.by("source")
    shown = sorted(rows, key=_size, reverse=True)[:MOST_GROUPS]
    if len(shown) < 2:
        return ()
    changed = report.change.p_value <= HEADLINE_LEVEL
    clear = {effect: clear_parts(rows, effect) if changed else [] for effect in ("mix", "handling")}
    mix = [_span(row, "marketing", row.mix, clear["mix"]) for row in shown]
    handling = [_span(row, "sales", row.handling, clear["handling"]) for row in shown]
    ends = [x for span in (*mix, *handling) for x in (span.low, span.high, span.value) if x is not None]
    reach = (min(0.0, *ends), max(0.0, *ends))
    how = _how_to_read(len(shown), len(rows), changed=changed)
    return (
        _spans(_("The leads that arrived, by source"), mix, clear["mix"], reach, how),
        _spans(_("Handling, by source"), handling, clear["handling"], reach, how),
    )


def _how_to_read(shown: int, sources: int, *, changed: bool) -> str:
    """What a row is, and what makes it clear."""
    return f"{_which_sources(shown, sources)} {_what_is_clear(sources, changed=changed)}"


def _which_sources(shown: int, sources: int) -> str:
    if shown == sources:
        return _("Points that each source adds; all sources add up to the whole.")
    return _(
        "Points that each of the %(shown)s sources of %(sources)s that moved most adds; all sources add up to the "
        "whole.",
        shown=shown,
        sources=sources,
    )


def _what_is_clear(sources: int, *, changed: bool) -> str:
    if changed:
        return _(
            "A filled dot is a clear change, adjusted for the %(sources)s sources compared; a hollow one is not, even "
            "where its own 95 %% line misses 0, as one in twenty does by chance.",
            sources=sources,
        )
    return _(
        "All dots are hollow: none is a clear change, even where its own 95 % line misses 0, because there is no clear "
        "change in all leads together."
    )


def _size(part: Part) -> float:
    return abs(part.mix.value or 0.0) + abs(part.handling.value or 0.0)


def _span(row: Part, side: Side, found: Estimate, clear: Sequence[Part]) -> intervals.Span:
    told = _("%(source)s · clear", source=named(row.name)) if row in clear else named(row.name)
    return intervals.Span(told, side, found.value or 0.0, found.low, found.high, row in clear)


def _spans(
    title: str, spans: Sequence[intervals.Span], clear: Sequence[Part], reach: tuple[float, float], how: str
) -> Chart:
    names = [named(part.name) for part in sorted(clear, key=_size, reverse=True)]
    finding = f"{title}: {_clear_sources(names)}"
    told = (_("%(part)s: %(points)s points", part=span.label, points=points(span.value)) for span in spans)
    alt = f"{title}. " + "; ".join(told)
    drawn = (intervals.draw_spans(spans, _("points"), reach, width, in_points=True) for width in WIDTHS)
    return Chart(finding, how, alt, *drawn)


def _clear_sources(names: Sequence[str]) -> str:
    if not names:
        return _("no clear change in any")
    shown, rest = ", ".join(names[:NAMED]), len(names) - NAMED
    if rest <= 0:
        return _("%(sources)s clear", sources=shown)
    return ngettext(
        "%(sources)s and %(num)s more source clear", "%(sources)s and %(num)s more sources clear", rest, sources=shown
    )


def _steps(numbers: Numbers) -> Grid:
    lines: tuple[tuple[str, Find, Told], ...] = (
        (_("Conversion before"), lambda report: report.change.before, share),
        (_(ARRIVED), lambda report: report.change.mix, points),
        (
            _("Handling: how leads were worked, plus any quality our fields don't capture"),
            lambda report: report.change.handling,
            points,
        ),
        (_("Conversion after"), lambda report: report.change.after, share),
        (_("Change, in points"), lambda report: report.change.total, points),
        (
            _("Smallest change that would have shown in four of five cases, in points"),
            lambda report: report.change.smallest,
            points,
        ),
        (_("The same of the leads that arrived"), lambda report: report.change.smallest_mix, points),
        (_("The same of handling"), lambda report: report.change.smallest_handling, points),
    )
    return listing(_("The change and its parts"), [(name, numbers.of(find, told)) for name, find, told in lines])
