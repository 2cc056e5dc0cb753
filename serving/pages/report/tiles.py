"""The four metrics, each with the numbers that explain it, of one window a tile.

How they changed between the periods stands in the tables below, whose windows are others.
"""

from analytics.cost.costs import Cost
from analytics.report import Report
from analytics.report.cost import CostSection
from analytics.report.report import day
from serving.pages import formatting
from serving.pages.formatting import one_decimal, share, talk_time, whole, working_time
from serving.pages.report.numbers import Number, Numbers, Told, leads_of
from serving.pages.report.tables import are_qualified_counted
from serving.pages.report.views import Line, Tile
from serving.pages.views import Link


def four_metrics(numbers: Numbers) -> tuple[Tile, ...]:
    """Conversion, speed, cost and quality of conversations."""
    return _conversion(numbers), _speed(numbers), _cost(numbers), _conversations(numbers)


def money_in(currency: str) -> Told:
    """Told as money of the company: 1,234 EUR."""
    return lambda amount: f"{formatting.money(amount)} {currency}".strip()


def _conversion(numbers: Numbers) -> Tile:
    report = numbers.report
    windows, found = report.windows, report.conversion.whole
    won = _link(f"{found.won:,} won", numbers.places.behind(windows.after, outcome="won"))
    untried = _link("list them", numbers.places.behind(windows.after, tried="no"))
    return Tile(
        "Conversion",
        Line("Conversion from lead to customer", numbers.of(lambda report: report.conversion.whole.rate, share), won),
        (
            Line("before", numbers.of(lambda report: report.change.before, share)),
            Line(
                "expected of the leads too young to tell",
                numbers.of(lambda report: report.conversion.whole.expected, share),
                _link(formatting.count(windows.young.leads, "lead"), numbers.places.behind(windows.young)),
            ),
            Line(
                "never tried, of all that matured",
                numbers.of(lambda report: report.conversion.whole.never_tried, share),
                untried,
            ),
        ),
        _matured(report),
    )


def _matured(report: Report) -> str:
    after = report.windows.after
    young = after.leads - after.matured
    left = f"; {young:,} are too young to tell" if young else ""
    return f"{leads_of(after)}{left}"


def _speed(numbers: Numbers) -> Tile:
    lately = numbers.report.windows.lately
    return Tile(
        "Speed",
        Line(
            "Median time to first call", numbers.of(lambda report: report.response.whole.attempt_median, working_time)
        ),
        (
            Line(
                "90 % called within", numbers.of(lambda report: report.response.whole.attempt_ninetieth, working_time)
            ),
            Line(
                "median time to first conversation",
                numbers.of(lambda report: report.response.whole.conversation_median, working_time),
            ),
            Line("promise kept", numbers.of(lambda report: report.response.whole.kept, share)),
        ),
        f"{leads_of(lately)}; working time",
    )


def _cost(numbers: Numbers) -> Tile:
    report = numbers.report
    told = money_in(report.currency)
    if report.cost.whole is None:
        chief = Line("Cost of a customer", Number("cost.whole", None, formatting.DASH, "", "not known", None))
        return Tile("Cost", chief, (), spend_days(report.cost))
    per_qualified = Line(
        "cost of a qualified lead (A or B), all days", numbers.of(lambda report: whole_cost(report).per_qualified, told)
    )
    qualified = (per_qualified,) if are_qualified_counted(report) else ()
    return Tile(
        "Cost",
        Line("Cost of a customer", numbers.of(lambda report: whole_cost(report).per_win, told)),
        (
            Line("from the spend of matured days", numbers.of(lambda report: whole_cost(report).matured_spend, told)),
            Line("and the customers it brought", numbers.of(lambda report: whole_cost(report).wins, whole)),
            Line(
                "expected of the leads too young to tell",
                numbers.of(lambda report: whole_cost(report).per_expected_win, told),
            ),
            Line("from the spend of young days", numbers.of(lambda report: whole_cost(report).young_spend, told)),
            *qualified,
            Line("spend of all days", numbers.of(lambda report: whole_cost(report).spend, told)),
        ),
        spend_days(report.cost),
    )


def _conversations(numbers: Numbers) -> Tile:
    return Tile(
        "Conversations",
        Line(
            "Leads reached, of those an agent tried", numbers.of(lambda report: report.conversations.whole.reach, share)
        ),
        (
            Line(
                "attempts for each of these",
                numbers.of(lambda report: report.conversations.whole.attempts, one_decimal),
            ),
            Line(
                "talk time for each lead reached",
                numbers.of(lambda report: report.conversations.whole.talk_s, talk_time),
            ),
            Line("follow-ups kept", numbers.of(lambda report: report.conversations.whole.follow_up_kept, share)),
            Line(
                "lost leads with a reason", numbers.of(lambda report: report.conversations.whole.reasons_filled, share)
            ),
        ),
        leads_of(numbers.report.windows.lately),
    )


def whole_cost(report: Report) -> Cost:
    """The cost of all leads together, for reports that know it."""
    if report.cost.whole is None:
        raise ValueError("this report knows no cost")
    return report.cost.whole


def spend_days(cost: CostSection) -> str:
    """Which spend is counted."""
    if cost.first is None or cost.last is None:
        return cost.note or "no spend is recorded"
    return f"spend from {day(cost.first)} to {day(cost.last)}"


def _link(text: str, url: str | None) -> Link | None:
    return Link(text, url) if url else None
