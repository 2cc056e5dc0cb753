"""The four numbers of the first screen: the later period's beside the earlier's, and whether that is a change."""

from collections.abc import Callable

from analytics.mix.verdict import Verdict, verdict
from analytics.report import Report
from analytics.report.compared import Compared
from language.text import gettext as _
from language.text import mark
from serving.pages.formatting import share
from serving.pages.report.compared import CLEAR, EDGE, NOISE, clarity_of
from serving.pages.report.numbers import Numbers, Told
from serving.pages.report.tiles import cost_of, time_of
from serving.pages.report.views import KeyFigure

SAID = {
    CLEAR: mark("a clear change"),
    EDGE: mark("a borderline change"),
    NOISE: mark("no clear change"),
    str(Verdict.UNKNOWN): mark("not comparable yet"),
    "": mark("not comparable yet"),
}


def key_figures(numbers: Numbers) -> tuple[KeyFigure, ...]:
    """Conversion, speed, cost and reach, all of the two periods' leads."""
    report = numbers.report
    change, in_time, in_money = report.change, time_of(report), cost_of(report)
    return (
        KeyFigure(
            _("Conversion from lead to customer"),
            numbers.of(lambda report: report.change.after, share),
            numbers.of(lambda report: report.change.before, share),
            _(SAID[str(verdict(change.total, change.p_value))]),
        ),
        _figure(_("Median time to first call"), lambda of: of.response.compared.attempt_median, in_time, numbers),
        _figure(_("Cost of a customer"), lambda of: of.cost.compared.per_win, in_money, numbers),
        _figure(_("Leads reached, of those called"), lambda of: of.conversations.compared.reach, share, numbers),
    )


def _figure(name: str, find: Callable[[Report], Compared], told: Told, numbers: Numbers) -> KeyFigure:
    found = find(numbers.report)
    return KeyFigure(
        name,
        numbers.of(lambda report: find(report).after, told),
        numbers.of(lambda report: find(report).before, told),
        _(SAID[clarity_of(found)]),
    )
