"""Numbers and times as people say them: probabilities, shares, counts, durations, moments and money as text."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from analytics.mix.printed import one_decimal as tenth
from analytics.mix.printed import signed
from language.dates import write_date
from language.numbers import localise, write_number
from language.text import gettext as _
from language.text import mark, ngettext, pgettext
from training.model import Confidence

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DUE_IN_MINUTES = timedelta(hours=3)

DASH = "–"


def in_hundred(probability: float) -> str:
    """0.18 → 18 in 100. Less than one in a hundred is counted in thousands; never "0 in" nor "100 in"."""
    if probability < 0.0005:
        return _("fewer than 1 in 1,000")
    count = count_in_hundred(probability)
    if probability < 0.0095:
        return _("%(count)s in 1,000", count=count)
    return _("%(count)s in 100", count=count) if probability < 0.995 else _("more than 99 in 100")


def count_in_hundred(probability: float) -> int:
    """The number that `in_hundred` tells: of 100, or of 1,000 below one in a hundred."""
    if probability < 0.0095:
        return max(1, round(1_000 * probability))
    return min(99, int(f"{100 * probability:.0f}"))


def decimals(probability: float) -> str:
    """0.1834 → 0.18; small ones keep two digits that say something."""
    return localise(f"{probability:.2f}" if probability >= 0.0995 else f"{probability:.2g}")


def share(value: float) -> str:
    """0.0912 → 9.1 %."""
    return f"{tenth(100 * value)} %"


def points(value: float) -> str:
    """A difference of shares in signed percentage points: −0.017 → −1.7."""
    return signed(100 * value)


def whole(value: float) -> str:
    """1234.4 → 1,234."""
    return fixed(value, 0)


def one_decimal(value: float) -> str:
    """2.34 → 2.3."""
    return fixed(value, 1)


def two_decimals(value: float) -> str:
    """1.084 → 1.08."""
    return fixed(value, 2)


def two_digits(value: float) -> str:
    """12.34 → 12, 0.1234 → 0.12."""
    return localise(f"{value:.2g}")


def fixed(value: float, digits: int) -> str:
    """With so many decimals and a minus sign, which nothing that rounds to zero has."""
    return write_number(value, f",.{digits}f")


def working_time(minutes: float) -> str:
    """133 → 2 h 13 min; days would mean something else in working time."""
    if 0 < minutes < 1:
        return _("less than a minute")
    hours, rest = divmod(round(minutes), 60)
    if minutes < 100:
        return _("%(minutes)s min", minutes=whole(minutes))
    if hours < 10 and rest:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
    return _("%(hours)s h", hours=whole(hours))


def working_time_beside(*minutes: float | None) -> Callable[[float], str]:
    """How working time is told in one unit beside these times: in minutes, or in hours where one of them is long."""
    is_long = any(value is not None and value >= 100 for value in minutes)
    return (lambda value: _("%(hours)s h", hours=fixed(value / 60, 1))) if is_long else working_time


def talk_time(seconds: float) -> str:
    """372 → 6.2 min."""
    return _("%(minutes)s min", minutes=fixed(seconds / 60, 1))


def duration(seconds: float) -> str:
    """780 → 13 min; at most two units, the second only while it matters."""
    minutes = int(max(seconds, 0) // MINUTE)
    hours, days = minutes // 60, int(max(seconds, 0) // DAY)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    if hours < 10 and minutes % 60:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60)
    if days < 2:
        return _("%(hours)s h", hours=hours)
    return day_count(days)


def day_count(days: int) -> str:
    """1 day, 90 days."""
    return ngettext("%(num)s day", "%(num)s days", days)


def by_clock(at: datetime, zone: tzinfo) -> datetime:
    """A time by a zone's clocks; as it is at both ends of the calendar, where they show none."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A time as one says it: 14:05, tomorrow 09:00, Tue 09:00, Thu 3 Dec 09:00; one long past 3 Nov or 3 Nov 2025."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return clock
    if days in (-1, 1):
        return _("tomorrow %(clock)s", clock=clock) if days == 1 else _("yesterday %(clock)s", clock=clock)
    if abs(days) < 7:
        return write_date(local, "EEE HH:mm")
    day = "d MMM" if local.year == today.year else "d MMM yyyy"
    return write_date(local, f"EEE {day} HH:mm" if days > 0 else day)


def exact(at: datetime, zone: tzinfo) -> str:
    """A time to the second with its zone, for titles."""
    local = by_clock(at, zone)
    pattern = pgettext("pattern of a date, in letters of Unicode's LDML", "yyyy-MM-dd HH:mm:ss")
    return f"{write_date(local, pattern)} {local:%Z}"


def response_target(arrived: datetime, due_at: datetime | None, tried: bool, now: datetime, zone: tzinfo) -> str:
    """When a call is due, to stand behind how long a lead has waited: call due within 15 min; empty where none is.

    A longer wait is told by its end, because nights and weekends may lie between.
    """
    if due_at is None:
        return ""
    if tried:
        return _("call again due %(when)s", when=moment(due_at, now, zone))
    span = due_at - arrived
    if span > DUE_IN_MINUTES:
        return _("call due %(when)s", when=moment(due_at, now, zone))
    return _("call due within %(duration)s", duration=duration(span.total_seconds()))


def waiting(arrived: datetime, now: datetime) -> str:
    """How long a lead has waited: waiting 12 min."""
    return _("waiting %(duration)s", duration=duration((now - arrived).total_seconds()))


def overdue(due_at: datetime | None, now: datetime) -> str | None:
    """By how much the due time is past, or None where it is not or there is none."""
    late = 0.0 if due_at is None else (now - due_at).total_seconds()
    return _("overdue by %(duration)s", duration=duration(late)) if late > 0 else None


def money(amount: float) -> str:
    """1234.5 → 1,234; small sums keep their cents."""
    return fixed(amount, 0) if abs(amount) >= 100 else fixed(amount, 2).removesuffix(localise(".00"))


def money_beside(*amounts: float | None) -> Callable[[float], str]:
    """How money is told that stands beside these amounts: whole where one of them is, so 480, 453 and −27."""
    is_whole = any(amount is not None and abs(amount) >= 100 for amount in amounts)
    return whole if is_whole else money


def figure(value: float) -> str:
    """288997000 → 288,997,000 and 0.1234567 → 0.123457; four digits stand together, as years do."""
    if abs(value) >= 10_000:
        return write_number(value, ",.0f" if value == round(value) else ",.2f")
    return localise(f"{value:.6g}")


LITTLE_KNOWN = {
    Confidence.OK: "",
    Confidence.FEW_LIKE_IT: mark("few like it were called"),
    Confidence.UNSEEN_VALUES: mark("has values never seen"),
    Confidence.FEW_FIELDS: mark("few fields are filled"),
}


def little_known(confidence: Confidence) -> str:
    """Why a score says less than others; empty where it does not."""
    return _(LITTLE_KNOWN[confidence])


def lead_count(number: int) -> str:
    """1 lead, 1,234 leads."""
    return ngettext("%(num)s lead", "%(num)s leads", number)
