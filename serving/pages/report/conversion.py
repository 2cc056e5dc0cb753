"""The weekly page's part about conversion by week and group."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from analytics.conversion import Conversion
from analytics.report.report import day
from language.dates import calendar_day
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages.formatting import share, whole
from serving.pages.report import plots
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Numbers, leads_of
from serving.pages.report.tables import AS_REFERENCE, Column, Tables, unshown_grades
from serving.pages.report.views import Chart, Section

WEEK = timedelta(days=7)
COLUMNS: tuple[Column[Conversion], ...] = (
    Column(mark("Matured"), lambda row: row.matured, whole),
    Column(mark("Won"), lambda row: row.won, whole),
    Column(mark("Conversion"), lambda row: row.rate, share),
    Column(mark("Never called"), lambda row: row.never_tried, share),
)
YOUNG: tuple[Column[Conversion], ...] = (
    Column(mark("Too young to tell"), lambda row: row.young, whole),
    Column(mark("Won already"), lambda row: row.won_so_far, whole),
    Column(mark("Expected of these"), lambda row: row.expected, share),
)


def conversion_section(numbers: Numbers) -> Section:
    """Conversion by week and group; of the young, what is expected."""
    windows, found = numbers.report.windows, numbers.report.conversion
    unlisted = "grade" if found.grades_by == "reference" else ""
    tables = partial(
        Tables[Conversion],
        tables=lambda report: report.conversion.tables,
        whole=lambda report: report.conversion.whole,
        unlisted=unlisted,
        graded=AS_REFERENCE if unlisted else "",
        unshown=unshown_grades(numbers.report),
    )
    matured = _("matured leads among %(leads)s", leads=leads_of(windows.after))
    grids = tables(mark("Conversion"), window=windows.after, columns=COLUMNS, base=matured).grids(numbers)
    young = tables(mark("Expected"), window=windows.young, columns=YOUNG, base=leads_of(windows.young)).grids(numbers)
    weeks = _matured_weeks(numbers)
    return Section(
        "conversion",
        _("Conversion by week and by source"),
        _(
            "by week, matured leads since %(start)s; by source, %(leads)s; expected of %(young)s",
            start=day(windows.since.start),
            leads=leads_of(windows.after),
            young=leads_of(windows.young),
        ),
        (_conversion_sentence(numbers),),
        charts=(_weeks(weeks, numbers),) if len(weeks) > 1 else (),
        grids=grids[:1],
        folded=(*grids[1:], *young),
    )


def _conversion_sentence(numbers: Numbers) -> str:
    all_leads = numbers.report.conversion.whole
    rate = numbers.of(lambda report: report.conversion.whole.rate, share)
    expected = numbers.of(lambda report: report.conversion.whole.expected, share)
    counted = ngettext(
        "%(won)s of %(num)s lead won: %(rate)s (%(interval)s).",
        "%(won)s of %(num)s leads won: %(rate)s (%(interval)s).",
        all_leads.matured,
        won=whole(all_leads.won),
        rate=rate.text,
        interval=rate.interval,
    )
    if not expected.known:
        return counted if rate.known else _("Nothing can be counted yet: %(why)s.", why=rate.reason)
    young = ngettext(
        "Of the %(num)s lead too young to tell, their scores expect %(share)s (%(interval)s) to be won.",
        "Of the %(num)s leads too young to tell, their scores expect %(share)s (%(interval)s) to be won.",
        all_leads.young,
        share=expected.text,
        interval=expected.interval,
    )
    return f"{counted if rate.known else ''} {young}".strip()


def _matured_weeks(numbers: Numbers) -> list[plots.Week]:
    """The weeks of the window all of whose days, and so all of whose leads, are in it and older than the horizon."""
    matured = numbers.report.as_of - timedelta(days=numbers.report.horizon_days)
    found = []
    for week in numbers.report.conversion.weeks:
        monday, rate = week.name[0], week.rate
        if monday is None or rate.value is None:
            continue
        begins = datetime.fromisoformat(f"{monday}T00:00Z")
        if numbers.report.windows.since.start <= begins and begins + WEEK <= matured:
            found.append(plots.Week(monday, rate.value, rate.low, rate.high))
    return found


def _weeks(weeks: Sequence[plots.Week], numbers: Numbers) -> Chart:
    rate = numbers.of(lambda report: report.conversion.whole.rate, share)
    expected = numbers.of(lambda report: report.conversion.whole.expected, share)
    finding = _("%(rate)s of the leads that matured won", rate=rate.text)
    if expected.known:
        young = _("of those too young to tell, %(expected)s is expected", expected=expected.text)
        finding = f"{finding}; {young}"
    caption = _(
        "Each point is the conversion of the leads that arrived in a week, under its Monday, with its 95 % interval. "
        "Only whole weeks are shown, and only those whose leads are all older than the horizon."
    )
    alt = "; ".join(
        _(
            "week of %(monday)s: %(share)s",
            monday=calendar_day(date.fromisoformat(week.monday)),
            share=share(week.value),
        )
        for week in weeks
    )
    return Chart(finding, caption, alt, *(plots.draw_weeks(weeks, width) for width in WIDTHS))
