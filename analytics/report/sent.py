"""What ad platforms were told, and what it came to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SentToPlatform:
    """One platform's conversions of a window, of so many leads: their value when they were sent, and as it stands now.

    `changes` is how often a value was changed since; `promised` are the wins that the leads' first scores promised,
    `won` those that came so far. Money is in the report's currency.
    """

    platform: str
    conversions: int
    leads: int
    value: float
    changes: int
    value_now: float
    promised: float
    won: int
