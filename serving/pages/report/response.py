"""The weekly page's part about speed of response and winning."""

from collections.abc import Sequence
from functools import partial

from analytics.report.compared import ResponseCompared
from analytics.report.response import HourOfWeek, ResponseRow
from analytics.report.speed import Speed, SpeedBar
from analytics.response.speed import Verdict
from analytics.response.words import OBSERVATIONAL, basis_in_words
from serving.pages.formatting import points, share, whole, working_time
from serving.pages.report import plots
from serving.pages.report.compared import Pair, as_amounts, as_shares, compared_grid
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Find, Number, Numbers, Told, leads_of
from serving.pages.report.tables import Column, Tables, are_grades_stored, unshown_grades
from serving.pages.report.views import Chart, Grid, Heading, Section, grid, listing

ENOUGH_LEADS = 20
SO_FAR: dict[str, str] = {
    Verdict.NOISE: "No clear difference",
    Verdict.MAY_BE_HIDDEN: "A difference that may not be speed",
    Verdict.SPEED: "Unless agents chose by what no score or field shows, speed made a difference",
}
"""What is said first, so that whoever quotes only the beginning of a finding quotes its doubt."""
COLUMNS: tuple[Column[ResponseRow], ...] = (
    Column("Leads", lambda row: row.leads, whole),
    Column("Median time to first call", lambda row: row.attempt_median, working_time),
    Column("90 % called within", lambda row: row.attempt_ninetieth, working_time),
    Column("Median time to first conversation", lambda row: row.conversation_median, working_time),
    Column("Promise kept", lambda row: row.kept, share),
)
NEVER: tuple[Column[ResponseRow], ...] = (
    Column("Never tried", lambda row: row.never_tried, share),
    Column("Never reached", lambda row: row.never_reached, share),
)

COMPARED: tuple[Pair[ResponseCompared], ...] = (
    as_amounts("Median time to first call", lambda part: part.attempt_median, working_time),
    as_amounts("90 % called within", lambda part: part.attempt_ninetieth, working_time),
    as_amounts("Median time to first conversation", lambda part: part.conversation_median, working_time),
    as_amounts("90 % spoken to within", lambda part: part.conversation_ninetieth, working_time),
    as_shares("Promise kept", lambda part: part.kept, share),
    as_shares("Never tried, of the matured leads", lambda part: part.never_tried, share),
    as_shares("Never reached, of the matured leads", lambda part: part.never_reached, share),
)


def response_section(numbers: Numbers) -> Section:
    """Response against winning, as it looks and like with like."""
    response, windows = numbers.report.response, numbers.report.windows
    tables = partial(
        Tables[ResponseRow],
        tables=lambda report: report.response.tables,
        whole=lambda report: report.response.whole,
        unshown=unshown_grades(numbers.report),
    )
    lately = f"{leads_of(windows.lately)}, also those not tried yet"
    matured = f"of the matured leads among {leads_of(windows.after)}"
    grids = tables("Response", window=windows.lately, columns=COLUMNS, base=lately).grids(numbers)
    never = tables("Never tried or reached", window=windows.after, columns=NEVER, base=matured).grids(numbers)
    promised = ", ".join(f"{grade} within {working_time(span)}" for grade, span in response.promises.items())
    is_promised = promised and are_grades_stored(numbers.report)
    hours = f"Working hours: {response.working_hours}." + (
        f" Promised first attempt: {promised}." if is_promised else ""
    )
    return Section(
        "response",
        "How soon leads were tried, and how many won",
        f"effect on winning of {leads_of(windows.both)}; waits of {leads_of(windows.lately)}; never tried or "
        f"reached, of the matured leads among {leads_of(windows.after)}",
        (response.speed.words, hours),
        charts=(*_waits(response.speed), *_hours(response.hours)),
        beside=_speed(numbers),
        grids=(
            compared_grid("Response, before and after", lambda report: report.response.compared, COMPARED, numbers),
            *grids[:1],
        ),
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
    is_kept_known = any(hour.kept.known for hour in hours)
    kept = (Heading("Promise kept", "promise_kept"),) if is_kept_known else ()
    head = (
        Heading("Hour", is_figure=False),
        Heading("Leads"),
        Heading("Median time to first call", "first_attempt"),
        *kept,
    )
    rows = [(hour.name, None, _hour_numbers(place, numbers)[: len(head) - 1]) for place, hour in enumerate(hours)]
    return (grid("Response by hour of the week", head, rows),) if rows else ()


def _hour_numbers(hour: int, numbers: Numbers) -> list[Number]:
    return [
        numbers.of(lambda report: report.response.hours[hour].leads, whole),
        numbers.of(lambda report: report.response.hours[hour].attempt_median, working_time),
        numbers.of(lambda report: report.response.hours[hour].kept, share),
    ]


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
    alike = f"{alike[:1].lower()}{alike[1:]}"
    return f"{SO_FAR[speed.verdict]}: {alike}, leads tried within {limit} convert {more} than later ones"


def _ends(bar: SpeedBar) -> tuple[float | None, float | None, float | None]:
    return bar.adjusted.value, bar.adjusted.low, bar.adjusted.high


def _span(bar: SpeedBar) -> str:
    if bar.up_to is None:
        return "later"
    return f"{bar.up_to:.0f} min" if bar.up_to < 60 else f"{bar.up_to / 60:.3g} h"


def _speed(numbers: Numbers) -> Grid:
    lines: tuple[tuple[str, Find, Told], ...] = (
        (
            f"Difference {basis_in_words(numbers.report.response.speed.by_fields).lower()}, in points",
            lambda report: report.response.speed.adjusted,
            points,
        ),
        ("The same, allowing for a hidden reason", lambda report: report.response.speed.allowing_hidden, points),
        ("Wins that the delay cost", lambda report: report.response.speed.wins_lost, whole),
        ("Difference as it looks, in points", lambda report: report.response.speed.raw, points),
        ("Tried within the limit: won", lambda report: report.response.speed.soon, share),
        ("Tried later: won", lambda report: report.response.speed.later, share),
    )
    told = [(name, numbers.of(find, told)) for name, find, told in lines]
    return listing("Winning and speed, observational", told)
