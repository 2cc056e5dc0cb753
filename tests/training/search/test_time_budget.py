"""The time budget of a run."""

from dataclasses import dataclass

from training.search.time_budget import TimeBudget


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_time_budget_counts_from_its_start() -> None:
    clock = Clock()
    budget = TimeBudget(clock, clock.now, 40.0)
    clock.now += 10.0
    assert (budget.elapsed_s, budget.remaining_s, budget.elapsed_share) == (10.0, 30.0, 0.25)
