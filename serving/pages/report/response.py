"""The weekly page's part about speed of response and winning."""

from collections.abc import Sequence
from functools import partial

from analytics.report.compared import ResponseCompared
from analytics.report.response import HourOfWeek, ResponseRow
from analytics.report.speed import Speed, SpeedBar
from analytics.response.speed import Verdict
from analytics.response.words import OBSERVATIONAL, basis_in_words
from language.numbers import localise
from language.text import gettext as _
from language.text import mark
from serving.pages.formatting import one_decimal, points, share, whole, working_time
from serving.pages.report import plots
from serving.pages.report.compared import Pair, as_amounts, as_shares, compared_grid
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Find, Number, Numbers, Told, leads_of
from serving.pages.report.said import said
from serving.pages.report.tables import Column, Tables, are_grades_stored, unshown_grades
from serving.pages.report.views import Chart, Grid, Heading, Section, grid, listing
from serving.pages.working_hours import DAYS, hours_text

ENOUGH_LEADS = 20
SO_FAR: dict[str, str] = {
    Verdict.NOISE: mark("No clear difference"),
    Verdict.MAY_BE_HIDDEN: mark("A difference that may not be speed"),
    Verdict.SPEED: mark("Unless agents chose by what no score or field shows, speed made a difference"),
}
"""What is said first, so that whoever quotes only the beginning of a finding quotes its doubt."""
MORE = mark("%(so_far)s: %(alike)s, leads called within %(limit)s convert %(points)s points more than later ones")
LESS = mark("%(so_far)s: %(alike)s, leads called within %(limit)s convert %(points)s points less than later ones")
COLUMNS: tuple[Column[ResponseRow], ...] = (
    Column(mark("Leads"), lambda row: row.leads, whole),
    Column(mark("Median time to first call"), lambda row: row.attempt_median, working_time),
    Column(mark("90 % called within"), lambda row: row.attempt_ninetieth, working_time),
    Column(mark("Median time to first conversation"), lambda row: row.conversation_median, working_time),
    Column(mark("Called in time"), lambda row: row.kept, share),
)
NEVER: tuple[Column[ResponseRow], ...] = (
    Column(mark("Never called"), lambda row: row.never_tried, share),
    Column(mark("Never reached"), lambda row: row.never_reached, share),
)
NEVER_OF_AGENTS = NEVER[1:]
"""An agent's leads are those that the agent called."""

COMPARED: tuple[Pair[ResponseCompared], ...] = (
    as_amounts(mark("Median time to first call"), lambda part: part.attempt_median, working_time),
    as_amounts(mark("90 % called within"), lambda part: part.attempt_ninetieth, working_time),
    as_amounts(mark("Median time to first conversation"), lambda part: part.conversation_median, working_time),
    as_amounts(mark("90 % spoken to within"), lambda part: part.conversation_ninetieth, working_time),
    as_shares(mark("Called in time"), lambda part: part.kept, share),
    as_shares(mark("Never called, of the matured leads"), lambda part: part.never_tried, share),
    as_shares(mark("Never reached, of the matured leads"), lambda part: part.never_reached, share),
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
    lately = _("%(leads)s, also those not called yet", leads=leads_of(windows.lately))
    matured = _("of the matured leads among %(leads)s", leads=leads_of(windows.after))
    grids = tables(mark("Response"), window=windows.lately, columns=COLUMNS, base=lately).grids(numbers)
    never = partial(tables, window=windows.after, base=matured)
    nevers = (
        *never(mark("Never called or reached"), columns=NEVER, shows=lambda by: "agent" not in by).grids(numbers),
        *never(mark("Never reached"), columns=NEVER_OF_AGENTS, shows=lambda by: "agent" in by).grids(numbers),
    )
    due = ", ".join(
        _("%(grade)s within %(time)s", grade=grade, time=working_time(span))
        for grade, span in response.promises.items()
    )
    is_due = due and are_grades_stored(numbers.report)
    hours = _("Working hours: %(hours)s.", hours=hours_text(response.working_hours))
    if is_due:
        first_call = _("First call due: %(due)s.", due=due)
        hours = f"{hours} {first_call}"
    return Section(
        "response",
        _("How soon leads were called, and how many won"),
        _(
            "effect on winning of %(both)s; waits of %(lately)s; never called or reached, of the matured leads "
            "among %(after)s",
            both=leads_of(windows.both),
            lately=leads_of(windows.lately),
            after=leads_of(windows.after),
        ),
        (said(response.speed.words), hours),
        charts=(*_waits(response.speed), *_hours(response.hours)),
        beside=_speed(numbers),
        grids=(
            compared_grid(
                mark("Response, before and after"), lambda report: report.response.compared, COMPARED, numbers
            ),
            *grids[:1],
        ),
        folded=(*grids[1:], *_hours_table(numbers), *nevers),
    )


def _hours(hours: Sequence[HourOfWeek]) -> tuple[Chart, ...]:
    known = [(hour, hour.attempt_median.value) for hour in hours if hour.attempt_median.value is not None]
    often = [(hour, minutes) for hour, minutes in known if hour.leads >= ENOUGH_LEADS]
    if len(often) < 2:
        return ()
    soonest, latest = (chosen(often, key=lambda pair: pair[1]) for chosen in (min, max))
    finding = _(
        "Median time to first call, by hour of arrival: %(soonest)s (%(soon)s) to %(latest)s (%(late)s)",
        soonest=working_time(soonest[1]),
        soon=_hour_name(soonest[0]),
        latest=working_time(latest[1]),
        late=_hour_name(latest[0]),
    )
    caption = _(
        "Each square is an hour of the week: the darker, the longer the leads that arrived in it waited, in working "
        "time. Where it is empty, none arrived. The hours named had at least %(leads)s leads.",
        leads=ENOUGH_LEADS,
    )
    shown = [plots.Hour(_(DAYS[hour.name[:3]]), hour.hour % 24, minutes) for hour, minutes in known]
    return (Chart(finding, caption, finding, *(plots.draw_hours(shown, width) for width in WIDTHS)),)


def _hour_name(hour: HourOfWeek) -> str:
    """Mon 09:00, the day by its name in the reader's language."""
    return f"{_(DAYS[hour.name[:3]])}{hour.name[3:]}"


def _hours_table(numbers: Numbers) -> tuple[Grid, ...]:
    hours = numbers.report.response.hours
    is_kept_known = any(hour.kept.known for hour in hours)
    kept = (Heading(_("Called in time"), "promise_kept"),) if is_kept_known else ()
    head = (
        Heading(_("Hour"), is_figure=False),
        Heading(_("Leads")),
        Heading(_("Median time to first call"), "first_attempt"),
        *kept,
    )
    rows = [
        (_hour_name(hour), None, _hour_numbers(place, numbers)[: len(head) - 1]) for place, hour in enumerate(hours)
    ]
    return (grid(_("Response by hour of the week"), head, rows),) if rows else ()


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
    waits = [plots.Wait(_wait_label(bar), bar.raw.value or 0.0, *_ends(bar)) for bar in bars]
    how = _(
        "Hollow: the share that won, as it came; agents call the promising leads first. Filled: the share that all "
        "leads would have won at this wait, %(alike)s, with its 95 %% interval.",
        alike=_alike(speed),
    )
    caption = f"{how} {said(OBSERVATIONAL)}"
    alt = "; ".join(_("%(wait)s: %(share)s as it looks", wait=wait.label, share=share(wait.raw)) for wait in waits)
    return (Chart(_finding(speed), caption, alt, *(plots.draw_waits(waits, width) for width in WIDTHS)),)


def _finding(speed: Speed) -> str:
    """What the chart shows: the adjusted difference, never the one as it looks."""
    adjusted = speed.adjusted.value
    if adjusted is None:
        return _("Whether calling sooner wins more leads cannot be told")
    template = MORE if adjusted >= 0 else LESS
    return _(
        template,
        so_far=_(SO_FAR[speed.verdict]),
        alike=_alike(speed),
        limit=working_time(speed.limit),
        points=one_decimal(100 * abs(adjusted)),
    )


def _alike(speed: Speed) -> str:
    """What the leads that are compared have in common, within a sentence."""
    return said(basis_in_words(speed.by_fields).lower())


def _ends(bar: SpeedBar) -> tuple[float | None, float | None, float | None]:
    return bar.adjusted.value, bar.adjusted.low, bar.adjusted.high


def _wait_label(bar: SpeedBar) -> str:
    if bar.up_to is None:
        return _("later")
    if bar.up_to < 60:
        return _("%(minutes)s min", minutes=whole(bar.up_to))
    return _("%(hours)s h", hours=localise(f"{bar.up_to / 60:.3g}"))


def _speed(numbers: Numbers) -> Grid:
    lines: tuple[tuple[str, Find, Told], ...] = (
        (
            _("Difference %(alike)s, in points", alike=_alike(numbers.report.response.speed)),
            lambda report: report.response.speed.adjusted,
            points,
        ),
        (_("The same, allowing for a hidden reason"), lambda report: report.response.speed.allowing_hidden, points),
        (_("Wins that the delay cost"), lambda report: report.response.speed.wins_lost, whole),
        (_("Difference as it looks, in points"), lambda report: report.response.speed.raw, points),
        (_("Called within the limit: won"), lambda report: report.response.speed.soon, share),
        (_("Called later: won"), lambda report: report.response.speed.later, share),
    )
    told = [(name, numbers.of(find, told)) for name, find, told in lines]
    return listing(_("Winning and speed, observational"), told)
