"""The weekly page's part about cost, and where the next money would go."""

from functools import partial

from analytics.cost.costs import Cost
from analytics.report import Report
from analytics.report.compared import Compared, CostCompared
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.formatting import two_digits, whole
from serving.pages.lines import first_upper
from serving.pages.report import intervals
from serving.pages.report.compared import Pair, as_amounts, compared_grid
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Numbers, Told, named
from serving.pages.report.said import said
from serving.pages.report.tables import Column, Tables, are_qualified_counted
from serving.pages.report.tiles import spend_days, whole_cost
from serving.pages.report.views import Chart, Grid, Section

MOST_CANDIDATES = 8
COLUMNS: tuple[Column[Cost], ...] = (
    Column(mark("Spend, matured days"), lambda row: row.matured_spend, formatting.money),
    Column(mark("Won of these days"), lambda row: row.wins, whole),
    Column(mark("Cost of a customer"), lambda row: row.per_win, formatting.money),
    Column(mark("Spend, young days"), lambda row: row.young_spend, formatting.money),
    Column(mark("Expected of these days"), lambda row: row.expected_wins, whole),
    Column(mark("Cost of an expected customer"), lambda row: row.per_expected_win, formatting.money),
)
ALL_DAYS: tuple[Column[Cost], ...] = (
    Column(mark("Spend"), lambda row: row.spend, formatting.money),
    Column(mark("Leads"), lambda row: row.leads, whole),
)
QUALIFIED: tuple[Column[Cost], ...] = (
    Column(mark("Of grade A or B"), lambda row: row.qualified, whole),
    Column(mark("Cost of a qualified lead"), lambda row: row.per_qualified, formatting.money),
)


def _compared(numbers: Numbers) -> Grid:
    report = numbers.report
    found = report.cost.compared
    pairs: list[Pair[CostCompared]] = [
        as_amounts(mark("Cost of a customer"), lambda part: part.per_win, _beside(found.per_win, report.currency))
    ]
    if are_qualified_counted(report):
        told = _beside(found.per_qualified, report.currency)
        pairs.append(as_amounts(mark("Cost of a qualified lead"), lambda part: part.per_qualified, told))
    return compared_grid(mark("Cost, before and after"), lambda report: report.cost.compared, pairs, numbers)


def _beside(found: Compared, currency: str) -> Told:
    """Both periods' money and its difference at one precision."""
    told = formatting.money_beside(found.before.value, found.after.value)
    return lambda amount: f"{told(amount)} {currency}".strip()


def cost_section(numbers: Numbers) -> Section:
    """What a customer costs, and where the next money would bring most."""
    report = numbers.report
    cost = report.cost
    tables = partial(Tables[Cost], tables=lambda report: report.cost.tables, whole=whole_cost if cost.whole else None)
    grids = tables(mark("Cost of a customer"), window=report.windows.since, columns=COLUMNS).grids(numbers)
    columns = (*ALL_DAYS, *(QUALIFIED if are_qualified_counted(report) else ()))
    all_days = tables(mark("Spend of all days"), window=report.windows.since, columns=columns).grids(numbers)
    note = f"{first_upper(said(cost.note))}." if cost.note else ""
    says = tuple(text for text in (said(cost.budget_words), _unpaid(report), note) if text)
    days = spend_days(cost)
    over = _("%(days)s, in %(currency)s", days=days, currency=report.currency) if report.currency else days
    return Section(
        "cost",
        _("What a customer costs, and where the next money would go"),
        over,
        says,
        charts=_budget(report),
        grids=grids[:1],
        folded=(_compared(numbers), *grids[1:], *all_days) if cost.whole else (),
    )


def _unpaid(report: Report) -> str:
    """The leads for which no money is on record, and that count in no cost."""
    together = report.cost.whole
    if together is None or not together.unpaid_leads:
        return ""
    return ngettext(
        "%(num)s lead, of which %(won)s matured and became customers, came from campaigns or sources without spend on "
        "record: they count in no cost of others.",
        "%(num)s leads, of which %(won)s matured and became customers, came from campaigns or sources without spend on "
        "record: they count in no cost of others.",
        together.unpaid_leads,
        won=whole(together.unpaid_wins),
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
    finding = _(
        "%(campaign)s brought most wins for the same money, %(wins)s; there is a %(chance)s chance that it is "
        "really the best of the %(candidates)s",
        campaign=named(rows[0].name),
        wins=two_digits(rows[0].wins.value or 0.0),
        candidates=len(candidates),
        chance=best,
    )
    which = _("The %(shown)s of %(candidates)s with most wins are shown.", shown=len(rows), candidates=len(candidates))
    how = _(
        "Wins, counted or expected, that the same money brought on average, a campaign with few drawn toward "
        "its source, with 95 % intervals; behind each name the chance that it is the best. A suggestion: the next "
        "money may reach other leads."
    )
    caption = f"{which} {how}" if len(rows) < len(candidates) else how
    alt = "; ".join(_("%(name)s: %(wins)s wins", name=span.label, wins=two_digits(span.value)) for span in spans)
    reach = (0.0, max(x for span in spans for x in (span.value, span.high) if x is not None))
    money = f"{formatting.money(rows[0].money)} {report.currency}".strip()
    axis = _("wins for each %(money)s spent", money=money)
    drawn = (intervals.draw_spans(spans, axis, reach, width, in_points=False) for width in WIDTHS)
    return (Chart(finding, caption, alt, *drawn),)
