"""The weekly page's part about conversion by week and group."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from analytics.conversion import Conversion
from analytics.report.report import day
from serving.pages import formatting
from serving.pages.formatting import share, whole
from serving.pages.report import plots
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Numbers, leads_of
from serving.pages.report.tables import AS_REFERENCE, Column, Tables, unshown_grades
from serving.pages.report.views import Chart, Section

WEEK = timedelta(days=7)
COLUMNS: tuple[Column[Conversion], ...] = (
    Column("Matured", lambda row: row.matured, whole),
    Column("Won", lambda row: row.won, whole),
    Column("Conversion", lambda row: row.rate, share),
    Column("Never tried", lambda row: row.never_tried, share),
)
YOUNG: tuple[Column[Conversion], ...] = (
    Column("Too young to tell", lambda row: row.young, whole),
    Column("Won already", lambda row: row.won_so_far, whole),
    Column("Expected of these", lambda row: row.expected, share),
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
    matured = f"matured leads among {leads_of(windows.after)}"
    grids = tables("Conversion", window=windows.after, columns=COLUMNS, base=matured).grids(numbers)
    young = tables("Expected", window=windows.young, columns=YOUNG, base=leads_of(windows.young)).grids(numbers)
    weeks = _matured_weeks(numbers)
    return Section(
        "conversion",
        "Conversion by week and by source",
        f"by week, matured leads since {day(windows.since.start)}; by source, {leads_of(windows.after)}; "
        f"expected of {leads_of(windows.young)}",
        (_conversion_sentence(numbers),),
        charts=(_weeks(weeks, numbers),) if len(weeks) > 1 else (),
        grids=grids[:1],
        folded=(*grids[1:], *young),
    )


def _conversion_sentence(numbers: Numbers) -> str:
    whole = numbers.report.conversion.whole
    rate = numbers.of(lambda report: report.conversion.whole.rate, share)
    expected = numbers.of(lambda report: report.conversion.whole.expected, share)
    counted = f"{whole.won:,} of {formatting.count(whole.matured, 'lead')} won: {rate.text} ({rate.interval})."
    if not expected.known:
        return counted if rate.known else f"Nothing can be counted yet: {rate.reason}."
    among = f"Of the {formatting.count(whole.young, 'lead')} too young to tell"
    young = f"{among}, their scores expect {expected.text} ({expected.interval}) to be won."
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
    young = f"; of those too young to tell, {expected.text} is expected" if expected.known else ""
    finding = f"{rate.text} of the leads that matured won{young}"
    caption = (
        "Each point is the conversion of the leads that arrived in a week, under its Monday, with its 95 % interval. "
        "Only whole weeks are shown, and only those whose leads are all older than the horizon."
    )
    alt = "; ".join(f"week of {week.monday}: {share(week.value)}" for week in weeks)
    return Chart(finding, caption, alt, *(plots.draw_weeks(weeks, width) for width in WIDTHS))
