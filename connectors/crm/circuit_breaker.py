"""A circuit breaker: a CRM that is away is left alone for a while, longer each time it fails."""

from dataclasses import dataclass

FIRST_REST, LONGEST_REST = 5.0, 600.0
"""Seconds that a CRM is left alone after it failed, doubled with each failure in a row."""
LONGEST_ASKED = 86_400.0
"""Seconds that it may ask for: one that writes a moment where seconds belong would not be asked again for years."""


@dataclass
class CircuitBreaker:
    """Whether a CRM may be asked; times are Unix seconds."""

    until: float = 0.0
    failures: int = 0

    def is_open(self, now: float) -> bool:
        """Whether it is to be left alone."""
        return now < self.until

    def succeed(self) -> None:
        """Note an answer."""
        self.until, self.failures = 0.0, 0

    def fail(self, now: float, asked: float | None = None) -> float:
        """Note a failure; until when the CRM is left alone, at least as long as it `asked`, within a day."""
        rest = min(FIRST_REST * 2**self.failures, LONGEST_REST)
        self.failures += 1
        self.until = now + max(rest, min(asked or 0.0, LONGEST_ASKED))
        return self.until
