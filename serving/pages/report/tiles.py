"""The four metrics, each with the numbers that explain it, of one window a tile.

How they changed between the periods stands in the tables below, whose windows are others.
"""

from analytics.cost.costs import Cost
from analytics.report import Report
from analytics.report.cost import CostSection
from analytics.report.report import day
from language.text import gettext as _
from language.text import ngettext
from serving.pages import formatting
from serving.pages.formatting import one_decimal, share, talk_time, whole, working_time
from serving.pages.report.numbers import Number, Numbers, Told, leads_of
from serving.pages.report.said import said
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
    won = _link(_("%(won)s won", won=whole(found.won)), numbers.places.behind(windows.after, outcome="won"))
    untried = _link(_("list them"), numbers.places.behind(windows.after, tried="no"))
    return Tile(
        _("Conversion"),
        Line(
            _("Conversion from lead to customer"), numbers.of(lambda report: report.conversion.whole.rate, share), won
        ),
        (
            Line(_("before"), numbers.of(lambda report: report.change.before, share)),
            Line(
                _young_leads(report),
                numbers.of(lambda report: report.conversion.whole.expected, share),
                _link(formatting.lead_count(windows.young.leads), numbers.places.behind(windows.young)),
            ),
            Line(
                _("never called, of all that matured"),
                numbers.of(lambda report: report.conversion.whole.never_tried, share),
                untried,
            ),
        ),
        _matured(report),
    )


def _young_leads(report: Report) -> str:
    return _("forecast for leads under %(days)s old", days=formatting.day_count(report.horizon_days))


def _matured(report: Report) -> str:
    after = report.windows.after
    young = after.leads - after.matured
    if not young:
        return leads_of(after)
    left = ngettext("%(num)s is too young to tell", "%(num)s are too young to tell", young)
    return f"{leads_of(after)}; {left}"


def _speed(numbers: Numbers) -> Tile:
    lately = numbers.report.windows.lately
    return Tile(
        _("Speed"),
        Line(
            _("Median time to first call"),
            numbers.of(lambda report: report.response.whole.attempt_median, working_time),
        ),
        (
            Line(
                _("90 % called within"),
                numbers.of(lambda report: report.response.whole.attempt_ninetieth, working_time),
            ),
            Line(
                _("median time to first conversation"),
                numbers.of(lambda report: report.response.whole.conversation_median, working_time),
            ),
            Line(_("called in time"), numbers.of(lambda report: report.response.whole.kept, share)),
        ),
        _("%(leads)s; working time", leads=leads_of(lately)),
    )


def _cost(numbers: Numbers) -> Tile:
    report = numbers.report
    told = money_in(report.currency)
    if report.cost.whole is None:
        chief = Line(_("Cost of a customer"), Number("cost.whole", None, formatting.DASH, "", _("not known"), None))
        return Tile(_("Cost"), chief, (), spend_days(report.cost))
    per_qualified = Line(
        _("cost of a qualified lead (A or B), all days"),
        numbers.of(lambda report: whole_cost(report).per_qualified, told),
    )
    qualified = (per_qualified,) if are_qualified_counted(report) else ()
    return Tile(
        _("Cost"),
        Line(_("Cost of a customer"), numbers.of(lambda report: whole_cost(report).per_win, told)),
        (
            Line(
                _("from the spend of matured days"), numbers.of(lambda report: whole_cost(report).matured_spend, told)
            ),
            Line(_("and the customers it brought"), numbers.of(lambda report: whole_cost(report).wins, whole)),
            Line(
                _young_leads(report),
                numbers.of(lambda report: whole_cost(report).per_expected_win, told),
            ),
            Line(_("from the spend of young days"), numbers.of(lambda report: whole_cost(report).young_spend, told)),
            *qualified,
            Line(_("spend of all days"), numbers.of(lambda report: whole_cost(report).spend, told)),
        ),
        spend_days(report.cost),
    )


def _conversations(numbers: Numbers) -> Tile:
    return Tile(
        _("Conversations"),
        Line(
            _("Leads reached, of those called"),
            numbers.of(lambda report: report.conversations.whole.reach, share),
        ),
        (
            Line(
                _("calls for each of these"),
                numbers.of(lambda report: report.conversations.whole.attempts, one_decimal),
            ),
            Line(
                _("talk time for each lead reached"),
                numbers.of(lambda report: report.conversations.whole.talk_s, talk_time),
            ),
            Line(_("follow-ups kept"), numbers.of(lambda report: report.conversations.whole.follow_up_kept, share)),
            Line(
                _("lost leads with a reason"),
                numbers.of(lambda report: report.conversations.whole.reasons_filled, share),
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
        return said(cost.note) or _("no spend is recorded")
    return _("spend from %(first)s to %(last)s", first=day(cost.first), last=day(cost.last))


def _link(text: str, url: str | None) -> Link | None:
    return Link(text, url) if url else None
