"""Days and times by the language's own names and order."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime

from language.choice import current_language
from language.text import pgettext


def write_date(at: date, pattern: str) -> str:
    """A day, or a time by its own zone, by a pattern of Unicode's LDML: "d MMM" → 3 Nov, "EEE HH:mm" → Tue 09:00."""
    if isinstance(at, datetime):
        return format_datetime(at, pattern, locale=current_language())
    return format_date(at, pattern, locale=current_language())


def calendar_day(at: date) -> str:
    """2026-11-03, with its year."""
    return write_date(at, pgettext("pattern of a date, in letters of Unicode's LDML", "yyyy-MM-dd"))
