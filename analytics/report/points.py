"""What to discuss: at most three points of a report, each with its numbers, none of them blaming anybody.

The rules stand in the order of `RULES`; each looks at one part of the report and says something only where chance does
not explain it. The first three that have something to say are taken.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

from analytics.cost.dear import clearly_dearer
from analytics.cost.rates import cost_of_one
from analytics.leads_as_of.groups import Name
from analytics.ledger import WATCHED, Alarm
from analytics.mix.parts import Part, standing_out
from analytics.mix.printed import moved, printed, printed_parts
from analytics.mix.verdict import HEADLINE_LEVEL, LEFT_LEVEL, PAGE_LEVEL, is_clear
from analytics.report.meanwhile import meanwhile, work_changes
from analytics.report.report import Point, Report, days
from analytics.response.speed import Verdict
from analytics.response.words import OBSERVATIONAL, basis_in_words, span_in_words
from stats.estimates import Estimate

MOST = 3
FEW_KEPT = 0.8
MANY_UNTRIED = 0.05
STRONG = 0.001
"""Work that changed is told, where conversion does not show it, only if chance does that so rarely."""


def points(report: Report) -> tuple[Point, ...]:
    """Up to three points, the most important rule's first."""
    found = (point for rule in RULES for point in rule(report))
    return tuple(islice(found, MOST))


def _handling(report: Report) -> Iterator[Point]:
    """Where what was done with the leads moved conversion."""
    change, shown = report.change, printed(report.change)
    if shown is not None and is_clear(change.handling, change.p_value):
        rows = _sources(report)
        part = standing_out(rows, "handling")
        where = (
            f"More than the others, leads from {_named(part.name)} moved it, by "
            f"{moved(part.handling, _figure(rows, part, 'handling', shown.handling))}; {_from_to(part)}. "
            if part
            else ""
        )
        yield Point(
            f"Handling (how leads were worked, plus any quality our fields don't capture) moved conversion by "
            f"{moved(change.handling, shown.handling)}. {where}{meanwhile(report)}What was different?",
            ("handling", "conversion"),
            "change",
        )


def _mix(report: Report) -> Iterator[Point]:
    """Where the leads that arrived moved it."""
    change, shown = report.change, printed(report.change)
    if shown is not None and is_clear(change.mix, change.p_value):
        rows = _sources(report)
        part = standing_out(rows, "mix")
        before, after = change.before.n, change.after.n
        where = (
            f"More than the others, {_named(part.name)} moved it, by "
            f"{moved(part.mix, _figure(rows, part, 'mix', shown.mix))}; its share of the leads went "
            f"from {_in_hundred(part.before.n / before)} to {_in_hundred(part.after.n / after)}. "
            if part
            else ""
        )
        yield Point(
            f"The leads that arrived moved conversion by {moved(change.mix, shown.mix)}. {where}Is that as intended?",
            ("mix",),
            "change",
        )


def _figure(rows: Sequence[Part], part: Part, effect: str, whole: float) -> float | None:
    """A source's part as the tables print it: with the other sources' it adds up to the whole."""
    shown = printed_parts([getattr(row, effect).value for row in rows], whole)
    return None if shown is None else shown[rows.index(part)]


def _work(report: Report) -> Iterator[Point]:
    """Where the work changed strongly and conversion does not show it, or not yet; else `_handling` tells of it."""
    change = report.change
    changes = work_changes(report, lambda pair: pair.p_value <= STRONG)
    if changes and not is_clear(change.handling, change.p_value):
        says = f"Conversion does not clearly show it, but {'; '.join(changes.values())}. What was different?"
        yield Point(says, tuple(changes), "response")


def _promises(report: Report) -> Iterator[Point]:
    """Where scores and outcomes disagree beyond what the page as a whole leaves to chance (weighted Holm).

    The ledger's own alarm is at the 5 % level; beside a headline without a clear change it has to be beyond 1 %.
    """
    level = PAGE_LEVEL if report.change.p_value <= HEADLINE_LEVEL else LEFT_LEVEL
    for alarm in [alarm for alarm in report.ledger.alarms if _of_page(alarm, report) <= level][:1]:
        entry = alarm.entry
        whose = f"for {' and '.join(alarm.by)} {_named(entry.name)} " if alarm.by else ""
        yield Point(
            f"The scores predicted {entry.promised:,.0f} wins {whose}among {entry.n:,} matured leads, and "
            f"{entry.delivered:,} came: {_ratio(entry.ratio)} per predicted one. Until that is understood, "
            "the forecast for younger leads is off by as much.",
            ("promised", "delivered", "delivered_for_promised"),
            "ledger",
        )


def _of_page(alarm: Alarm, report: Report) -> float:
    """The alarm's p-value among all that the ledger watches: half of its level is the whole's, half the groups'."""
    watched = [len(table.rows) for table in report.ledger.tables if table.by in WATCHED and len(table.rows) > 1]
    return 2 * alarm.entry.surprise * (sum(watched) if alarm.by else 1)


def _waiting(report: Report) -> Iterator[Point]:
    """Where waiting cost wins."""
    speed = report.response.speed
    lost = speed.wins_lost
    if speed.verdict == Verdict.SPEED and lost.value is not None and lost.value > 0:
        limit = span_in_words(timedelta(minutes=speed.limit))
        yield Point(
            f"{basis_in_words(speed.by_fields)}, leads called within {limit} were won more often than those called "
            f"later: {moved(speed.adjusted)}. Unless agents chose whom to call first by what no score or field shows, "
            f"{_count(lost)} more of the leads that arrived {days(report.windows.both)} would have won, called sooner. "
            f"{OBSERVATIONAL} What would it take to call them sooner?",
            ("speed_effect", "wins_lost_to_delay"),
            "response",
        )


def _kept(report: Report) -> Iterator[Point]:
    """Where leads of a grade are called late in one case of five."""
    for table in report.response.tables:
        for row in table.rows if table.by == ("grade",) else ():
            minutes = report.response.promises.get(row.name[0] or "")
            if minutes is not None and row.kept.high is not None and row.kept.high < FEW_KEPT:
                yield Point(
                    f"Of 100 leads of grade {row.name[0]}, {_hundred(row.kept)} were called in time, within "
                    f"{span_in_words(timedelta(minutes=minutes))}. Is that time too short, or the day too full?",
                    ("promise_kept",),
                    "response",
                )
                return


def _untried(report: Report) -> Iterator[Point]:
    """Where leads were never called."""
    share = report.conversion.whole.never_tried
    if share.low is not None and share.low > MANY_UNTRIED:
        before = report.response.compared.never_tried.before
        was = f", before {_hundred(before)}" if before.value is not None else ""
        yield Point(
            f"Of 100 matured leads, {_hundred(share)} were never called{was}. Which of them were worth a call?",
            ("never_tried",),
            "conversion",
        )


def _costs(report: Report) -> Iterator[Point]:
    """The source with the most spend whose customers clearly cost more than those of all other sources with spend.

    The number told is the table's; that it is beyond chance must also hold once it is drawn toward its siblings.
    """
    whole = report.cost.whole
    sources = [row for table in report.cost.tables if table.by == ("source",) for row in table.rows]
    paid = [row for row in sources if row.matured_spend > 0]
    clear = clearly_dearer([row.matured_spend for row in paid], [row.wins for row in paid])
    dear = [
        row
        for row, is_dear in zip(paid, clear, strict=True)
        if is_dear and row.per_win.known and whole is not None and _above(row.shrunk, whole.shrunk)
    ]
    for row in sorted(dear, key=lambda row: -row.spend)[:1]:
        others = [other for other in paid if other is not row]
        wins = sum(other.wins for other in others)
        theirs = cost_of_one(sum(other.matured_spend for other in others), wins, wins, 1.0, "win")
        yield Point(
            f"A customer from {_named(row.name)} costs {_money(row.per_win, report.currency)}, from all other sources "
            f"with spend {_money(theirs, report.currency)}: clearly more, adjusted for the {len(paid)} sources "
            "compared. Is it worth that?",
            ("cac", "spend"),
            "cost",
        )


def _above(cost: Estimate, usual: Estimate) -> bool:
    """Whether a cost lies above another beyond both their intervals."""
    return cost.value is not None and cost.low is not None and usual.high is not None and cost.low > usual.high


def _drifted(report: Report) -> Iterator[Point]:
    """Whether the leads are other leads than those the score has learned from."""
    if report.drift.retrain:
        yield Point(" ".join(report.drift.reasons[:2]), ("drift",), "drift")


def _agents(report: Report) -> Iterator[Point]:
    """Whether agents' wins differ beyond what chance and the usual differences explain."""
    unusual = [agent for agent in report.conversations.agents if agent.result.outside and agent.result.unusual]
    if unusual:
        yield Point(
            f"The wins of {len(unusual)} of {len(report.conversations.agents)} agents differ "
            "from those expected of their leads by more than chance and the usual differences explain. "
            "What do they do differently, and what was different for them?",
            ("won_against_expected",),
            "conversations",
        )


RULES: tuple[Callable[[Report], Iterator[Point]], ...] = (
    _handling,
    _mix,
    _work,
    _promises,
    _waiting,
    _kept,
    _untried,
    _costs,
    _drifted,
    _agents,
)


def _sources(report: Report) -> tuple[Part, ...]:
    return report.change.by("source")


def _from_to(part: Part) -> str:
    if part.before.value is None or part.after.value is None:
        return "they came in one of the periods only"
    return f"their conversion went from {100 * part.before.value:.1f} % to {100 * part.after.value:.1f} %"


def _named(name: Name) -> str:
    return " / ".join(part or "unknown" for part in name)


def _in_hundred(share: float) -> str:
    return f"{100 * share:.0f} in 100"


def _hundred(share: Estimate) -> str:
    value, low, high = (100 * (end or 0.0) for end in (share.value, share.low, share.high))
    return f"{value:,.0f} (between {low:,.0f} and {high:,.0f})"


def _count(wins: Estimate) -> str:
    return f"{wins.value or 0.0:,.0f} (between {wins.low or 0.0:,.0f} and {wins.high or 0.0:,.0f})"


def _ratio(ratio: Estimate) -> str:
    return f"{ratio.value or 0.0:.2f} (between {ratio.low or 0.0:.2f} and {ratio.high or 0.0:.2f})"


def _money(cost: Estimate, currency: str) -> str:
    value, low, high = (end or 0.0 for end in (cost.value, cost.low, cost.high))
    return f"{value:,.0f} {currency} (between {low:,.0f} and {high:,.0f})"
