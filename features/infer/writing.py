"""How a table writes numbers and dates: `Column`s in, the `decimal` and `date_format` of [leads] out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from features.infer import names, vocabulary
from features.infer.column import Column
from features.infer.dates import ISO, DateFormat, date_format

_COMMA = re.compile(r"[+-]?\d{1,3}(?:[. \u00a0\u202f']?\d{3})*,\d+")
_POINT = re.compile(r"[+-]?\d{1,3}(?:[, \u00a0\u202f']?\d{3})*\.\d+")
_WHOLE = re.compile(r"[+-]?\d{1,3}(?:[., \u00a0\u202f']?\d{3})*")
_MOSTLY = 0.9


@dataclass(frozen=True, slots=True)
class Writing:
    """The decimal mark, the date format (`ISO` needs no saying), and the other format that it could be."""

    decimal: str = "."
    date_format: str = ISO
    ambiguous_with: str | None = None


def read_writing(columns: Sequence[Column]) -> Writing:
    """One decimal mark and one date format for the whole table, as scoring.toml has it."""
    votes = [_decimal_vote(column) for column in columns]
    decimal = "," if votes.count(",") > votes.count(".") else "."
    found = [(column.name, form) for column in columns if (form := date_format(column)) and form.text != ISO]
    if not found:
        return Writing(decimal)
    form = _leading(found)
    return Writing(decimal, form.text, form.also)


def _decimal_vote(column: Column) -> str:
    """`,` or `.` where the column holds numbers that can be read in one way only."""
    for mark, pattern in ((",", _COMMA), (".", _POINT)):

        def number(text: str, pattern: re.Pattern[str] = pattern) -> bool:
            return bool(pattern.fullmatch(text) or _WHOLE.fullmatch(text))

        def telling(text: str, pattern: re.Pattern[str] = pattern) -> bool:
            return bool(pattern.fullmatch(text)) and not _WHOLE.fullmatch(text)

        if column.share(number) >= _MOSTLY and column.share(telling) > 0:
            return mark
    return ""


def _leading(found: list[tuple[str, DateFormat]]) -> DateFormat:
    """The format of the arrival time if it is among them, else of the first column that leaves no doubt."""

    def doubt(pair: tuple[str, DateFormat]) -> tuple[bool, bool]:
        return names.place_in(vocabulary.CREATED_AT, pair[0]) is None, pair[1].also is not None

    form = min(found, key=doubt)[1]
    sure = {other.text for _, other in found if other.also is None}
    return DateFormat(form.also) if form.also in sure and form.text not in sure else form
