"""From what a CRM exports or sends to one clean value: text and JSON in, a `Value` of the field's kind out.

A table and a single lead are parsed by the same functions, so they cannot disagree.
"""

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import StrEnum

from features.lead import Value


class Kind(StrEnum):
    """What a field holds."""

    NUMERIC = "numeric"
    CATEGORY = "category"
    FLAG = "flag"
    DATETIME = "datetime"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"


class Known(StrEnum):
    """When a field becomes known; what is known later never feeds the score."""

    ARRIVAL = "arrival"
    LATER = "later"


TRUE_WORDS = frozenset({"1", "true", "t", "yes", "y", "on"})
FALSE_WORDS = frozenset({"0", "false", "f", "no", "n", "off"})

ACCEPTED = {
    Kind.NUMERIC: "a number",
    Kind.CATEGORY: "text, a number or true/false",
    Kind.FLAG: "true or false, yes or no, 1 or 0",
    Kind.DATETIME: "an ISO 8601 time such as 2026-11-02T09:30:00Z",
    Kind.TEXT: "text",
    Kind.EMAIL: "text",
    Kind.PHONE: "text",
}
"""What each kind accepts, as error messages say it."""

_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}([ ,'’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}([ .'’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:,\d+)?"),
}
"""Numbers with a separator between thousands, by their decimal mark."""

_WHOLE = re.compile(r"-?[0-9]+\.0+")
_UNIT = re.compile(r"^[$€£₽¥]\s*|\s*[%$€£₽¥]$")


class ValueRefused(ValueError):
    """A value that its field's kind does not accept; the message says what it does, never the value."""


def text_of(raw: object) -> str:
    """The text by which values are compared: trimmed, inner white space folded, 1 = 1.0 = "1.0", true = True."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    text = " ".join(str(raw).split())
    return text.partition(".")[0] if _WHOLE.fullmatch(text) else text


def same_text(raw: object) -> str:
    """The key under which two spellings count as one value: `text_of`, upper and lower case alike."""
    return text_of(raw).casefold()


def outcome_key(raw: object) -> str:
    """As `same_text`, and 1 = true, 0 = false, as scoring.toml compares outcomes."""
    key = same_text(raw)
    return {"true": "1", "false": "0"}.get(key, key)


def is_missing(raw: object) -> bool:
    """Whether nothing arrived: null, NaN, or text of white space alone."""
    return raw is None or raw != raw or (isinstance(raw, str) and not raw.strip())


def parse_number(raw: object, decimal: str = ".") -> float | None:
    """A finite float; text may carry a currency or per cent sign, or one kind of separator between thousands."""
    if isinstance(raw, bool):
        raise ValueRefused
    if isinstance(raw, str):
        return _number_from_text(raw, decimal)
    try:
        number = float(raw)  # type: ignore[arg-type]
    except (TypeError, OverflowError) as error:
        raise ValueRefused from error
    return _finite(number)


def _number_from_text(text: str, decimal: str) -> float | None:
    text = _UNIT.sub("", text.strip())
    if grouped := _GROUPED[decimal].fullmatch(text):
        text = text.replace(grouped[1], "")
    if decimal == ",":
        text = text.replace(",", ".")
    if "_" in text:  # Python reads 1_000, and nobody else does
        raise ValueRefused
    try:
        return _finite(float(text))
    except ValueError:
        raise ValueRefused from None


def _finite(number: float) -> float | None:
    if math.isinf(number):
        raise ValueRefused
    return None if math.isnan(number) else number + 0.0  # no -0.0


def parse_flag(raw: object) -> bool:
    """True or false, from the usual words and numbers."""
    word = same_text(raw) if isinstance(raw, str | bool | int | float) else ""
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueRefused


def parse_datetime(raw: object, date_format: str | None = None) -> datetime:
    """A time in UTC: text in `date_format` where there is one, or ISO 8601.

    Without a zone it is UTC; a date alone is its midnight.
    """
    if isinstance(raw, datetime):
        return _in_utc(raw)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day, tzinfo=UTC)
    if not isinstance(raw, str):
        raise ValueRefused
    text = raw.strip()
    if date_format:
        with suppress(ValueError):
            return _in_utc(datetime.strptime(text, date_format))
    try:
        return _in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise ValueRefused from None


def _in_utc(time: datetime) -> datetime:
    try:
        if hasattr(time, "to_pydatetime"):  # pandas hands out its own subclass, which is slower and compares otherwise
            time = time.to_pydatetime(warn=False)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):  # a year before 1 or after 9999
        raise ValueRefused from None


def parse_text(raw: object) -> str:
    """Text with its white space folded; numbers, dates and true/false become text."""
    if isinstance(raw, Mapping | list | tuple | set | bytes):
        raise ValueRefused
    return text_of(raw)


def parser(kind: Kind, decimal: str = ".", date_format: str | None = None) -> Callable[[object], Value]:
    """The function that parses one present value of a kind, raising `ValueRefused`."""
    if kind is Kind.NUMERIC:
        return lambda raw: parse_number(raw, decimal)
    if kind is Kind.FLAG:
        return parse_flag
    if kind is Kind.DATETIME:
        return lambda raw: parse_datetime(raw, date_format)
    return parse_text
