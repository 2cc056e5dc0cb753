"""The whole weekly page from a report: every word and drawing made here, so that a request only fills a template."""

from analytics.metrics import CONTRACT, METRICS, Metric
from analytics.report.report import Point, Report, day, days
from language.text import gettext as _
from serving.pages import formatting
from serving.pages.report.agents import agents_section
from serving.pages.report.change import change_section, printed_figures
from serving.pages.report.conversion import conversion_section
from serving.pages.report.cost import cost_section
from serving.pages.report.drift import drift_section
from serving.pages.report.headline import headline
from serving.pages.report.key_figures import key_figures
from serving.pages.report.ledger import ledger_section
from serving.pages.report.numbers import Numbers, Places, leads_of
from serving.pages.report.response import response_section
from serving.pages.report.said import said
from serving.pages.report.sent import sent_sections
from serving.pages.report.tiles import four_metrics
from serving.pages.report.trend import trend_section
from serving.pages.report.views import Definition, Discussed, ReportView
from serving.pages.views import Link

TERMS = ("conversion", "change", "mix", "handling", "smallest_change")
"""What the answer speaks of."""


def report_view(report: Report, definitions: str, leads: str | None) -> ReportView:
    """The page; `definitions` stands before a metric's key in a link, `leads` is the list of leads if there is one."""
    places = Places(definitions, leads, report.as_of, report.horizon_days)
    numbers, windows = Numbers(report, places, printed_figures(report)), report.windows
    return ReportView(
        title=_("Leads and customers, %(day)s", day=day(report.as_of)),
        known=_(
            "As known when %(day)s began; a lead counts as won within %(days)s.",
            day=day(report.as_of),
            days=formatting.day_count(report.horizon_days),
        ),
        compared=(
            _("Before: %(leads)s.", leads=leads_of(windows.before)),
            _("After: %(leads)s.", leads=leads_of(windows.after)),
        ),
        headline=headline(report),
        meaning=said(report.answer.meaning),
        cautions=tuple(map(said, report.answer.cautions)),
        terms=tuple(Link(_(METRICS[key].name), f"{definitions}{key}") for key in TERMS),
        key_figures=key_figures(numbers),
        metrics=four_metrics(numbers),
        sections=(
            change_section(numbers),
            trend_section(numbers),
            conversion_section(numbers),
            ledger_section(numbers),
            agents_section(numbers),
            response_section(numbers),
            cost_section(numbers),
            drift_section(numbers),
            *sent_sections(numbers),
        ),
        discuss=tuple(_discussed(point, places) for point in report.discuss),
        made=_made(report),
        unknown=tuple(f"{_(METRICS[gap.metric].name)}: {said(gap.why)}" for gap in report.unknown),
        definitions_at=definitions,
    )


def contract() -> tuple[Definition, ...]:
    """The metric contract, a row a number."""
    return tuple(_definition(metric) for metric in CONTRACT)


def _definition(metric: Metric) -> Definition:
    texts = (metric.name, metric.formula, metric.window, str(metric.owner), str(metric.unit))
    name, formula, window, owner, unit = map(_, texts)
    changes = tuple(map(_, metric.changes))
    return Definition(metric.key, name, formula, window, owner, unit, str(metric.version), changes)


def _discussed(point: Point, places: Places) -> Discussed:
    defined = (Link(_(METRICS[key].name).partition(":")[0], f"{places.definitions}{key}") for key in point.metrics)
    links = (Link(_("see the numbers"), f"#part-{point.section}"), *defined)
    return Discussed(point.says, said(point.says), links)


def _made(report: Report) -> tuple[str, ...]:
    """How the numbers came about, in sentences."""
    windows = report.windows
    named = (
        (_("Before"), windows.before),
        (_("After"), windows.after),
        (_("Lately"), windows.lately),
        (_("Young"), windows.young),
    )
    chosen = tuple(f"{name}, {days(window)}: {said(window.why)}" for name, window in named)
    return (said(report.reference.says), *chosen, *map(said, report.notes))
