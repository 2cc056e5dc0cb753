"""Values that stand for "nothing": a `Column` in, the texts to be listed under `missing` out."""

from collections.abc import Callable

import numpy as np

from features.schema_inference import vocabulary
from features.schema_inference.column import Column, Counts, Floats
from features.values import same_text

_SENTINELS = (-1.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0)
_PLACEHOLDERS = frozenset(vocabulary.PLACEHOLDERS)
_LONGEST = max(map(len, _PLACEHOLDERS))
_WORDS = _PLACEHOLDERS | {"none"}
_FEW_LEVELS = 6
_MIN_ROWS = 3
_MOST_WORDS, _LEAST_DATES = 3, 5
"""Words among dates up to which they stand for nothing, and other values for each of them."""


def word_placeholders(column: Column) -> tuple[str, ...]:
    """Words for nothing, where enough other values remain that they cannot be one of the answers."""
    if _WORDS.isdisjoint("\n".join(column.texts).casefold().split("\n")):
        return ()
    short = [text for text in column.texts if len(text) <= _LONGEST and not text[0].isdigit()]
    always = [text for text in short if same_text(text) in _PLACEHOLDERS]
    others = len(column.texts) - len(always)
    often = [text for text in short if same_text(text) == "none"] if others > _FEW_LEVELS else []
    return tuple(always + often) if others - len(often) >= 2 else ()


def date_placeholders(column: Column, holds_dates: Callable[[Column], bool]) -> tuple[str, ...]:
    """Words that stand where there is no date yet, such as "not closed", in a column of nothing else but dates."""
    words = [text for text in column.texts if not any(map(str.isdigit, text))]
    if not words or len(words) > _MOST_WORDS or len(column.texts) < _LEAST_DATES * len(words):
        return ()
    return tuple(words) if holds_dates(column.without(words)) else ()


def number_placeholders(numbers: Floats, column: Column) -> tuple[str, ...]:
    """Numbers such as 999 or -1 that stand far off all others of a field of whole numbers from 0 up."""
    found = np.isin(numbers, _SENTINELS) & (column.counts >= _MIN_ROWS)
    if not found.any():
        return ()
    sentinels = [
        position for position in np.flatnonzero(found).tolist() if _stands_off(numbers, column.counts, position)
    ]
    return tuple(column.texts[position] for position in sentinels)


def _stands_off(numbers: Floats, counts: Counts, position: int) -> bool:
    rest = ~np.isnan(numbers) & (~np.isin(numbers, _SENTINELS) | (numbers < numbers[position]))
    rest[position] = False
    others = np.repeat(numbers[rest], counts[rest])
    if rest.sum() < 2 or (others != np.floor(others)).any() or others.min() < 0:
        return False
    if numbers[position] < 0:
        return True
    return bool(others.max() < 0.8 * numbers[position] and np.quantile(others, 0.95) < numbers[position] / 3)
