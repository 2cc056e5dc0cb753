"""What stands below a table and is no part of it: a report's totals, notes and the day it was printed.

`looks` says how the values of each column usually look (`features.tables.csv_layout`), so that a footer can be told
from a lead, and a total from a company of that name.
"""

import re
from collections.abc import Sequence

from features.parsing.numbers import split_amount
from features.tables.csv_layout import DATED, FEWEST_COLUMNS, look_of
from features.tables.csv_rows import NumberedRow, Row

LAST_ROWS = 50
"""Among so many rows a footer is looked for."""

_TOTAL = re.compile(
    r"(?:grand |sub-?)?(?:totals?|sum|summe|gesamt\w*|total g[eé]n[eé]ral|suma|итого|всего|totale)\b.{0,40}",
    re.IGNORECASE,
)


def find_footer(
    rows: Sequence[NumberedRow], above: int, looks: Sequence[frozenset[str]]
) -> tuple[Sequence[NumberedRow], tuple[str, ...]]:
    """Those of a file's last rows that stand below its table, and a note of them; both empty where none does.

    `rows` are the last ones, without empty ones, and `above` is the number of the row above them. A lone value below
    others may also be a row that was cut off: it is a footer where it looks like no id, stands below an empty row, or
    is one of several.
    """
    count = 0
    while count < len(rows) and may_be_footer(rows[-1 - count][1], looks):
        count += 1
    if not count:
        return (), ()
    footer = rows[-count:]
    number, first = footer[0]
    above = rows[-count - 1][0] if count < len(rows) else above
    label = next(value for value in first if value)
    are_lone_values = count > 1 and all(len(row) == 1 for _, row in footer)
    is_no_id = not looks[0] or look_of(label) not in looks[0]
    has_sums_alone = _has_sums_alone(first, looks)
    if are_lone_values or number > above + 1 or is_no_id or has_sums_alone or _TOTAL.fullmatch(label):
        return footer, (_footer_note(number, footer[-1][0]),)
    return (), ()


def find_group_lines(above: Sequence[NumberedRow], looks: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """The rows right above a repeated header that belong to groups, as boards are exported in them; at most two.

    That is the title of the group that begins, alone in its row, and above it the sums of the group that ended. `above`
    are the last rows before the header.
    """
    rows, found = [*above], []
    if rows and len(looks) >= FEWEST_COLUMNS and _places(rows[-1][1]) == [0]:
        found.append(rows.pop()[0])
    if rows and _has_sums_alone(rows[-1][1], looks):
        found.append(rows[-1][0])
    return tuple(found)


def group_note(rows: Sequence[int]) -> str:
    """A note on rows of `find_group_lines` that were left out."""
    listed = ", ".join(f"{row:,}" for row in sorted(rows)[:8]) + (" …" if len(rows) > 8 else "")
    return f"Titles and sums of groups stand between the rows ({listed}); they are left out."


def _places(row: Row) -> list[int]:
    return [place for place, value in enumerate(row) if value.strip()]


def _has_sums_alone(row: Row, looks: Sequence[frozenset[str]]) -> bool:
    """Whether a row has nothing but sums, and none in the first column, which leads always fill."""
    filled = _places(row)
    if not filled or filled[0] == 0 or not looks[0] or "" in looks[0] or len(looks) < FEWEST_COLUMNS:
        return False
    return all(_is_sum(row[place].strip()) for place in filled)


def may_be_footer(row: Row, looks: Sequence[frozenset[str]]) -> bool:
    """Whether a row has one value alone, or is one of totals, in a table that is wide enough to tell."""
    if len(looks) < FEWEST_COLUMNS:
        return False
    filled = (place for place, value in enumerate(row) if value.strip())  # of a lead only the first two are looked at
    label = next(filled, None)
    if label is None:
        return False
    is_alone = next(filled, None) is None
    return (is_alone and label == 0) or _is_total(row, label, looks) or _has_sums_alone(row, looks)


def _is_total(row: Row, label: int, looks: Sequence[frozenset[str]]) -> bool:
    """Whether a row has a total's label, at the place `label`, and sums; a lead of that name has text and dates too.

    Where the label looks like the other values of its column, sums alone may stand beside it; else a few words may.
    """
    name = row[label].strip()
    if not _TOTAL.fullmatch(name):
        return False
    others = [value.strip() for value in row[label + 1 :] if value.strip()]
    empty = len(looks) - 1 - len(others)
    described = sum(not _is_sum(value) for value in others)
    may_be_value = look_of(name) in looks[label]
    return empty > 0 and (described == 0 if may_be_value else 2 * described <= empty)


def _is_sum(value: str) -> bool:
    if DATED.fullmatch(value):
        return False
    try:
        split_amount(value)
    except ValueError:
        return False
    return True


def _footer_note(first: int, last: int) -> str:
    if first == last:
        return f"Row {first:,} stands below the table, as a report's last lines do, and is no part of it."
    return f"Rows {first:,} to {last:,} stand below the table, as a report's last lines do, and are no part of it."
