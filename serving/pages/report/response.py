"""Response against winning: the report in, a part of the weekly page out."""

from collections.abc import Sequence

from analytics.report.response import HourOfWeek
from analytics.report.speed import Speed, SpeedBar
from analytics.response.speed import Verdict
from analytics.response.words import OBSERVATIONAL, basis_in_words
from serving.pages.report import plots
from serving.pages.report.compared import as_amounts, as_shares, compared_grid
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Numbers, Told, points, share, whole, working_time
from serving.pages.report.places import read_batch
from serving.pages.report.tables import Column, Tables
from serving.pages.report.views import Chart, Grid, Heading, Section, grid, listing

ENOUGH_LEADS = 20
SO_FAR: dict[str, str] = {
    Verdict.NOISE: ": no clear difference",
    Verdict.MAY_BE_HIDDEN: ", which may not be speed",
    Verdict.SPEED: "",
}
COLUMNS = (
    Column("Leads", "leads", whole),
    Column("Half tried within", "attempt_median", working_time, "first_attempt"),
    Column("Nine in ten within", "attempt_ninetieth", working_time, "first_attempt"),
    Column("Half reached within", "conversation_median", working_time, "first_conversation"),
    Column("Promise kept", "kept", share, "promise_kept"),
)
NEVER = (
    Column("Never tried", "never_tried", share, "never_tried"),
    Column("Never reached", "never_reached", share, "never_reached"),
)

COMPARED = (
    as_amounts("Half tried within", "attempt_median", working_time),
    as_amounts("Nine in ten within", "attempt_ninetieth", working_time),
    as_amounts("Half reached within", "conversation_median", working_time),
    as_amounts("Nine in ten reached within", "conversation_ninetieth", working_time),
    as_shares("Promise kept", "kept", share),
    as_shares("Never tried", "never_tried", share),
    as_shares("Never reached", "never_reached", share),
)


def response_section(numbers: Numbers) -> Section:
    """Response against winning, as it looks and like with like."""
    response, windows = numbers.report.response, numbers.report.windows
    grids = Tables("Response", "response.tables", "response.whole", windows.lately, COLUMNS).of(
        response.tables, numbers
    )
    never = Tables("Never tried or reached", "response.tables", "response.whole", windows.after, NEVER).of(
        response.tables, numbers
    )
    promised = ", ".join(f"{grade} within {working_time(span)}" for grade, span in response.promises.items())
    hours = f"Working hours: {response.working_hours}." + (f" Promised first attempt: {promised}." if promised else "")
    return Section(
        "response",
        "How soon leads were tried, and what it did",
        f"effect on winning of {read_batch(windows.both)}; waits of {read_batch(windows.lately)}; never tried or "
        f"reached, of the matured leads among {read_batch(windows.after)}",
        (response.speed.words, hours),
        charts=(*_waits(response.speed), *_hours(response.hours)),
        beside=_speed(numbers),
        grids=(compared_grid("Response, before and after", "response", COMPARED, numbers), *grids[:1]),
        folded=(*grids[1:], *_hours_table(numbers), *never),
    )


def _hours(hours: Sequence[HourOfWeek]) -> tuple[Chart, ...]:
    known = [(hour, hour.attempt_median.value) for hour in hours if hour.attempt_median.value is not None]
    often = [(hour, minutes) for hour, minutes in known if hour.leads >= ENOUGH_LEADS]
    if len(often) < 2:
        return ()
    soonest, latest = (chosen(often, key=lambda pair: pair[1]) for chosen in (min, max))
    finding = (
        f"By hour of arrival, half of the leads were tried within {working_time(soonest[1])} ({soonest[0].name}) to "
        f"{working_time(latest[1])} ({latest[0].name})"
    )
    caption = (
        "Each square is an hour of the week: the darker, the longer the leads that arrived in it waited, in working "
        f"time. Where it is empty, none arrived. The hours named had at least {ENOUGH_LEADS} leads."
    )
    shown = [plots.Hour(hour.name[:3], hour.hour % 24, minutes) for hour, minutes in known]
    return (Chart(finding, caption, finding, *(plots.draw_hours(shown, width) for width in WIDTHS)),)


def _hours_table(numbers: Numbers) -> tuple[Grid, ...]:
    hours = numbers.report.response.hours
    head = (
        Heading("Hour", is_figure=False),
        Heading("Leads"),
        Heading("Half tried within", "first_attempt"),
        Heading("Promise kept", "promise_kept"),
    )
    columns: tuple[tuple[str, Told], ...] = (("leads", whole), ("attempt_median", working_time), ("kept", share))
    rows = [
        (hour.name, None, [numbers.at(f"response.hours.{place}.{path}", told) for path, told in columns])
        for place, hour in enumerate(hours)
    ]
    return (grid("Response by hour of the week", head, rows),) if rows else ()


def _waits(speed: Speed) -> tuple[Chart, ...]:
    bars = [bar for bar in speed.bars if bar.raw.value is not None]
    if len(bars) < 2:
        return ()
    waits = [plots.Wait(_span(bar), bar.raw.value or 0.0, *_ends(bar)) for bar in bars]
    caption = (
        "Hollow: the share that won, as it came; agents call the promising leads first. Filled: the share that all "
        f"leads would have won at this wait, {basis_in_words(speed.by_fields).lower()}, with its 95 % interval. "
        f"{OBSERVATIONAL}"
    )
    alt = "; ".join(f"{wait.label}: {share(wait.raw)} as it looks" for wait in waits)
    return (Chart(_finding(speed), caption, alt, *(plots.draw_waits(waits, width) for width in WIDTHS)),)


def _finding(speed: Speed) -> str:
    """What the chart shows: the adjusted difference, never the one as it looks."""
    adjusted = speed.adjusted.value
    if adjusted is None:
        return "Whether leads tried sooner win more often for being tried sooner cannot be told"
    limit = working_time(speed.limit)
    more = f"{100 * abs(adjusted):.1f} points {'more' if adjusted >= 0 else 'less'}"
    alike = basis_in_words(speed.by_fields)
    return f"{alike}, leads tried within {limit} convert {more} than later ones{SO_FAR[speed.verdict]}"


def _ends(bar: SpeedBar) -> tuple[float | None, float | None, float | None]:
    return bar.adjusted.value, bar.adjusted.low, bar.adjusted.high


def _span(bar: SpeedBar) -> str:
    if bar.up_to is None:
        return "later"
    return f"{bar.up_to:.0f} min" if bar.up_to < 60 else f"{bar.up_to / 60:.3g} h"


def _speed(numbers: Numbers) -> Grid:
    lines = (
        (
            f"Difference {basis_in_words(numbers.report.response.speed.by_fields).lower()}, in points",
            "adjusted",
            points,
        ),
        ("The same, allowing for a hidden reason", "allowing_hidden", points),
        ("Wins that the delay cost", "wins_lost", whole),
        ("Difference as it looks, in points", "raw", points),
        ("Tried within the limit: won", "soon", share),
        ("Tried later: won", "later", share),
    )
    told = [(name, numbers.at(f"response.speed.{path}", told)) for name, path, told in lines]
    return listing("Winning and speed, observational", told)
