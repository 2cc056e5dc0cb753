"""The four metrics, each with the numbers that explain it: of the later period, as the four numbers further up.

How the newest leads were worked, which are too young to have matured, stands in the parts below.
"""

from analytics.cost.costs import Cost
from analytics.report import Report
from analytics.report.cost import CostSection
from analytics.report.report import day
from language.text import gettext as _
from language.text import ngettext
from serving.pages import formatting
from serving.pages.formatting import one_decimal, share, talk_time, whole, working_time
from serving.pages.report.numbers import Numbers, Told, leads_of
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


def time_of(report: Report) -> Told:
    """How the two periods' median times are told beside each other."""
    median = report.response.compared.attempt_median
    return formatting.working_time_beside(median.before.value, median.after.value)


def cost_of(report: Report) -> Told:
    """How the two periods' costs of a customer are told beside each other."""
    per_win = report.cost.compared.per_win
    told = formatting.money_beside(per_win.before.value, per_win.after.value)
    return lambda amount: f"{told(amount)} {report.currency}".strip()


def _speed(numbers: Numbers) -> Tile:
    in_time = time_of(numbers.report)
    return Tile(
        _("Speed"),
        Line(
            _("Median time to first call"),
            numbers.of(lambda report: report.response.compared.attempt_median.after, in_time),
        ),
        (
            Line(_("before"), numbers.of(lambda report: report.response.compared.attempt_median.before, in_time)),
            Line(
                _("90 % called within"),
                numbers.of(lambda report: report.response.compared.attempt_ninetieth.after, working_time),
            ),
            Line(
                _("median time to first conversation"),
                numbers.of(lambda report: report.response.compared.conversation_median.after, working_time),
            ),
            Line(_("called in time"), numbers.of(lambda report: report.response.compared.kept.after, share)),
        ),
        _("%(leads)s; working time", leads=leads_of(numbers.report.windows.after)),
    )


def _cost(numbers: Numbers) -> Tile:
    report = numbers.report
    told, beside = money_in(report.currency), cost_of(report)
    chief = Line(_("Cost of a customer"), numbers.of(lambda report: report.cost.compared.per_win.after, beside))
    before = Line(_("before"), numbers.of(lambda report: report.cost.compared.per_win.before, beside))
    if report.cost.whole is None:
        return Tile(_("Cost"), chief, (), spend_days(report.cost))
    per_qualified = Line(
        _("cost of a qualified lead (A or B), all days"),
        numbers.of(lambda report: whole_cost(report).per_qualified, told),
    )
    qualified = (per_qualified,) if are_qualified_counted(report) else ()
    return Tile(
        _("Cost"),
        chief,
        (
            before,
            Line(
                _("cost of a customer, all matured days"), numbers.of(lambda report: whole_cost(report).per_win, told)
            ),
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
        _("%(leads)s; all days: %(days)s", leads=leads_of(report.windows.after), days=spend_days(report.cost)),
    )


def _conversations(numbers: Numbers) -> Tile:
    return Tile(
        _("Conversations"),
        Line(
            _("Leads reached, of those called"),
            numbers.of(lambda report: report.conversations.compared.reach.after, share),
        ),
        (
            Line(_("before"), numbers.of(lambda report: report.conversations.compared.reach.before, share)),
            Line(
                _("calls for each of these"),
                numbers.of(lambda report: report.conversations.compared.attempts.after, one_decimal),
            ),
            Line(
                _("talk time for each lead reached"),
                numbers.of(lambda report: report.conversations.compared.talk_s.after, talk_time),
            ),
            Line(
                _("follow-ups kept"),
                numbers.of(lambda report: report.conversations.compared.follow_up_kept.after, share),
            ),
            Line(
                _("lost leads with a reason"),
                numbers.of(lambda report: report.conversations.compared.reasons_filled.after, share),
            ),
        ),
        leads_of(numbers.report.windows.after),
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
