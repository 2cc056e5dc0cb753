"""When to try a lead again, as an agent chooses it: by the company's clocks and working hours, in UTC."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.response.working_hours import MIDNIGHT, WorkingHours
from language.text import gettext as _
from language.text import mark
from serving.pages import formatting
from serving.pages.views import Choice
from serving.queue_rules import QueueRules

HOURS = {"1h": (mark("in 1 hour"), timedelta(hours=1)), "3h": (mark("in 3 hours"), timedelta(hours=3))}
DAYS = {"1d": (mark("tomorrow"), 1), "3d": (mark("in 3 days"), 3), "7d": (mark("in a week"), 7)}
MORNING = time(9)
"""When calls begin where work begins at midnight: nobody asks to be called then."""
FURTHEST = timedelta(days=366)
"""How far ahead an agent may promise to try again."""


class CallbackRefused(ValueError):
    """A time to try again that cannot be; the message says what is accepted."""


def choices(rules: QueueRules, now: datetime, agreed: datetime | None = None) -> tuple[Choice, ...]:
    """What an agent may choose, each with the time that it means; of choices that mean the same time the first.

    `agreed` is a time that is to be kept unless another is chosen: it stands first, where no choice means it.
    """
    back = formatting.duration(rules.retry.total_seconds())
    without = Choice("", _("no time set: back in %(duration)s", duration=back), chosen=agreed is None)
    timed = tuple(_timed_choices(rules, now, agreed))
    if agreed is None or any(choice.chosen for choice in timed):
        return (*timed, without)
    kept = Choice(agreed.isoformat(), formatting.moment(agreed, now, ZoneInfo(rules.hours.zone)), chosen=True)
    return (kept, *timed, without)


def _timed_choices(rules: QueueRules, now: datetime, agreed: datetime | None) -> Iterator[Choice]:
    seen = set()
    for code in (*HOURS, *DAYS):
        at = _offered(code, rules, now)
        if at not in seen:
            yield Choice(code, _words(code, at, now, ZoneInfo(rules.hours.zone)), chosen=at == agreed)
        seen.add(at)


def _words(code: str, at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """In 1 hour (11:00), tomorrow (09:00); only the time where closed hours or days moved it: Mon 09:00."""
    local = at.astimezone(zone)
    moment = formatting.moment(at, now, zone)
    if code in HOURS:
        text, wait = HOURS[code]
        return f"{_(text)} ({moment})" if at == now + wait else moment
    text, days = DAYS[code]
    ahead = (local.date() - now.astimezone(zone).date()).days
    when = f"{local:%H:%M}" if days == 1 else moment
    return f"{_(text)} ({when})" if ahead == days else moment


def moment_of(form: Mapping[str, str], rules: QueueRules, now: datetime) -> datetime | None:
    """When the agent wants the lead back; a time of their own goes before a choice, None where neither is said.

    Raises:
        CallbackRefused: for a time that cannot be read, is past, or more than a year away.
    """
    own, code = form.get("again_at", "").strip(), form.get("again", "")
    if not own and (code in HOURS or code in DAYS):
        return _offered(code, rules, now)
    own = own or code  # the time that was agreed is chosen by itself
    if not own:
        return None
    try:
        local = datetime.fromisoformat(own)
        at = (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(rules.hours.zone))).astimezone(UTC)
    except (ValueError, OverflowError):  # the second: of a year that is none in UTC
        raise CallbackRefused(_("the time to try again cannot be read; write it as 2026-11-02T14:30")) from None
    if not now < at <= now + FURTHEST:
        raise CallbackRefused(_("the time to try again must lie ahead, within a year"))
    return at


def _offered(code: str, rules: QueueRules, now: datetime) -> datetime:
    """When a choice means; nobody is there to call outside working hours, so those move to the next opening."""
    hours, zone = rules.hours, ZoneInfo(rules.hours.zone)
    if code in HOURS:
        at = now + HOURS[code][1]
        return at if _is_open(hours, at.astimezone(zone)) else _next_opening(hours, at.astimezone(zone))
    return _opening_on(hours, now.astimezone(zone).date() + timedelta(days=DAYS[code][1]))


def _is_open(hours: WorkingHours, local: datetime) -> bool:
    is_before_closing = hours.closes == MIDNIGHT or local.time() < hours.closes
    return local.weekday() in hours.days and hours.opens <= local.time() and is_before_closing


def _next_opening(hours: WorkingHours, local: datetime) -> datetime:
    days_ahead = 0 if local.time() < hours.opens else 1
    return _opening_on(hours, local.date() + timedelta(days=days_ahead))


def _opening_on(hours: WorkingHours, day: date) -> datetime:
    """When calls begin on a day, or on the first working day after it."""
    while day.weekday() not in hours.days:
        day += timedelta(days=1)
    begins = hours.opens if hours.opens > MIDNIGHT else MORNING
    return datetime.combine(day, begins, ZoneInfo(hours.zone)).astimezone(UTC)
