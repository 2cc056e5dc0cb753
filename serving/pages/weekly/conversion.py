"""Conversion by week and group: the report in, a part of the weekly page out."""

from collections.abc import Sequence

from analytics.conversion import Conversion
from serving.pages import words
from serving.pages.weekly import plots
from serving.pages.weekly.drawing import WIDTHS
from serving.pages.weekly.numbers import Numbers, share, whole
from serving.pages.weekly.places import day, leads_of
from serving.pages.weekly.tables import Column, Tables
from serving.pages.weekly.views import Chart, Section

COLUMNS = (
    Column("Matured", "matured", whole),
    Column("Won", "won", whole),
    Column("Conversion", "rate", share, "conversion"),
    Column("Never tried", "never_tried", share, "never_tried"),
    Column("Too young to tell", "young", whole),
    Column("Expected of these", "expected", share, "expected_conversion"),
)


def conversion_section(numbers: Numbers) -> Section:
    """Conversion by week and group; of the young, what is expected."""
    windows, found = numbers.report.windows, numbers.report.conversion
    unlisted = "grade" if found.grades_by == "reference" else ""
    grids = Tables("Conversion", "conversion.tables", "conversion.whole", windows.after, COLUMNS, unlisted=unlisted).of(
        found.tables, numbers
    )
    weeks = [week for week in map(_week, found.weeks) if week]
    return Section(
        "conversion",
        "Conversion by week and by source",
        f"by week, leads since {day(windows.since.start)}; by source, {leads_of(windows.after)}",
        (_told(numbers),),
        charts=(_weeks(weeks, numbers),) if len(weeks) > 1 else (),
        grids=grids[:1],
        folded=grids[1:],
    )


def _told(numbers: Numbers) -> str:
    whole = numbers.report.conversion.whole
    rate, expected = (numbers.at(f"conversion.whole.{name}", share) for name in ("rate", "expected"))
    counted = f"{whole.won:,} of {words.count(whole.matured, 'lead')} won: {rate.text} ({rate.interval})."
    if not expected.known:
        return counted if rate.known else f"Nothing can be counted yet: {rate.reason}."
    among = f"Of the {words.count(whole.young, 'lead')} too young to tell"
    young = f"{among}, their scores expect {expected.text} ({expected.interval}) to be won."
    return f"{counted if rate.known else ''} {young}".strip()


def _week(week: Conversion) -> plots.Week | None:
    is_expected = week.young > week.matured
    found, monday = (week.expected if is_expected else week.rate), week.name[0]
    if found.value is None or monday is None:
        return None
    return plots.Week(monday, found.value, found.low, found.high, is_expected)


def _weeks(weeks: Sequence[plots.Week], numbers: Numbers) -> Chart:
    rate, expected = (numbers.at(f"conversion.whole.{name}", share) for name in ("rate", "expected"))
    young = f"; of those too young to tell, {expected.text} is expected" if expected.known else ""
    finding = f"{rate.text} of the leads that matured won{young}"
    caption = (
        "Filled: conversion of the leads that arrived in the week, with its 95 % interval. Hollow: most of the week's "
        "leads are younger than the horizon, and this is what their scores expect."
    )
    alt = "; ".join(
        f"week of {week.monday}: {share(week.value)}{' expected' if week.is_expected else ''}" for week in weeks
    )
    return Chart(finding, caption, alt, *(plots.draw_weeks(weeks, width) for width in WIDTHS))
