"""How soon leads are to be called, and by which rules the queue works: as they stand, and what to change."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.pages import formatting
from serving.pages.page_context import PageContext
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.rendering import page
from serving.queue_rules import QueueRules
from serving.settings import Settings
from training.model import GRADES

TARGETS = "/admin/targets"
ORDERS = {
    "cost": "what waiting costs most",
    "score": "overdue ones, then the best score",
    "value": "overdue ones, then the largest expected value",
    "wait": "overdue ones, then the longest wait",
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A grade's target, and when a lead that arrives now would be due."""

    grade: str
    target: str
    due: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in words, and the setting that changes it."""

    rule: str
    value: str
    setting: str


@dataclass(frozen=True, slots=True)
class TargetsView:
    """The whole page."""

    title: str
    clock: str
    targets: tuple[TargetLine, ...]
    rules: tuple[RuleLine, ...]


@router.get(TARGETS)
@needs("admin", by="session")
async def targets(request: Request) -> Response:
    """The targets, the hours and the queue's rules."""
    service = service_of(request)
    context = page_context_of(request, service)
    return page("admin_targets.html", targets_view(service.settings, context), request, session_of(request))


def targets_view(settings: Settings, context: PageContext) -> TargetsView:
    """The whole page."""
    rules = settings.queue_rules
    is_open = rules.hours.seconds_between(context.now, context.now + timedelta(seconds=1)) > 0
    return TargetsView(
        title=describe_targets(rules),
        clock=f"It is {context.moment_with_zone(context.now)}, {'within' if is_open else 'outside'} working hours.",
        targets=tuple(_target_line(grade, rules, context) for grade in GRADES),
        rules=_rule_lines(settings, rules),
    )


def describe_targets(rules: QueueRules) -> str:
    """The targets in a sentence."""
    told = [f"{grade} within {_working_time(target)}" for grade, target in sorted(rules.response_targets.items())]
    return f"Called first: {', '.join(told)}" if told else "No grade has a target for its first call"


def _target_line(grade: str, rules: QueueRules, context: PageContext) -> TargetLine:
    target, due = rules.response_targets.get(grade), rules.due_at(grade, context.now)
    if target is None or due is None:
        return TargetLine(grade, "none", formatting.DASH)
    return TargetLine(grade, f"{_working_time(target)} of working time", context.moment_with_zone(due))


def _rule_lines(settings: Settings, rules: QueueRules) -> tuple[RuleLine, ...]:
    share = f"{100 * rules.random_share:g} %" if rules.random_share else "none"
    sources = f", of {', '.join(rules.random_sources)} first" if rules.random_sources else ""
    return (
        RuleLine("Working hours", str(rules.hours), "LEADS_WORKING_HOURS"),
        RuleLine("Time to the first call, by grade", settings.promises or "none", "LEADS_PROMISES"),
        RuleLine("First in the queue", ORDERS[rules.order], "LEADS_QUEUE_ORDER"),
        RuleLine("A claim lasts", _span(rules.lease), "LEADS_CLAIM_MINUTES"),
        RuleLine("Claims of one agent at a time", f"{rules.most_claims:,}", "LEADS_MOST_CLAIMS"),
        RuleLine("A lead that was called returns after", _span(rules.retry), "LEADS_RETRY_HOURS"),
        RuleLine("A lead that nobody called comes first after", _span(rules.oldest), "LEADS_OLDEST_DAYS"),
        RuleLine("Claims picked by chance", f"{share}{sources}", "LEADS_RANDOM_SHARE"),
        RuleLine("Reasons offered when a deal is lost", ", ".join(rules.lost_reasons) or "none", "LEADS_LOST_REASONS"),
        RuleLine("Money is in", settings.currency, "LEADS_CURRENCY"),
    )


def _working_time(target: timedelta) -> str:
    return formatting.working_time(target.total_seconds() / formatting.MINUTE)


def _span(span: timedelta) -> str:
    """15 min, 2 h, 30 days."""
    seconds = span.total_seconds()
    for size, unit in ((formatting.DAY, "days"), (formatting.HOUR, "h")):
        if seconds >= 2 * size or (seconds == size and unit == "h"):
            return f"{seconds / size:g} {unit}"
    return f"{seconds / formatting.MINUTE:g} min"
