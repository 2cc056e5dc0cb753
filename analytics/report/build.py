"""Build the weekly `Report` of two periods. Nothing is read and no clock is asked."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

from analytics.drift import Arriving
from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Period
from analytics.ledger import ledger
from analytics.mix.cells import compare_cells
from analytics.mix.change import Change, compare, graded
from analytics.mix.words import change_sentences
from analytics.periods import Periods
from analytics.reference.predictions import ReferencePredictions
from analytics.reference.usage import summarise_reference
from analytics.report.cautions import Ground, cautions
from analytics.report.conversations import conversation_section
from analytics.report.conversion import conversion_section
from analytics.report.cost import cost_section
from analytics.report.points import points
from analytics.report.report import Answer, CellSplit, ChangeSection, Report, Unknown, Window, Windows
from analytics.report.response import response_section
from analytics.response.working_hours import WorkingHours
from stats.estimates import Estimate

CELLS = ("source",)
SEED = 20_261_123


@dataclass(frozen=True)
class Company:
    """What a company settled: when it works, how soon it tries leads of each grade, and its currency."""

    hours: WorkingHours
    promises: Mapping[str, timedelta]
    currency: str


def build_report(
    facts: LeadsAsOf, periods: Periods, judged: ReferencePredictions, arriving: Arriving, company: Company
) -> Report:
    """The report of two periods; `judged` are the reference's probabilities for both, `arriving` is for drift."""
    facts = facts.with_reference(judged.probability)
    windows = _windows(facts, periods)
    by_reference = replace(facts, leads=graded(facts.leads, judged.grades)) if judged.grades else facts
    both = (periods.before, periods.after)
    since = _period(windows.since)
    with ThreadPoolExecutor(1) as beside:  # NumPy and SciPy let another thread compute meanwhile
        response = beside.submit(response_section, facts, periods, company.hours, company.promises, judged.fields)
        cost = beside.submit(cost_section, facts, since, periods)
        change = compare(by_reference, *both, fields=judged.fields, no_reference=judged.why_none)
        conversion = conversion_section(facts, by_reference, periods, _period(windows.young), since)
        conversations = conversation_section(facts, periods)
    reference = summarise_reference(facts, periods, judged)
    ground = Ground.of(facts, periods, change, reference)
    sentences = change_sentences(change, is_blind=change.mix.known and ground.is_blind)
    report = Report(
        as_of=facts.as_of,
        horizon_days=facts.horizon_days,
        currency=company.currency,
        windows=windows,
        answer=Answer(sentences[:2], "".join(sentences[2:]), cautions(ground)),
        reference=reference,
        change=_change_section(facts, periods, change),
        conversion=conversion,
        response=response.result(),
        cost=cost.result(),
        conversations=conversations,
        ledger=ledger(facts, periods.after),
        drift=arriving.drift(SEED),
        discuss=(),
        unknown=(),
        notes=facts.notes,
    )
    return replace(report, discuss=points(report), unknown=_unknown(report))


def _change_section(facts: LeadsAsOf, periods: Periods, change: Change) -> ChangeSection:
    """The change in its parts, with the split by cells beside it; grades are the reference's."""
    cells = compare_cells(facts, periods.before, periods.after, CELLS, seed=SEED)
    return ChangeSection(**vars(change), cells=CellSplit(CELLS, cells.mix, cells.handling))


def _windows(facts: LeadsAsOf, periods: Periods) -> Windows:
    matured = facts.leads["matured"].to_numpy()

    def window(period: Period, why: str) -> Window:
        here = period.holds(facts.leads)
        return Window(period.start, period.end, int(here.sum()), int((here & matured).sum()), why)

    oldest_young = facts.as_of - timedelta(days=facts.horizon_days)
    return Windows(
        before=window(periods.before, periods.why_before),
        after=window(periods.after, periods.why_after),
        both=window(periods.both, "both periods"),
        young=window(Period(oldest_young, facts.as_of), f"all leads younger than {facts.horizon_days} days"),
        lately=window(periods.lately, periods.why_lately),
        since=window(Period(periods.both.start, facts.as_of), "from the start of the earlier period until now"),
    )


def _unknown(report: Report) -> tuple[Unknown, ...]:
    """The headline numbers that nobody can know yet."""
    response, cost, agents = report.response, report.cost.whole, report.conversations.whole
    headline: dict[str, Estimate] = {
        "conversion": report.conversion.whole.rate,
        "expected_conversion": report.conversion.whole.expected,
        "change": report.change.total,
        "mix": report.change.mix,
        "handling": report.change.handling,
        "first_attempt": response.whole.attempt_median,
        "first_conversation": response.whole.conversation_median,
        "promise_kept": response.whole.kept,
        "speed_effect": response.speed.adjusted,
        "reach": agents.reach,
        "follow_up_kept": agents.follow_up_kept,
        "lost_reason_filled": agents.reasons_filled,
        "delivered_for_promised": report.ledger.whole.ratio,
        "drift": Estimate.unknown(report.drift.reason) if report.drift.reason else Estimate(0.0, None, None, 0),
    }
    if cost is not None:
        headline |= {
            "cac": cost.per_win,
            "expected_cac": cost.per_expected_win,
            "cost_per_qualified_lead": cost.per_qualified,
        }
    else:
        headline |= {"cac": Estimate.unknown(report.cost.note), "expected_cac": Estimate.unknown(report.cost.note)}
    if not any(agent.result.against_expected.known for agent in report.conversations.agents):
        headline["won_against_expected"] = _nobody_judged(report)
    return tuple(Unknown(key, found.reason) for key, found in headline.items() if not found.known)


def _nobody_judged(report: Report) -> Estimate:
    reasons = {agent.result.against_expected.reason for agent in report.conversations.agents}
    return Estimate.unknown(min(reasons, default="no agent is on record"))


def _period(window: Window) -> Period:
    return Period(window.start, window.end)
