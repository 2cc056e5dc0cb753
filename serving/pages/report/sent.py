"""The weekly page's part about what ad platforms were told, and what it came to; empty where nothing was sent."""

from serving.pages import formatting
from serving.pages.report.numbers import Numbers
from serving.pages.report.views import Heading, Section, grid


def sent_sections(numbers: Numbers) -> tuple[Section, ...]:
    """The part, where there is anything to tell."""
    report = numbers.report
    if not report.sent:
        return ()
    currency = report.currency
    head = (
        Heading("Platform", is_figure=False),
        *(Heading(text) for text in ("Conversions", f"Value when sent, {currency}", "Changed since")),
        *(Heading(text) for text in (f"Value now, {currency}", "Wins promised", "Won so far")),
    )
    rows: list[tuple[str, None, list[str]]] = [
        (
            row.platform,
            None,
            [
                f"{row.conversions:,}",
                f"{row.value:,.0f}",
                f"{row.changes:,}",
                f"{row.value_now:,.0f}",
                f"{row.promised:.1f}",
                f"{row.won:,}",
            ],
        )
        for row in report.sent
    ]
    says = (
        "Young leads may still be won: until then what they were promised stands in the value. "
        "Where wins stay behind the promise for long, the export holds the source back by itself.",
    )
    conversions = sum(row.conversions for row in report.sent)
    over = f"{formatting.count(conversions, 'conversion')} from the start of the earlier period until now"
    return (
        Section("sent", "What the ad platforms were told", over, says, grids=(grid("Told to platforms", head, rows),)),
    )
