"""Parses one value that a CRM exports or sends, text or JSON, as a `Value` of its field's kind.

A table and a single lead are parsed by the same functions, so they cannot disagree.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from features.lead import Value
from features.parsing.numbers import parse_amount
from features.parsing.plain_columns import PlainReader, no_plain_texts, plain_numbers, plain_texts, plain_times
from features.parsing.times import read_number, read_time


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

NULL = r"\N"
"""What MySQL and PostgreSQL write for null."""

_WHOLE = re.compile(r"-?[0-9]+\.0+")


class ValueRefused(ValueError):
    """A value that its field's kind does not accept; the message says what it does, never the value."""


def text_of(raw: object) -> str:
    """The text by which values are compared: trimmed, inner white space folded, 1 = 1.0 = "1.0", true = True."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    text = " ".join(str(raw).split())
    return text.partition(".")[0] if text[-1:] == "0" and _WHOLE.fullmatch(text) else text


def same_text(raw: object) -> str:
    """The key under which two spellings count as one value: `text_of`, upper and lower case alike."""
    return text_of(raw).casefold()


def outcome_key(raw: object) -> str:
    """As `same_text`, and 1 = true, 0 = false, as scoring.toml compares outcomes."""
    key = same_text(raw)
    return {"true": "1", "false": "0"}.get(key, key)


def is_missing(raw: object) -> bool:
    r"""Whether nothing arrived: null, NaN, text of white space alone, or \N, as database dumps write it."""
    if isinstance(raw, str):
        return raw == NULL or not raw.strip()
    return raw is None or raw != raw


def parse_number(raw: object, decimal: str = ".") -> float | None:
    """A finite float; text may carry a unit, a scale and separators between thousands (`features.parsing.numbers`)."""
    if isinstance(raw, bool):
        raise ValueRefused
    try:
        if isinstance(raw, str):
            amount = parse_amount(raw, decimal)
            return None if amount is None else amount.value
        number = float(raw)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise ValueRefused from None
    return _finite_or_missing(number)


def _finite_or_missing(number: float) -> float | None:
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
    """A time in UTC: in `date_format` where there is one, or as `features.parsing.times` reads it.

    Without a zone it is UTC; a date alone is its midnight. Numbers are times only where a format says so.
    """
    if isinstance(raw, datetime | date):
        return parse_iso_time(raw)
    try:
        if isinstance(raw, str):
            return _in_utc(read_time(raw, date_format))
        if date_format and isinstance(raw, int | float) and not isinstance(raw, bool):
            return _in_utc(read_number(raw, date_format))
    except ValueError:
        raise ValueRefused from None
    raise ValueRefused


def lacks_zone(raw: object, date_format: str | None = None) -> bool:
    """Whether a time that can be read is text without a zone, a date alone for one."""
    return isinstance(raw, str) and read_time(raw, date_format).tzinfo is None


def parse_iso_time(raw: object) -> datetime:
    """A time in UTC from ISO 8601 alone, as the API takes it where it says so."""
    if isinstance(raw, datetime):
        return _in_utc(raw)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day, tzinfo=UTC)
    if not isinstance(raw, str):
        raise ValueRefused
    try:
        return _in_utc(datetime.fromisoformat(raw.strip()))
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
    if type(raw) is not str and isinstance(raw, Mapping | list | tuple | set | bytes):
        raise ValueRefused
    return text_of(raw)


@dataclass(frozen=True, slots=True)
class FieldParser:
    """Parses the values of a field: called with one raw value, or by `read_plain` those of a column that are plain."""

    parse_one: Callable[[object], Value]
    read_plain: PlainReader = no_plain_texts

    def __call__(self, raw: object) -> Value:
        """The value; None for what is missing. Raises `ValueRefused`."""
        return self.parse_one(raw)


def parser(kind: Kind, decimal: str = ".", date_format: str | None = None) -> Callable[[object], Value]:
    """The function that parses one present value of a kind, raising `ValueRefused`."""
    if kind is Kind.NUMERIC:
        return lambda raw: parse_number(raw, decimal)
    if kind is Kind.FLAG:
        return parse_flag
    if kind is Kind.DATETIME:
        return lambda raw: parse_datetime(raw, date_format)
    return parse_text


def plain_reader(kind: Kind, decimal: str, date_format: str | None, placeholders: Sequence[Value]) -> PlainReader:
    """What reads the plain texts of a column as `parser` of the kind would; the `placeholders`, parsed, are left."""
    if kind is Kind.NUMERIC:
        return plain_numbers(decimal, [value for value in placeholders if isinstance(value, float)])
    if kind is Kind.DATETIME and date_format is None:
        return plain_times([value for value in placeholders if isinstance(value, datetime)])
    if kind in {Kind.DATETIME, Kind.FLAG} or placeholders:
        return no_plain_texts
    return plain_texts
