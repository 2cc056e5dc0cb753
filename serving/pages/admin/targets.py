"""How soon leads are to be called, and by which rules the queue works: as they stand, and what to change."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import mark
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
    "cost": mark("what waiting costs most"),
    "score": mark("overdue ones, then the best score"),
    "value": mark("overdue ones, then the largest expected value"),
    "wait": mark("overdue ones, then the longest wait"),
}

WITHIN, OUTSIDE = mark("It is %(time)s, within working hours."), mark("It is %(time)s, outside working hours.")

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
        clock=_(WITHIN if is_open else OUTSIDE, time=context.moment_with_zone(context.now)),
        targets=tuple(_target_line(grade, rules, context) for grade in GRADES),
        rules=_rule_lines(settings, rules),
    )


def describe_targets(rules: QueueRules) -> str:
    """The targets in a sentence."""
    told = [
        _("%(grade)s within %(time)s", grade=grade, time=_working_time(target))
        for grade, target in sorted(rules.response_targets.items())
    ]
    return _("Called first: %(targets)s", targets=", ".join(told)) if told else _("No grade has a target")


def _target_line(grade: str, rules: QueueRules, context: PageContext) -> TargetLine:
    target, due = rules.response_targets.get(grade), rules.due_at(grade, context.now)
    if target is None or due is None:
        return TargetLine(grade, _("none"), formatting.DASH)
    return TargetLine(grade, _("%(time)s of working time", time=_working_time(target)), context.moment_with_zone(due))


def _rule_lines(settings: Settings, rules: QueueRules) -> tuple[RuleLine, ...]:
    none, by_chance = _("none"), _("none")
    if rules.random_share:
        by_chance = formatting.share(rules.random_share)
    if rules.random_sources:
        by_chance = _("%(share)s, first of %(sources)s", share=by_chance, sources=", ".join(rules.random_sources))
    return (
        RuleLine(_("Working hours"), str(rules.hours), "LEADS_WORKING_HOURS"),
        RuleLine(_("Time to the first call, by grade"), settings.promises or none, "LEADS_PROMISES"),
        RuleLine(_("First in the queue"), _(ORDERS[rules.order]), "LEADS_QUEUE_ORDER"),
        RuleLine(_("A claim lasts"), _span(rules.lease), "LEADS_CLAIM_MINUTES"),
        RuleLine(_("Claims of one agent at a time"), formatting.whole(rules.most_claims), "LEADS_MOST_CLAIMS"),
        RuleLine(_("A lead that was called returns after"), _span(rules.retry), "LEADS_RETRY_HOURS"),
        RuleLine(_("A lead that nobody called comes first after"), _span(rules.oldest), "LEADS_OLDEST_DAYS"),
        RuleLine(_("Claims picked by chance"), by_chance, "LEADS_RANDOM_SHARE"),
        RuleLine(
            _("Reasons offered when a deal is lost"),
            ", ".join(map(_, rules.lost_reasons)) or none,
            "LEADS_LOST_REASONS",
        ),
        RuleLine(_("Money is in"), settings.currency, "LEADS_CURRENCY"),
    )


def _working_time(target: timedelta) -> str:
    return formatting.working_time(target.total_seconds() / formatting.MINUTE)


def _span(span: timedelta) -> str:
    """15 min, 24 h, 30 days."""
    seconds = span.total_seconds()
    if seconds >= 2 * formatting.DAY:
        return formatting.day_count(round(seconds / formatting.DAY))
    return formatting.working_time(seconds / formatting.MINUTE)
