"""The weekly page's part about predicted and actual customers."""

from analytics.ledger import Alarm, Entry
from analytics.report import Report
from serving.pages import formatting
from serving.pages.charts import Promised
from serving.pages.formatting import one_decimal, share, two_decimals, whole
from serving.pages.report import plots
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Numbers, leads_of, named
from serving.pages.report.tables import Column, Tables, by_words
from serving.pages.report.views import Chart, Section, listing

MOST_ALARMS = 3
COLUMNS: tuple[Column[Entry], ...] = (
    Column("Leads", lambda row: row.n, whole),
    Column("Promised", lambda row: row.promised, one_decimal),
    Column("Delivered", lambda row: row.delivered, whole),
    Column("For each promised", lambda row: row.ratio, two_decimals),
)


def ledger_section(numbers: Numbers) -> Section:
    """Promised against delivered."""
    report = numbers.report
    ledger, window = report.ledger, report.windows.after
    tables = Tables(
        "Promised and delivered",
        lambda report: report.ledger.tables,
        lambda report: report.ledger.whole,
        window,
        COLUMNS,
        {"promised": "yes"},
    )
    grids = tables.grids(numbers) if ledger.whole.n else ()
    log = (f"{ledger.log_note}.",) if ledger.log_note else ()
    return Section(
        "ledger",
        "What the scores promised, and what came",
        leads_of(window),
        (_promised(report), *_alarms(report), _left_out(report), *log),
        charts=(_curve(report),) if ledger.curve else (),
        beside=grids[0] if grids else None,
        folded=(
            *grids[1:],
            listing("Lift", [("Lift of the top tenth", numbers.of(lambda report: report.ledger.lift, two_decimals))]),
        ),
    )


def _promised(report: Report) -> str:
    entry = report.ledger.whole
    if entry.ratio.value is None:
        return f"Nothing can be said yet: {entry.ratio.reason}."
    ratio = entry.ratio
    ends = f", between {ratio.low:.2f} and {ratio.high:.2f}" if ratio.low is not None and ratio.high is not None else ""
    noise = ": no clear difference" if ratio.covers(1.0) else ""
    return (
        f"Of {formatting.count(entry.n, 'lead')} the scores promised {entry.promised:,.0f} customers; "
        f"{entry.delivered:,} came, {ratio.value:.2f} for each promised{ends}{noise}."
    )


def _left_out(report: Report) -> str:
    """The matured leads by which the scores are not judged; those without a contact are counted among the scored."""
    ledger = report.ledger
    scored = ledger.whole.n + ledger.not_worked
    matured = formatting.count(report.windows.after.matured, "matured lead")
    left = f"Left out: {ledger.unscored:,} of {matured} had no score in time"
    return (
        f"{left}; of the {scored:,} with one, {ledger.not_worked:,} have no contact on record."
        if scored
        else f"{left}."
    )


def _alarms(report: Report) -> tuple[str, ...]:
    """Which promises are off beyond noise, the clearest first; nothing where nothing was promised."""
    alarms = report.ledger.alarms
    if report.ledger.whole.ratio.value is None:
        return ()
    if not alarms:
        return ("No promise is clearly off, whole or group.",)
    clearest = sorted(alarms, key=lambda alarm: (alarm.by != (), alarm.entry.surprise))
    rest = len(alarms) - MOST_ALARMS
    more = f"; and {formatting.count(rest, 'more group')}" if rest > 0 else ""
    return (f"Clearly off: {'; '.join(map(_alarm, clearest[:MOST_ALARMS]))}{more}.",)


def _alarm(alarm: Alarm) -> str:
    who = f"{by_words(alarm.by)} {named(alarm.entry.name)}" if alarm.by else "all leads together"
    return f"{who}, {alarm.entry.promised:,.0f} promised and {alarm.entry.delivered:,} came"


def _curve(report: Report) -> Chart:
    groups = [
        Promised(one.promised, one.delivered.value, one.low, one.high, one.delivered.n)
        for one in report.ledger.curve
        if one.delivered.value is not None
    ]
    inside = sum(group.within for group in groups)
    caption = (
        "Each point is a group of leads of like chance: along, what was promised; up, what came. On the dotted line "
        "both are the same. The bar behind a point is where a perfect score would put it 95 times of 100; a diamond "
        "lies outside. The scales are stretched at the low end, where most leads are."
    )
    alt = "; ".join(f"promised {share(group.promised)}, delivered {share(group.delivered)}" for group in groups)
    finding = f"No clear difference from what was promised in {inside} of {formatting.count(len(groups), 'group')}"
    return Chart(finding, caption, alt, *(plots.draw_promises(groups, width) for width in WIDTHS))
