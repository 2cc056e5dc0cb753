"""The weekly page's year: how good the leads of each month were, and what became of them beyond that."""

from collections.abc import Callable, Sequence

from analytics.report.trend import Trend, TrendPoint
from language.dates import write_date
from language.text import gettext as _
from language.text import ngettext
from serving.pages.formatting import points, share, whole
from serving.pages.report.drawing import WIDTHS, Side
from serving.pages.report.numbers import Number, Numbers
from serving.pages.report.said import said
from serving.pages.report.trend_plot import PeriodValue, draw_trend
from serving.pages.report.views import Chart, Grid, Heading, Section, grid
from stats.estimates import Estimate

ANCHOR = "trend"


def trend_section(numbers: Numbers) -> Section:
    """Both series as charts, and with conversion as a table."""
    trend = numbers.report.trend
    title = _("The last year by month") if trend.step == "month" else _("The last months by week")
    if not trend.points:
        return Section(ANCHOR, title, "", (_("Nothing can be told yet: %(why)s.", why=said(trend.why)),))
    leads = sum(point.leads for point in trend.points)
    over = ngettext("%(num)s matured lead", "%(num)s matured leads", leads)
    return Section(ANCHOR, title, over, (), charts=(_quality(trend), _handling(trend)), folded=(_table(numbers),))


def _quality(trend: Trend) -> Chart:
    caption = _(
        "How many customers in 100 leads of a month one model expects by their fields, with 95 % intervals. The same "
        "model judges the whole year, so months can be compared. Of twelve alike, one lies off by chance in nearly "
        "every second year: look at the run of the points."
    )
    return _chart(
        _("Quality of the leads that arrived"), caption, trend, lambda point: point.quality, share, "marketing"
    )


def _handling(trend: Trend) -> Chart:
    caption = _(
        "How many more customers in 100 leads came than the model expects, with 95 % intervals: how leads were "
        "worked, plus any quality our fields don't capture. Around 0 a month is as the year."
    )
    return _chart(_("Handling"), caption, trend, lambda point: point.handling, points, "sales")


def _chart(
    name: str,
    caption: str,
    trend: Trend,
    of: Callable[[TrendPoint], Estimate],
    told: Callable[[float], str],
    side: Side,
) -> Chart:
    shown = [_period_value(point, of(point), trend.step) for point in trend.points]
    low, high = (chosen(shown, key=lambda one: one.value) for chosen in (min, max))
    finding = _(
        "%(name)s: between %(low)s (%(low_when)s) and %(high)s (%(high_when)s)",
        name=name,
        low=told(low.value),
        low_when=low.label,
        high=told(high.value),
        high_when=high.label,
    )
    alt = "; ".join(f"{one.label}: {told(one.value)}" for one in shown)
    axis = _("customers in 100 leads") if side == "marketing" else _("points")
    return Chart(finding, caption, alt, *(draw_trend(shown, axis, side, width) for width in WIDTHS))


def _period_value(point: TrendPoint, found: Estimate, step: str) -> PeriodValue:
    return PeriodValue(_label(point, step), found.value or 0.0, found.low or 0.0, found.high or 0.0)


def _label(point: TrendPoint, step: str) -> str:
    """Its month, or the Monday of its week."""
    return write_date(point.start, "LLL yyyy" if step == "month" else "d MMM")


def _table(numbers: Numbers) -> Grid:
    trend = numbers.report.trend
    head = (
        Heading(_("Month") if trend.step == "month" else _("Week"), is_figure=False),
        Heading(_("Leads")),
        Heading(_("Conversion"), "conversion"),
        Heading(_("Quality"), "quality_over_time"),
        Heading(_("Handling, points"), "handling_over_time"),
    )
    rows = [(_label(point, trend.step), None, _period_row(place, numbers)) for place, point in enumerate(trend.points)]
    return grid(_("Conversion, and its two parts"), head, rows)


def _period_row(place: int, numbers: Numbers) -> Sequence[Number]:
    return [
        numbers.of(lambda report: report.trend.points[place].leads, whole),
        numbers.of(lambda report: report.trend.points[place].conversion, share),
        numbers.of(lambda report: report.trend.points[place].quality, share),
        numbers.of(lambda report: report.trend.points[place].handling, points),
    ]
