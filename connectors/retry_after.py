"""How long another service asks to be left alone before the next attempt."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(retry_after: str | None, now: datetime) -> float | None:
    """The seconds in a Retry-After header (RFC 9110 §10.2.3), a number or a date; None where it says nothing."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):  # the second: of a year, or a zone, that no calendar has
        return None
    return ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
