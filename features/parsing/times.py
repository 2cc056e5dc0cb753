"""Reads times as machines and people write them, as datetimes that are aware where the text says a zone.

Three kinds, tried in this order: the column's own format, where it has one; ISO 8601; and what can be read in one way
only, since the year stands first or the month is a word. Day and month as two numbers are never guessed here:
`features.schema_inference.date_formats` settles them by the whole column.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from features.parsing.months import month_of

NUMBERED = {
    "unix_s": (datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)),
    "unix_ms": (datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)),
    "unix_us": (datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)),
    "excel": (datetime(1899, 12, 30), timedelta(days=1)),
}
"""Times that are numbers: since when, in which unit. Excel's have no zone."""

_DAY_PARTS = {"%d": r"(?P<d>\d{1,2})", "%m": r"(?P<m>\d{1,2})", "%Y": r"(?P<Y>\d{4})", "%y": r"(?P<y>\d{2})"}
_MONTH_NAMES = {"%b": r"(?P<b>[^\W\d_]+)\.?", "%B": r"(?P<b>[^\W\d_]+)\.?"}
_DIRECTIVE = re.compile(r"%.")
_CLOCK_FORMAT = re.compile(r"(?:[, T]+%[HI][:.]%M(?:[:.]%S(?:[.,]%f)?)?(?: ?%p)?(?: ?%z)?)?")

_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_MONTH = r"(?P<b>[^\W\d_]{3,12})\.?"
_OF = r"(?:\s+de|\s+of)?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|\.)?"
_CLOCK = r"(?P<H>\d{1,2})[:.](?P<M>\d{2})(?:[:.](?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<p>[AaPp][Mm])?"
_ZONE = r"(?P<zone>[A-Za-z][\w/+\-:]*|[+-]\d{2}:?(?:\d{2})?)?(?:\s+(?P<zone2>[A-Z]{3,4}))?"
_REST = rf"(?:(?:,|T|\s|\s+at\s|\s+um\s|\s+à\s|\s+в\s|\s+kl\.?\s|,?\s*às\s)\s*{_CLOCK}\s*{_ZONE})?"
_DAYS_ONE_WAY = (
    r"(?P<Y>\d{4})(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})",
    rf"{_WEEKDAY}(?P<d>\d{{1,2}}){_ORDINAL}{_OF}[\s-]+{_MONTH}{_OF},?[\s-]+(?P<Y>\d{{4}})(?:\s+(?:г|р)\.?)?",
    rf"{_WEEKDAY}{_MONTH}\s+(?P<d>\d{{1,2}}){_ORDINAL},?\s+(?P<Y>\d{{4}})",
    r"(?P<d>\d{1,2})-(?P<b>[^\W\d_]{3,12})-(?P<y>\d{2})",
    rf"(?P<Y>\d{{4}})[\s-]+{_MONTH}[\s-]+(?P<d>\d{{1,2}})",
    r"(?P<Y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]",
)
_CTIME = rf"{_WEEKDAY}{_MONTH}\s+(?P<d>\d{{1,2}})\s+{_CLOCK}\s*{_ZONE}\s+(?P<Y>\d{{4}})"
_ONE_WAY = (*(re.compile(day + _REST) for day in _DAYS_ONE_WAY), re.compile(_CTIME))
_COMMENT = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|\bm=[+-][\d.]+|\bUhr)$")
_HALF_DAY = re.compile(r"(?<=\d)\s*([AaPp])\.?\s?[Mm]\.?(?=$|\s)")
_JSON_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?")
_ABBREVIATED = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours from UTC. Those of America are RFC 2822's; IST, BST and the like mean several and are refused."""
_MAX_LENGTH = 100
_LARGEST = 10**17


def read_time(text: str, form: str | None = None) -> datetime:
    """Read one text; `form` is a strptime format, one of `NUMBERED`, or None.

    A format reads its day without a time, and with one that is written otherwise, as well.

    Raises:
        ValueError: where it is no time, or could be read in two ways.
    """
    text = text.strip()
    if len(text) > _MAX_LENGTH:
        raise ValueError
    if form:
        with suppress(ValueError):
            return _format_reader(form)(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _read_unambiguous(text)


def read_in_format(text: str, form: str) -> datetime:
    """Read one text in a format or in ISO 8601, and not otherwise; raises `ValueError`."""
    text = text.strip()
    with suppress(ValueError):
        return _format_reader(form)(text)
    return datetime.fromisoformat(text)


def read_number(number: float, form: str) -> datetime:
    """A time that is a number, in one of `NUMBERED`; any other format reads the number's digits."""
    if not -_LARGEST < number < _LARGEST:  # nor NaN
        raise ValueError
    if form not in NUMBERED:
        return _format_reader(form)(f"{number:.0f}")
    since, unit = NUMBERED[form]
    try:
        return since + number * unit
    except OverflowError:
        raise ValueError from None


def _read_unambiguous(text: str) -> datetime:
    if text.isdigit() and len(text) == 14:
        return datetime.strptime(text, "%Y%m%d%H%M%S")
    if stamp := _JSON_DATE.fullmatch(text):
        return read_number(int(stamp[1]), "unix_ms")
    text = _tidy(text)
    for pattern in _ONE_WAY:
        if found := pattern.fullmatch(text):
            return _build_time(found)
    raise ValueError


@lru_cache(maxsize=512)
def _tidy(text: str) -> str:
    """White space folded, a comment behind the time dropped, and one spelling of a.m. and p.m."""
    text = " ".join(text.split())
    while (shorter := _COMMENT.sub("", text)) != text:
        text = shorter
    return _HALF_DAY.sub(r" \1m", text)


def _build_time(found: re.Match[str]) -> datetime:
    parts = found.groupdict()
    month = int(parts["m"]) if parts.get("m") else month_of(parts["b"])
    if month is None:
        raise ValueError
    day = datetime(_full_year(parts), month, int(parts["d"]))
    if parts.get("H") is None:
        return day
    fraction = (parts["f"] or "0")[:6].ljust(6, "0")
    clock = {"minute": int(parts["M"]), "second": int(parts["S"] or 0), "microsecond": int(fraction)}
    return day.replace(hour=_hour_of_day(parts), tzinfo=_parse_zone(parts.get("zone"), parts.get("zone2")), **clock)


def _full_year(parts: dict[str, str]) -> int:
    if parts.get("Y"):
        return int(parts["Y"])
    year = int(parts["y"])  # as strptime and POSIX read it
    return year + (2000 if year < 69 else 1900)


def _hour_of_day(parts: dict[str, str]) -> int:
    hour, half = int(parts["H"]), (parts["p"] or "").casefold()
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + 12 * (half == "pm")


def _parse_zone(said: str | None, again: str | None) -> tzinfo | None:
    """Go says a zone twice, +0000 UTC; the first one counts."""
    if again is not None and again not in _ABBREVIATED:
        raise ValueError
    if not said:
        return None
    if offset := _OFFSET.fullmatch(said):
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-away if offset[1] == "-" else away)
    if said.upper() in _ABBREVIATED:
        return timezone(timedelta(hours=_ABBREVIATED[said.upper()]))
    if "/" not in said:
        raise ValueError
    return _region_zone(said)


@lru_cache(maxsize=64)
def _region_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError from None


def check_date_format(form: str) -> str:
    """The format, which holds a whole day or is one of `NUMBERED`; raises `ValueError` saying what is accepted."""
    if form not in NUMBERED and not _holds_day(form):
        numbered = ", ".join(NUMBERED)
        raise ValueError(
            f"a strptime format with day, month and year, such as %d.%m.%Y or %d.%m.%Y %H:%M, or one of {numbered}"
        )
    return form


def _holds_day(form: str) -> bool:
    day = datetime(2026, 11, 23)
    try:
        return datetime.strptime(day.strftime(form), form).date() == day.date()
    except (ValueError, re.error):
        return False


@lru_cache(maxsize=64)
def _format_reader(form: str) -> Callable[[str], datetime]:
    """What reads texts of a format: by its day, whatever time stands behind; by strptime where it is unusual."""
    if form in NUMBERED:
        return lambda text: read_number(float(text.replace(",", ".")), form)
    pattern = _format_pattern(form)

    def read(text: str) -> datetime:
        if pattern is None:
            return datetime.strptime(text, form)
        found = pattern.fullmatch(text) or pattern.fullmatch(_tidy(text))
        if found is None:
            raise ValueError
        return _build_time(found)

    return read


def _format_pattern(form: str) -> re.Pattern[str] | None:
    """The format's day, then any time; None where a format has its day elsewhere, or what is not known here."""
    directives = list(_DIRECTIVE.finditer(form))[:3]
    if any(found[0] not in _DAY_PARTS and found[0] not in _MONTH_NAMES for found in directives) or len(directives) < 3:
        return None
    if not _CLOCK_FORMAT.fullmatch(form, directives[-1].end()):
        return None
    written, at = "", 0
    for found in directives:
        written += re.escape(form[at : found.start()]) + (_DAY_PARTS | _MONTH_NAMES)[found[0]]
        at = found.end()
    try:
        return re.compile(written + _REST)
    except re.error:  # a part of the day twice
        return None
