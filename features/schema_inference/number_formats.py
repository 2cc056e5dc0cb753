"""How a table writes numbers and dates, column by column: decimal marks and date formats.

What a column's own values leave open, the others settle; what stays open is said in `doubts`.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from features.parsing.numbers import Parts, split_amount
from features.schema_inference import column_names
from features.schema_inference.columns import LOOKED_AT, Column
from features.schema_inference.date_formats import ISO, DateFormat, day_of, detect_date_format
from features.values import ValueRefused, parse_number

_MOSTLY = 0.9
_FEW_NUMBERS = 20
_SHOWN_UNITS = 4
_FIRST_NUMBERS = 64
_ODD_NUMBERS = 0.03
"""The share of values with other than three digits behind a mark, up to which it stands between thousands; of
decimals rounded to three digits a tenth have fewer."""
_NOT_WHOLE = re.compile(r"[^\d\n+-]")
_NOT_WITH_POINT = re.compile(r"[^\d\n.+-]")
_SURELY_A_POINT = re.compile(r"\.(?:\d{1,2}|\d{4,})$|^[+-]?(?:0|\d{4,})\.\d+$", re.MULTILINE)


_ISO = DateFormat(ISO)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A column's decimal mark, None where its numbers read the same with either; `doubt` says what else it may be."""

    decimal: str | None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class TableFormats:
    """The table's decimal mark and date format, and the formats of its columns."""

    decimal: str = "."
    date_format: DateFormat = _ISO
    numbers: Mapping[str, NumberFormat] = field(default_factory=dict)
    dates: Mapping[str, DateFormat] = field(default_factory=dict)

    def decimal_of(self, name: str) -> str:
        """The decimal mark by which a column is read."""
        written = self.numbers.get(name)
        return (written and written.decimal) or self.decimal

    def form_of(self, name: str) -> str | None:
        """The date format of a column, None where it holds no dates."""
        written = self.dates.get(name)
        return None if written is None else written.text

    def with_date_format(self, name: str, form: DateFormat) -> Self:
        """The formats with another one for a column of dates."""
        dates = {**self.dates, name: form}
        return replace(self, dates=dates, date_format=_lead_format(dates))

    def doubts(self, name: str) -> tuple[str, ...]:
        """What is not sure about how a column is written."""
        number, day = self.numbers.get(name), self.dates.get(name)
        said = [number.doubt] if number and number.doubt else []
        if day and day.also:
            said.append(f"read as {day.text}; every date also reads as {day.also}: look")
        return tuple(said)


def detect_formats(columns: Sequence[Column]) -> TableFormats:
    """Find out how each column is written, and how the table mostly is."""
    dates = _settle_dates({column.name: form for column in columns if (form := detect_date_format(column))})
    numbers = {
        column.name: found for column in columns if column.name not in dates and (found := detect_number_format(column))
    }
    marks = Counter(found.decimal for found in numbers.values() if not found.doubt)
    decimal = "," if marks[","] > marks["."] else "."
    numbers = {name: _settle_number(found, decimal, marks) for name, found in numbers.items()}
    if not any(marks.values()) and any(found.decimal == "," for found in numbers.values()):
        decimal = ","
    return TableFormats(decimal, _lead_format(dates), numbers, dates)


def _settle_dates(found: dict[str, DateFormat]) -> dict[str, DateFormat]:
    """Where the day could be the month, as a column writes it that leaves no doubt."""
    sure = {form.day for form in found.values() if form.also is None}

    def settled(form: DateFormat) -> DateFormat:
        if form.also is None or (form.day in sure) == (day_of(form.also) in sure):
            return form
        return DateFormat(form.text if form.day in sure else form.also)

    return {name: settled(form) for name, form in found.items()}


def _settle_number(found: NumberFormat, decimal: str, marks: Mapping[str | None, int]) -> NumberFormat:
    """Where thousands could be decimals, as the other columns write numbers, if any of them tells."""
    if not found.doubt or found.decimal is None or not (marks["."] or marks[","]):
        return found
    return replace(found, decimal=decimal)


def detect_number_format(column: Column) -> NumberFormat | None:
    """The decimal mark of a column of numbers, None when it holds none.

    Three digits behind every mark, and never another number of them, are thousands.
    """
    if not column.begins(_is_number, _MOSTLY / 2):
        return None
    texts = column.sample_texts(LOOKED_AT)
    joined = "\n".join(texts)
    if not _NOT_WHOLE.search(joined):
        return NumberFormat(None)
    if not _NOT_WITH_POINT.search(joined) and _is_often_a_point(texts):
        return NumberFormat(".")
    if not column.mostly(_is_number, _MOSTLY):
        return None
    parted = [parts for text in texts if (parts := _parts(text))]
    votes: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for parts in parted:
        if vote := decimal_vote(parts.number):
            votes[vote] += 1
            examples.setdefault(vote, parts.number)
    decimal, doubt = _decide_decimal(votes, len(texts), examples)
    units = Counter(parts.unit for parts in parted)
    if len(units) > 1:
        shown = ", ".join(f"{unit or 'none'} ({count:,})" for unit, count in units.most_common(_SHOWN_UNITS))
        doubt = "; ".join(filter(None, (doubt, f"several units are read as one: {shown}; bring them into one")))
    return NumberFormat(decimal, doubt)


def _is_often_a_point(texts: Sequence[str]) -> bool:
    """Whether too many points are surely decimal ones to be mistyped; a few texts tell where many are."""
    first = "\n".join(texts[:_FIRST_NUMBERS])
    if len(_SURELY_A_POINT.findall(first)) > _FIRST_NUMBERS / 2:
        return True
    return len(_SURELY_A_POINT.findall("\n".join(texts))) > _ODD_NUMBERS * len(texts)


def decimal_vote(digits: str) -> str:
    """What the digits of a number tell: "." or "," for its decimal mark; "." or "," with 000 where it may be either.

    "long" for whole thousands without a separator, nothing for what tells nothing.
    """
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return "long" if digits.isdigit() and len(digits) > 3 else ""
    if len(set(marks)) == 2:
        return digits[max(digits.rfind("."), digits.rfind(","))]
    mark, other = marks[0], "," if marks[0] == "." else "."
    if len(marks) > 1:
        return other
    before, _, behind = digits.partition(mark)
    before = before.replace(" ", "").replace("'", "").replace("’", "")
    may_be_thousands = len(behind) == 3 and 1 <= len(before) <= 3 and before[0] != "0" and " " not in digits
    return f"{mark}000" if may_be_thousands else mark


def _decide_decimal(votes: Counter[str], values: int, examples: Mapping[str, str]) -> tuple[str | None, str]:
    """The decimal mark, and what is not sure of it, with the first number of each vote as the example."""
    if votes["."] and votes[","]:
        mark = max(".,", key=lambda mark: votes[mark])
        rare = votes["," if mark == "." else "."]
        return mark, f"decimals stand behind . and , both; {rare:,} different values are not written with {mark}"
    for mark in ".,":
        grouped = votes[f"{mark}000"]
        if votes[mark] > _ODD_NUMBERS * grouped:
            return mark, ""
        if votes[mark]:
            thousands = f"{examples[f'{mark}000']} is read as thousands, as {grouped:,} different values are written so"
            return "," if mark == "." else ".", f"{thousands} and {votes[mark]:,} are not: look"
    open_marks = [mark for mark in ".," if votes[f"{mark}000"]]
    if len(open_marks) == 2:
        return ".", "both 1.234 and 1,234 stand in it, and nothing tells which mark is for decimals: look"
    if not open_marks:
        return None, ""
    mark = open_marks[0]
    decimal = "," if mark == "." else "."
    example = examples[f"{mark}000"]
    little = f"a little more than {example.partition(mark)[0]}"
    if votes["long"]:
        return mark, f"{example} is read as {little}, as thousands stand without a mark too: look"
    grouped = votes[f"{mark}000"]
    if grouped == values or values < _FEW_NUMBERS:
        return decimal, f'{example} is read as thousands; write decimal = "{mark}" if it is {little}'
    return decimal, ""


def _parts(text: str) -> Parts | None:
    try:
        return split_amount(text)
    except ValueError:
        return None


def _is_number(text: str) -> bool:
    return is_numeric(text, ".") or is_numeric(text, ",")


def is_numeric(text: str, decimal: str) -> bool:
    """Whether a text is a number with this decimal mark."""
    try:
        return parse_number(text, decimal) is not None
    except ValueRefused:
        return False


def _lead_format(dates: Mapping[str, DateFormat]) -> DateFormat:
    """The format of the arrival time if it needs saying, else of the first column that leaves no doubt."""
    found = [(name, form) for name, form in dates.items() if form.text != ISO]

    def doubt(pair: tuple[str, DateFormat]) -> tuple[bool, bool]:
        return not column_names.is_called_arrival(pair[0]), pair[1].also is not None

    return min(found, key=doubt)[1] if found else _ISO
