"""Conversion by week and group: the report in, a part of the weekly page out."""

from collections.abc import Sequence

from analytics.conversion import Conversion
from serving.pages import words
from serving.pages.weekly import charts
from serving.pages.weekly.numbers import Numbers, share, whole
from serving.pages.weekly.places import day, leads_of
from serving.pages.weekly.tables import Column, tables
from serving.pages.weekly.views import Chart, Section

COLUMNS = (
    Column("Leads", "arrived", whole),
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
    grids = tables("Conversion", "conversion.tables", found.tables, windows.after, COLUMNS, numbers)
    weeks = [week for week in map(_week, found.weeks) if week]
    return Section(
        "conversion",
        "Conversion by week and by source",
        f"by week, leads since {day(windows.since.start)}; by source, {leads_of(windows.after)}",
        (),
        charts=(_weeks(weeks),) if len(weeks) > 1 else (),
        grids=grids[:1],
        folded=grids[1:],
    )


def _week(week: Conversion) -> charts.Week | None:
    is_expected = week.young > week.matured
    found, monday = (week.expected if is_expected else week.rate), week.name[0]
    if found.value is None or monday is None:
        return None
    return charts.Week(monday, found.value, found.low, found.high, is_expected)


def _weeks(weeks: Sequence[charts.Week]) -> Chart:
    counted, expected = ([week for week in weeks if week.is_expected is kind] for kind in (False, True))
    finding = f"{words.count(len(counted), 'week')} counted, {len(expected)} too young to tell and expected"
    caption = (
        "Filled: conversion of the leads that arrived in the week, with its 95 % interval. Hollow: most of the week's "
        "leads are younger than the horizon, and this is what their scores expect."
    )
    alt = "; ".join(
        f"week of {week.monday}: {share(week.value)}{' expected' if week.is_expected else ''}" for week in weeks
    )
    return Chart(finding, caption, alt, *(charts.draw_weeks(weeks, width) for width in charts.WIDTHS))
