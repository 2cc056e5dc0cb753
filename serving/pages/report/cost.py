"""Cost, and where the next money would go: the report in, a part of the weekly page out."""

from functools import partial

from analytics.report import Report
from serving.pages import formatting
from serving.pages.report import intervals
from serving.pages.report.compared import as_amounts, compared_grid
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.grades import are_qualified_counted
from serving.pages.report.numbers import Numbers, whole
from serving.pages.report.places import named
from serving.pages.report.tables import Column, Tables
from serving.pages.report.tiles import money_in, spend_days
from serving.pages.report.views import Chart, Grid, Section

MOST_CANDIDATES = 8
COLUMNS = (
    Column("Spend, matured days", "matured_spend", formatting.money),
    Column("Won of these days", "wins", whole),
    Column("Cost of a customer", "per_win", formatting.money, "cac"),
    Column("Spend, young days", "young_spend", formatting.money),
    Column("Expected of these days", "expected_wins", whole),
    Column("Cost of an expected customer", "per_expected_win", formatting.money, "expected_cac"),
)
ALL_DAYS = (
    Column("Spend", "spend", formatting.money, "spend"),
    Column("Leads", "leads", whole),
)
QUALIFIED = (
    Column("Of grade A or B", "qualified", whole),
    Column("Cost of a qualified lead", "per_qualified", formatting.money, "cost_per_qualified_lead"),
)


def _compared(numbers: Numbers) -> Grid:
    told = money_in(numbers.report.currency)
    pairs = [as_amounts("Cost of a customer", "per_win", told)]
    if are_qualified_counted(numbers.report):
        pairs.append(as_amounts("Cost of a qualified lead", "per_qualified", told))
    return compared_grid("Cost, before and after", "cost", pairs, numbers)


def cost_section(numbers: Numbers) -> Section:
    """What a customer costs, and where the next money would bring most."""
    report = numbers.report
    cost = report.cost
    tables = partial(Tables, path="cost.tables", whole="cost.whole" if cost.whole else None)
    grids = tables("Cost of a customer", window=report.windows.since, columns=COLUMNS).of(cost.tables, numbers)
    columns = (*ALL_DAYS, *(QUALIFIED if are_qualified_counted(report) else ()))
    all_days = tables("Spend of all days", window=report.windows.since, columns=columns).of(cost.tables, numbers)
    note = f"{cost.note[:1].upper()}{cost.note[1:]}." if cost.note else ""
    says = tuple(text for text in (cost.budget_words, _unpaid(report), note) if text)
    over = f"{spend_days(cost)}, in {report.currency}".removesuffix(", in ")
    return Section(
        "cost",
        "What a customer costs, and where the next money would go",
        over,
        says,
        charts=_budget(report),
        grids=grids[:1],
        folded=(_compared(numbers), *grids[1:], *all_days) if cost.whole else (),
    )


def _unpaid(report: Report) -> str:
    """The leads for which no money is on record, and that count in no cost."""
    whole = report.cost.whole
    if whole is None or not whole.unpaid_leads:
        return ""
    return (
        f"{formatting.count(whole.unpaid_leads, 'lead')}, of which {whole.unpaid_wins:,} became customers so far, "
        "came from campaigns or sources without spend on record: they count in no cost of others."
    )


def _budget(report: Report) -> tuple[Chart, ...]:
    candidates = [row for row in report.cost.budget if row.wins.value is not None]
    rows = candidates[:MOST_CANDIDATES]
    if len(rows) < 2:
        return ()
    spans = [
        intervals.Span(
            f"{named(row.name)} · {formatting.in_hundred(row.chance_best)}",
            "marketing",
            row.wins.value or 0.0,
            row.wins.low,
            row.wins.high,
        )
        for row in rows
    ]
    best = formatting.in_hundred(rows[0].chance_best)
    finding = (
        f"{named(rows[0].name)} brought most wins for the same money, {rows[0].wins.value or 0.0:.2g}; the chance that "
        f"it is really the best of the {len(candidates)} is {best}"
    )
    which = f"The {len(rows)} of {len(candidates)} with most wins are shown. " if len(rows) < len(candidates) else ""
    caption = (
        f"{which}Wins, counted or expected, that the same money brought on average, a campaign with few drawn toward "
        "its source, with 95 % intervals; behind each name the chance that it is the best. A suggestion: the next "
        "money may reach other leads."
    )
    alt = "; ".join(f"{span.label}: {span.value:.2g} wins" for span in spans)
    reach = (0.0, max(x for span in spans for x in (span.value, span.high) if x is not None))
    axis = f"wins for each {formatting.money(rows[0].money)} {report.currency}".strip() + " spent"
    drawn = (intervals.draw_spans(spans, axis, reach, width, are_points=False) for width in WIDTHS)
    return (Chart(finding, caption, alt, *drawn),)
