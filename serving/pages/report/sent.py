"""The weekly page's part about what ad platforms were told, and what it came to; empty where nothing was sent."""

from language.text import gettext as _
from language.text import ngettext
from serving.pages.formatting import one_decimal, whole
from serving.pages.report.numbers import Numbers
from serving.pages.report.views import Heading, Section, grid


def sent_sections(numbers: Numbers) -> tuple[Section, ...]:
    """The part, where there is anything to tell."""
    report = numbers.report
    if not report.sent:
        return ()
    currency = report.currency
    head = (
        Heading(_("Platform"), is_figure=False),
        Heading(_("Conversions")),
        Heading(_("Value when sent, %(currency)s", currency=currency)),
        Heading(_("Changed since")),
        Heading(_("Value now, %(currency)s", currency=currency)),
        Heading(_("Wins predicted")),
        Heading(_("Won so far")),
    )
    rows: list[tuple[str, None, list[str]]] = [
        (
            row.platform,
            None,
            [
                whole(row.conversions),
                whole(row.value),
                whole(row.changes),
                whole(row.value_now),
                one_decimal(row.promised),
                whole(row.won),
            ],
        )
        for row in report.sent
    ]
    says = (
        _(
            "Young leads may still be won: until then the value is what was predicted. Where wins stay behind the "
            "prediction for long, the export holds the source back by itself."
        ),
    )
    conversions = sum(row.conversions for row in report.sent)
    over = ngettext(
        "%(num)s conversion from the start of the earlier period until now",
        "%(num)s conversions from the start of the earlier period until now",
        conversions,
    )
    told = grid(_("Told to platforms"), head, rows)
    return (Section("sent", _("What the ad platforms were told"), over, says, grids=(told,)),)
