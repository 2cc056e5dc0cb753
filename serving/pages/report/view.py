"""The whole weekly page from a report: every word and drawing made here, so that a request only fills a template."""

from analytics.metrics import CONTRACT, METRICS, Metric
from analytics.report.report import Point, Report, day, days
from serving.pages import formatting
from serving.pages.report.agents import agents_section
from serving.pages.report.change import change_section, printed_figures
from serving.pages.report.conversion import conversion_section
from serving.pages.report.cost import cost_section
from serving.pages.report.drift import drift_section
from serving.pages.report.headline import headline
from serving.pages.report.key_figures import key_figures
from serving.pages.report.ledger import ledger_section
from serving.pages.report.numbers import Numbers, Places
from serving.pages.report.response import response_section
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
        title=f"Leads and customers, {day(report.as_of)}",
        known=f"As known when {day(report.as_of)} began; a lead counts as won within {report.horizon_days} days.",
        compared=(
            f"Before: {formatting.count(windows.before.leads, 'lead')} that arrived {days(windows.before)}.",
            f"After: {formatting.count(windows.after.leads, 'lead')} that arrived {days(windows.after)}.",
        ),
        headline=headline(report),
        meaning=report.answer.meaning,
        cautions=report.answer.cautions,
        terms=tuple(Link(METRICS[key].name, f"{definitions}{key}") for key in TERMS),
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
        unknown=tuple(f"{METRICS[gap.metric].name}: {gap.why}" for gap in report.unknown),
        definitions_at=definitions,
    )


def contract() -> tuple[Definition, ...]:
    """The metric contract, a row a number."""
    return tuple(_definition(metric) for metric in CONTRACT)


def _definition(metric: Metric) -> Definition:
    texts = (metric.key, metric.name, metric.formula, metric.window, str(metric.owner), str(metric.unit))
    return Definition(*texts, version=str(metric.version), changes=metric.changes)


def _discussed(point: Point, places: Places) -> Discussed:
    defined = (Link(METRICS[key].name.partition(":")[0], f"{places.definitions}{key}") for key in point.metrics)
    return Discussed(point.says, (Link("see the numbers", f"#part-{point.section}"), *defined))


def _made(report: Report) -> tuple[str, ...]:
    """How the numbers came about, in sentences."""
    windows = report.windows
    named = (("Before", windows.before), ("After", windows.after), ("Lately", windows.lately), ("Young", windows.young))
    chosen = tuple(f"{name}, {days(window)}: {window.why}" for name, window in named)
    return (report.reference.says, *chosen, *report.notes)
