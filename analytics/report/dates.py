"""Days and windows of days as people say them."""

from datetime import UTC, date, timedelta

from analytics.report.report import Window


def days(window: Window) -> str:
    """1 to 28 Jul 2026, the last day included."""
    first, last = window.start.astimezone(UTC), (window.end - timedelta(microseconds=1)).astimezone(UTC)
    if first.date() == last.date():
        return day(first)
    year = "" if first.year == last.year else f" {first.year}"
    month = "" if (first.year, first.month) == (last.year, last.month) else f" {first:%b}"
    return f"{first.day}{month}{year} to {day(last)}"


def day(at: date) -> str:
    """28 Jul 2026."""
    return f"{at.day} {at:%b %Y}"
