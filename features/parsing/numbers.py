"""Reads numbers as people write them: money, shares, thousands, losses in brackets, `1.2k`, `500+`.

What stands between thousands and what before decimals differs from country to country, so it is given, once for a
column (`features.schema_inference.number_formats` finds it), and never guessed for one value.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_SPACES = re.compile(r"[\u00a0\u2007\u2009\u202f]")
_WRITTEN = re.compile(
    r"(?P<before>\D*?)(?P<number>[.,]?\d(?:[\d .,'’]*\d)?\.?(?:[eE][+-]?\d+)?)(?P<after>[^\d].*)?", re.DOTALL
)
_UNGROUPED = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = {
    ".": re.compile(r"\d{1,3}([ ,'’])\d{3}(?:\1\d{3})*(?:\.\d+)?|\d{1,2}(?:(,)\d{2})+,\d{3}(?:\.\d+)?"),
    ",": re.compile(r"\d{1,3}([ .'’])\d{3}(?:\1\d{3})*(?:,\d+)?"),
}
"""Numbers with a separator between thousands, by their decimal mark; the second kind is India's, 1,09,375."""

_NO_CENTS = re.compile(r"^[.,][-–—]{1,2}")
_SCALES = {
    "k": 1e3, "tsd": 1e3, "tys": 1e3, "тыс": 1e3, "thousand": 1e3, "lakh": 1e5, "lakhs": 1e5, "mn": 1e6, "mln": 1e6,
    "mio": 1e6, "mill": 1e6, "млн": 1e6, "million": 1e6, "millions": 1e6, "crore": 1e7, "crores": 1e7, "cr": 1e7,
    "bn": 1e9, "mrd": 1e9, "mld": 1e9, "млрд": 1e9, "billion": 1e9, "billions": 1e9,
}  # fmt: skip
_SHORT_SCALES = {"M": 1e6, "B": 1e9}
_SHORT_SCALES_OF_MONEY = {"m": 1e6, "mm": 1e6, "MM": 1e6, "b": 1e9}
"""A small letter alone may be metres or months, and mm a length."""
_SCALED_UNITS = {"teur": "tsd €", "t€": "tsd €", "keur": "k €", "meur": "M €"}
"""A currency with its scale in one word, as accountants write it."""
_ABOUT = re.compile(r"^(?:[~≈]|(?:ca|approx|circa|about|около)\b\.?)\s*", re.IGNORECASE)
"""What says that a number is a round one."""

_CURRENCIES = frozenset(
    {
        "AED", "AMD", "ARS", "AUD", "AZN", "BAM", "BDT", "BGN", "BHD", "BOB", "BRL", "BYN", "CAD", "CHF", "CLP", "CNY",
        "COP", "CRC", "CZK", "DKK", "DOP", "DZD", "EGP", "EUR", "GBP", "GEL", "GHS", "GTQ", "HKD", "HNL", "HUF", "IDR",
        "ILS", "INR", "IQD", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KRW", "KWD", "KZT", "LBP", "LKR", "MAD",
        "MDL", "MKD", "MMK", "MNT", "MUR", "MXN", "MYR", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PHP",
        "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TTD", "TWD", "TZS",
        "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "XAF", "XOF", "ZAR", "ZMW",
    }
)  # fmt: skip
"""ISO 4217's codes of the currencies that deals are made in."""

_LOCAL = {
    "eur": "EUR", "euro": "EUR", "euros": "EUR", "usd": "USD", "gbp": "GBP", "chf": "CHF", "fr": "CHF", "sfr": "CHF",
    "kr": "kr", "zł": "PLN", "zl": "PLN", "kč": "CZK", "kc": "CZK", "ft": "HUF", "lei": "RON", "лв": "BGN",
    "rs": "INR", "inr": "INR", "руб": "RUB", "р": "RUB", "rub": "RUB", "грн": "UAH", "тг": "KZT", "tl": "TRY",
    "r$": "BRL", "us$": "USD", "a$": "AUD", "au$": "AUD", "ca$": "CAD", "c$": "CAD", "nz$": "NZD", "hk$": "HKD",
    "s$": "SGD", "mx$": "MXN", "€": "EUR", "£": "GBP", "₽": "RUB", "₹": "INR", "₺": "TRY", "₴": "UAH", "₸": "KZT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """A finite number, and what it is of: a currency, "%", or nothing. `digits` is how its digits were written."""

    value: float
    unit: str
    digits: str


def parse_amount(text: str, decimal: str = ".") -> Amount | None:
    """Read a number with what may stand around it; None for "nan".

    Raises:
        ValueError: where it is no number, or not one in this convention.
    """
    text = text.strip()
    if _PLAIN.fullmatch(text) and not (decimal == "," and "." in text):
        return Amount(_require_finite(float(text)), "", text.lstrip("+-"))
    if text.casefold() == "nan":
        return None
    parts = split_amount(text)
    value = _parse_digits(parts.number, decimal) * parts.factor
    return Amount(_require_finite(value), parts.unit, parts.number)


@dataclass(frozen=True, slots=True)
class Parts:
    """The digits with their separators, what they are multiplied by (-1 for a loss, 1000 for `k`), and their unit."""

    number: str
    factor: float
    unit: str


def split_amount(text: str) -> Parts:
    """Part a number from its sign, unit and scale; raises `ValueError` where there is anything else."""
    text = _ABOUT.sub("", _SPACES.sub(" ", text).replace("\u2212", "-").strip())
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError
    before, after = written["before"], _NO_CENTS.sub("", written["after"] or "").strip()
    before, after, negative = _strip_signs(before.strip(), after)
    beside = [_split_scale(text) for text in (before, after) if text]
    if before and not beside[0][1]:  # K012345 is a code
        raise ValueError
    scales = [scale for scale, _ in beside if scale]
    units = [unit for _, unit in beside if unit]
    if len(scales) > 1 or len(units) > 1:
        raise ValueError
    unit = (_unit_name(units[0]) or "") if units else ""
    scale = scales[0] if scales else ""
    return Parts(written["number"], (-1.0 if negative else 1.0) * _scale_factor(scale, unit), unit)


def _strip_signs(before: str, after: str) -> tuple[str, str, bool]:
    """Without sign and brackets, and whether they make the number negative; a plus behind it says "or more"."""
    if before[:1] == "(" or before[-1:] == "(":
        if not after.endswith(")"):
            raise ValueError
        return before.strip("( "), after[:-1].strip(), True
    if after.endswith("-"):  # as SAP writes it
        return before, after[:-1].strip(), True
    if after[:1] == "+":
        after = after[1:].strip()
    elif after.endswith("+"):
        after = after[:-1].strip()
    for sign in "-+":
        if before[:1] == sign:
            return before[1:].strip(), after, sign == "-"
        if before[-1:] == sign:
            return before[:-1].strip(), after, sign == "-"
    return before, after, False


def _unit_name(text: str) -> str | None:
    """The unit's one name; None where it is none."""
    if text == "%":
        return "%"
    if text in _CURRENCIES:
        return text
    if known := _LOCAL.get(text.casefold().rstrip(".")):
        return known
    return text if len(text) == 1 and unicodedata.category(text) == "Sc" else None


def _split_scale(text: str) -> tuple[str, str]:
    """The scale and the unit that stand beside a number, either of them empty where it is not there."""
    if _unit_name(text) is not None:
        return "", text
    text = _SCALED_UNITS.get(text.casefold().rstrip("."), text)
    word = re.match(r"[^\W\d_]+\.?", text)
    unit = text[word.end() :].strip(" +") if word else text
    if word is None or (unit and _unit_name(unit) is None):
        raise ValueError
    return word[0].rstrip("."), unit


def _scale_factor(scale: str, unit: str) -> float:
    if not scale:
        return 1.0
    factor = _SCALES.get(scale.casefold()) or _SHORT_SCALES.get(scale)
    if factor is None and unit:
        factor = _SHORT_SCALES_OF_MONEY.get(scale)
    if factor is None:
        raise ValueError
    return factor


def _parse_digits(digits: str, decimal: str) -> float:
    if grouped := _GROUPED[decimal].fullmatch(digits):
        digits = digits.replace(grouped[1] or grouped[2], "")
    if decimal == ",":
        digits = digits.replace(",", ".", 1)
    if not _UNGROUPED.fullmatch(digits):
        raise ValueError
    return float(digits)


def _require_finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError
    return number + 0.0  # no -0.0
