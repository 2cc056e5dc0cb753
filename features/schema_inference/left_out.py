"""Columns that can teach nothing: a `Reading` in, the reason to leave it out or None out."""

import json

import numpy as np

from features.schema_inference import names
from features.schema_inference.column import Column
from features.schema_inference.dates import mixes_formats
from features.schema_inference.kinds import MOSTLY, Reading
from features.schema_inference.lexicon import Lexicon
from features.values import Kind

_NEARLY_UNIQUE = 0.9
_ENOUGH_ROWS = 20
_RARELY = 0.001
_MANY_NAMES = 30
_MANY_KEYS = 0.2
_SHOWN = 40
_AS_TIMES = "write them as 2026-11-02T09:30:00Z to use them"


def why_left_out(reading: Reading, lead_id: Column | None, lexicon: Lexicon) -> str | None:
    """A sentence on why a column is no field; None when it is one."""
    column = reading.column
    filled = int(column.filled.sum())
    if not filled:
        return "empty" if not reading.missing else f"nothing but placeholders ({', '.join(reading.missing)})"
    if len(column.texts) == 1 and filled == len(column.codes):
        return f'constant: always "{column.texts[0][:_SHOWN]}"'
    if filled < max(min(_ENOUGH_ROWS, len(column.codes) / 10), _RARELY * len(column.codes)):
        return f"almost empty: filled in {filled:,} of {len(column.codes):,} rows"
    if lead_id is not None and np.array_equal(column.codes, lead_id.codes) and column.texts == lead_id.texts:
        return f"the same as {lead_id.name}"
    return _why_unread(reading) or _why_names_someone(reading, lexicon) or _why_names_a_lead(reading, filled)


def _why_unread(reading: Reading) -> str | None:
    """Values that hold something, written so that nobody could learn from them."""
    if reading.kind in (Kind.CATEGORY, Kind.TEXT):
        if reading.column.mostly(_is_json, MOSTLY):
            return "JSON: bring what it holds into columns of its own to use it"
        if mixes_formats(reading.column):
            return f"dates in several formats; {_AS_TIMES}"
    return None


def _is_json(text: str) -> bool:
    if text[:1] not in "{[":
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _why_names_someone(reading: Reading, lexicon: Lexicon) -> str | None:
    """Names of people always; of companies, and of people in another language, where there are many of them."""
    if reading.kind not in (Kind.CATEGORY, Kind.TEXT):
        return None
    if names.is_person(reading.name):
        return "a person's name"
    if len(reading.column.texts) < _MANY_NAMES:
        return None
    if lexicon.is_company(reading.name):
        return "a company's name"
    return "a person's name" if lexicon.is_person(reading.name) else None


def _why_names_a_lead(reading: Reading, filled: int) -> str | None:
    column = reading.column
    if reading.doubts and reading.kind in (Kind.CATEGORY, Kind.TEXT):
        return f"numbers that cannot be read: {'; '.join(reading.doubts)}"
    if reading.kind is Kind.CATEGORY and names.is_code(reading.name) and _holds_many(column, filled):
        return f"an id: {len(column.texts):,} different values in {filled:,} rows"
    nearly_unique = filled >= _ENOUGH_ROWS and len(column.texts) >= _NEARLY_UNIQUE * filled
    if not nearly_unique:
        return None
    if reading.kind is Kind.CATEGORY or (reading.kind is Kind.NUMERIC and _numbers_the_rows(reading)):
        return f"an id: {len(column.texts):,} different values in {filled:,} rows"
    return None


def _holds_many(column: Column, filled: int) -> bool:
    """Whether keys are so many, and so seldom the same, that nothing can be learned of one."""
    return len(column.texts) >= max(_MANY_NAMES, _MANY_KEYS * filled)


def _numbers_the_rows(reading: Reading) -> bool:
    """Whether whole numbers hardly repeat and are called a number, or count the rows one by one."""
    numbers = reading.by_row[~np.isnan(reading.by_row)]
    if (numbers != np.floor(numbers)).any():
        return False
    return names.is_code(reading.name) or bool((np.diff(numbers) == 1).all())
