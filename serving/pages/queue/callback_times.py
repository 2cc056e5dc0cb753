"""When to try a lead again, as an agent chooses it: by the company's clocks and working hours, in UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from serving.pages import formatting
from serving.pages.views import Choice
from serving.queue_rules import QueueRules

HOURS = {"1h": ("in 1 hour", timedelta(hours=1)), "3h": ("in 3 hours", timedelta(hours=3))}
DAYS = {"1d": ("tomorrow", 1), "3d": ("in 3 days", 3), "7d": ("in a week", 7)}
MORNING = time(9)
FURTHEST = timedelta(days=366)


class CallbackRefused(ValueError):
    """A time to try again that cannot be; the message says what is accepted."""


def choices(rules: QueueRules, now: datetime) -> tuple[Choice, ...]:
    """What an agent may choose, each with the time that it means."""
    zone = ZoneInfo(rules.hours.zone)
    none = Choice("", f"no time set: back in {formatting.duration(rules.retry.total_seconds())}", chosen=True)
    offered = {code: told for code, (told, _) in (HOURS | DAYS).items()}
    moments = ((code, told, _offered(code, rules, now)) for code, told in offered.items())
    return (none, *(Choice(code, f"{told} ({formatting.moment(at, now, zone)})") for code, told, at in moments))


def moment_of(form: Mapping[str, str], rules: QueueRules, now: datetime) -> datetime | None:
    """When the agent wants the lead back; a time of their own goes before a choice, None where neither is said.

    Raises:
        CallbackRefused: for a time that cannot be read, is past, or more than a year away.
    """
    own, code = form.get("again_at", "").strip(), form.get("again", "")
    if not own:
        return _offered(code, rules, now) if code in HOURS or code in DAYS else None
    try:
        local = datetime.fromisoformat(own)
    except ValueError:
        raise CallbackRefused("the time to try again cannot be read; write it as 2026-11-02T14:30") from None
    at = (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(rules.hours.zone))).astimezone(UTC)
    if not now < at <= now + FURTHEST:
        raise CallbackRefused("the time to try again must lie ahead, within a year")
    return at


def _offered(code: str, rules: QueueRules, now: datetime) -> datetime:
    if code in HOURS:
        return now + HOURS[code][1]
    zone = ZoneInfo(rules.hours.zone)
    opens = rules.hours.opens if rules.hours.opens > time(0) else MORNING
    day = now.astimezone(zone).date() + timedelta(days=DAYS[code][1])
    while day.weekday() not in rules.hours.days:
        day += timedelta(days=1)
    return datetime.combine(day, opens, zone).astimezone(UTC)
