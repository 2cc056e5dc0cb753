"""When a failed attempt is made again, by how often it was tried and what the receiver asks for."""

from collections.abc import Sequence
from random import uniform

MINUTE, HOUR = 60.0, 3600.0
SCHEDULE = (5, 30, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR)
"""Seconds after each failed attempt; after the last there is none."""
JITTER = 0.2
LONGEST = 24 * HOUR
"""What a receiver may ask for."""
LONGEST_WAIT = max(LONGEST, max(SCHEDULE) * (1 + JITTER))
"""No wait between two attempts is longer."""


def wait_after(attempts: int, asked: float | None, schedule: Sequence[float] = SCHEDULE) -> float | None:
    """Seconds to wait after so many failed attempts, at least what the receiver asked for; None after the last."""
    if attempts > len(schedule):
        return None
    return max(schedule[attempts - 1] * uniform(1 - JITTER, 1 + JITTER), min(asked or 0.0, LONGEST))  # noqa: S311
