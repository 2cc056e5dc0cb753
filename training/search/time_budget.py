"""Seconds that may be spent, and how many are gone. The clock is an argument."""

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True)
class Deadline:
    """`budget_s` seconds from `start` on the clock."""

    clock: Clock
    start: float
    budget_s: float

    @classmethod
    def starting_now(cls, clock: Clock, budget_s: float) -> "Deadline":
        return cls(clock, clock(), budget_s)

    @property
    def spent(self) -> float:
        return self.clock() - self.start

    @property
    def left(self) -> float:
        return self.budget_s - self.spent

    @property
    def share_spent(self) -> float:
        return self.spent / self.budget_s
