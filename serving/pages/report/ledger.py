"""The weekly page's part about predicted and actual customers."""

from analytics.ledger import Alarm, Entry
from analytics.report import Report
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages.charts import Promised
from serving.pages.formatting import one_decimal, share, two_decimals, whole
from serving.pages.model.delivered import describe_groups
from serving.pages.report import plots
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Numbers, leads_of, named
from serving.pages.report.said import said
from serving.pages.report.tables import Column, Tables, by_words
from serving.pages.report.views import Chart, Section, listing

MOST_ALARMS = 3
COLUMNS: tuple[Column[Entry], ...] = (
    Column(mark("Leads"), lambda row: row.n, whole),
    Column(mark("Predicted"), lambda row: row.promised, one_decimal),
    Column(mark("Actual"), lambda row: row.delivered, whole),
    Column(mark("Actual per predicted"), lambda row: row.ratio, two_decimals),
)


def ledger_section(numbers: Numbers) -> Section:
    """Predicted and actual customers."""
    report = numbers.report
    ledger, window = report.ledger, report.windows.after
    tables = Tables(
        mark("Predicted and actual"),
        lambda report: report.ledger.tables,
        lambda report: report.ledger.whole,
        window,
        COLUMNS,
        {"promised": "yes"},
    )
    grids = tables.grids(numbers) if ledger.whole.n else ()
    log = (f"{said(ledger.log_note)}.",) if ledger.log_note else ()
    return Section(
        "ledger",
        _("Predicted and actual customers"),
        leads_of(window),
        (_promised(report), *_alarms(report), _left_out(report), *log),
        charts=(_curve(report),) if ledger.curve else (),
        beside=grids[0] if grids else None,
        folded=(
            *grids[1:],
            listing(
                _("Lift"), [(_("Lift of the top tenth"), numbers.of(lambda report: report.ledger.lift, two_decimals))]
            ),
        ),
    )


def _promised(report: Report) -> str:
    entry = report.ledger.whole
    if entry.ratio.value is None:
        return _("Nothing can be said yet: %(why)s.", why=said(entry.ratio.reason))
    ratio = entry.ratio
    told = ngettext(
        "Of %(num)s lead the scores predicted %(predicted)s customers; %(actual)s came, %(ratio)s per predicted one",
        "Of %(num)s leads the scores predicted %(predicted)s customers; %(actual)s came, %(ratio)s per predicted one",
        entry.n,
        predicted=whole(entry.promised),
        actual=whole(entry.delivered),
        ratio=two_decimals(entry.ratio.value),
    )
    if ratio.low is not None and ratio.high is not None:
        told = _(
            "%(told)s, between %(low)s and %(high)s",
            told=told,
            low=two_decimals(ratio.low),
            high=two_decimals(ratio.high),
        )
    return _("%(told)s: no clear difference.", told=told) if ratio.covers(1.0) else f"{told}."


def _left_out(report: Report) -> str:
    """The matured leads by which the scores are not judged; those without a contact are counted among the scored."""
    ledger = report.ledger
    scored = ledger.whole.n + ledger.not_worked
    left = ngettext(
        "Left out: %(unscored)s of %(num)s matured lead had no score in time",
        "Left out: %(unscored)s of %(num)s matured leads had no score in time",
        report.windows.after.matured,
        unscored=whole(ledger.unscored),
    )
    if not scored:
        return f"{left}."
    return _(
        "%(left)s; of the %(scored)s with one, %(not_worked)s have no contact on record.",
        left=left,
        scored=whole(scored),
        not_worked=whole(ledger.not_worked),
    )


def _alarms(report: Report) -> tuple[str, ...]:
    """Which predictions are clearly off, the clearest first; nothing where nothing was predicted."""
    alarms = report.ledger.alarms
    if report.ledger.whole.ratio.value is None:
        return ()
    if not alarms:
        return (_("No prediction is clearly off, in all or in a group."),)
    clearest = sorted(alarms, key=lambda alarm: (alarm.by != (), alarm.entry.surprise))
    rest = len(alarms) - MOST_ALARMS
    told = [_alarm(alarm) for alarm in clearest[:MOST_ALARMS]]
    told += [ngettext("and %(num)s more group", "and %(num)s more groups", rest)] if rest > 0 else []
    return (_("Clearly off: %(groups)s.", groups="; ".join(told)),)


def _alarm(alarm: Alarm) -> str:
    who = f"{by_words(alarm.by)} {named(alarm.entry.name)}" if alarm.by else _("all leads together")
    return _(
        "%(who)s, %(predicted)s predicted and %(actual)s came",
        who=who,
        predicted=whole(alarm.entry.promised),
        actual=whole(alarm.entry.delivered),
    )


def _curve(report: Report) -> Chart:
    groups = [
        Promised(one.promised, one.delivered.value, one.low, one.high, one.delivered.n)
        for one in report.ledger.curve
        if one.delivered.value is not None
    ]
    inside = sum(group.within for group in groups)
    caption = _(
        "Each point is a group of leads of like chance: along, what was predicted; up, what came. On the dotted "
        "line both are the same. The bar behind a point is where chance alone would put it 95 times of 100; a "
        "diamond lies outside. The scales are stretched at the low end, where most leads are."
    )
    alt = "; ".join(
        _(
            "predicted %(predicted)s, actual %(actual)s",
            predicted=share(one.promised),
            actual=share(one.delivered),
        )
        for one in groups
    )
    finding = describe_groups(inside, len(groups), is_off=not report.ledger.whole.ratio.covers(1.0))
    return Chart(finding, caption, alt, *(plots.draw_promises(groups, width) for width in WIDTHS))
