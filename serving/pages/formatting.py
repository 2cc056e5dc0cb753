"""Numbers and times as people say them: probabilities, shares, counts, durations, moments and money as text."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from analytics.mix.printed import one_decimal as tenth
from analytics.mix.printed import signed
from training.model import Confidence

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DUE_IN_MINUTES = timedelta(hours=3)

DASH = "–"


def in_hundred(probability: float) -> str:
    """0.18 → 18 in 100. Below one in a hundred it counts in thousands; never "0 in" nor "100 in"."""
    if probability < 0.0005:
        return "fewer than 1 in 1,000"
    if probability < 0.00995:
        return f"{max(1, round(1_000 * probability))} in 1,000"
    return f"{100 * probability:.0f} in 100" if probability < 0.995 else "more than 99 in 100"


def decimals(probability: float) -> str:
    """0.1834 → 0.18; small ones keep two digits that say something."""
    return f"{probability:.2f}" if probability >= 0.0995 else f"{probability:.2g}"


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


def fixed(value: float, digits: int) -> str:
    """With so many decimals and a minus sign, which nothing that rounds to zero has."""
    return f"{value:z,.{digits}f}".replace("-", "−")


def working_time(minutes: float) -> str:
    """133 → 2 h 13 min; days would mean something else in working time."""
    if 0 < minutes < 1:
        return "less than a minute"
    hours, rest = divmod(round(minutes), 60)
    if minutes < 100:
        return f"{minutes:.0f} min"
    return f"{hours} h {rest} min" if hours < 10 and rest else f"{hours:,} h"


def working_time_beside(*minutes: float | None) -> Callable[[float], str]:
    """How working time is told in one unit beside these times: in minutes, or in hours where one of them is long."""
    is_long = any(value is not None and value >= 100 for value in minutes)
    return (lambda value: f"{fixed(value / 60, 1)} h") if is_long else working_time


def talk_time(seconds: float) -> str:
    """372 → 6.2 min."""
    return f"{seconds / 60:.1f} min"


def duration(seconds: float) -> str:
    """780 → 13 min; at most two units, the second only while it matters."""
    minutes = int(max(seconds, 0) // MINUTE)
    hours, days = minutes // 60, int(max(seconds, 0) // DAY)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    if hours < 10 and minutes % 60:
        return f"{hours} h {minutes % 60} min"
    if days < 2:
        return f"{hours} h"
    return f"{days} days"


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A time near now, as one says it: 14:05, tomorrow 09:00, Tue 09:00, 3 Nov, 3 Nov 2025."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return clock
    if days in (-1, 1):
        return f"{'tomorrow' if days == 1 else 'yesterday'} {clock}"
    if abs(days) < 7:
        return f"{local:%a} {clock}"
    return f"{local.day} {local:%b}" + ("" if local.year == today.year else f" {local.year}")


def exact(at: datetime, zone: tzinfo) -> str:
    """A time to the second with its zone, for titles."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def response_target(arrived: datetime, due_at: datetime | None, tried: bool, now: datetime, zone: tzinfo) -> str:
    """When a call is due, to stand behind how long a lead has waited; empty where none is.

    A longer wait is told by its end, because nights and weekends may lie between.
    """
    if due_at is None:
        return ""
    if tried:
        return f" · call again due {moment(due_at, now, zone)}"
    span = due_at - arrived
    if span > DUE_IN_MINUTES:
        return f" · call due {moment(due_at, now, zone)}"
    return f" · call due within {duration(span.total_seconds())}"


def waiting(arrived: datetime, now: datetime, due: str) -> str:
    """How long a lead has waited, and when a call is due: waiting 12 min · call due within 15 min."""
    return f"waiting {duration((now - arrived).total_seconds())}{due}"


def overdue(due_at: datetime | None, now: datetime) -> str | None:
    """By how much the due time is past, or None where it is not or there is none."""
    late = 0.0 if due_at is None else (now - due_at).total_seconds()
    return f"overdue by {duration(late)}" if late > 0 else None


def money(amount: float) -> str:
    """1234.5 → 1,234; small sums keep their cents."""
    return fixed(amount, 0) if abs(amount) >= 100 else fixed(amount, 2).removesuffix(".00")


def money_beside(*amounts: float | None) -> Callable[[float], str]:
    """How money is told that stands beside these amounts: whole where one of them is, so 480, 453 and −27."""
    is_whole = any(amount is not None and abs(amount) >= 100 for amount in amounts)
    return whole if is_whole else money


def figure(value: float) -> str:
    """288997000 → 288,997,000 and 0.1234567 → 0.123457; four digits stand together, as years do."""
    if abs(value) >= 10_000:
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return f"{value:.6g}"


LITTLE_KNOWN = {
    Confidence.OK: "",
    Confidence.FEW_LIKE_IT: "few like it were called",
    Confidence.UNSEEN_VALUES: "has values never seen",
    Confidence.FEW_FIELDS: "few fields are filled",
}


def little_known(confidence: Confidence) -> str:
    """Why a score says less than others; empty where it does not."""
    return LITTLE_KNOWN[confidence]


def count(number: int, noun: str, plural: str | None = None) -> str:
    """1 lead, 2 leads, 1,234 leads."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
