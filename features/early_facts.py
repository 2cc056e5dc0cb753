"""Says where outcomes or contacts are dated before their lead arrived, as a wrong column, cell or time zone makes them.

They are taken all the same: only who knows the tables can tell which of the two times is wrong.
"""

import numpy as np

from stats.types import Mask, Rows, Times

COUNTS_AS = "such a lead counts as {what} on arrival"


def is_early(times: Times, arrived: Times) -> Mask:
    """Whether each of these times (n,) lies before its lead's arrival (n,); of a day without an hour, the whole day."""
    days = times.astype("datetime64[D]")
    has_hour = times != days
    return np.asarray((times < arrived) & (has_hour | (days < arrived.astype("datetime64[D]"))))


def describe_early(numbers: Rows, done: str, column: str, arrival: str) -> str:
    """How many rows are early, which is the first of these `numbers`, what is `done` with them, and what to check.

    `column` and `arrival` hold the two times.
    """
    rows = "1 row" if len(numbers) == 1 else f"{len(numbers):,} rows"
    return (
        f'in {rows} "{column}" is earlier than the lead\'s "{arrival}" (row {numbers.min():,} first): {done}. Is one '
        "of the two the wrong column, of another time zone, or a day without an hour, which begins at midnight UTC?"
    )
