"""The time that a training run may take, and the rows that this time pays for.

The clock is an argument, so that tests can set it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.config import Order
from stats.types import Rows

Clock = Callable[[], float]
ReportProgress = Callable[[str, float], None]
"""Called with the step that begins and the share of the time that is spent."""

CELLS_A_SECOND = 12_000
REFIT_CELLS_A_SECOND = 36_000
"""How large a matrix is searched over, and fitted on, for each second of the budget; larger ones are cut."""
LEAST_ROWS = 1_000


def ignore_progress(step: str, share: float) -> None:
    """Report nothing, as where a mail shows no progress bar."""


@dataclass(frozen=True)
class TimeBudget:
    """`total_s` seconds from `start` on the clock, and where progress is reported."""

    clock: Clock
    start: float
    total_s: float
    report_progress: ReportProgress = ignore_progress

    @property
    def elapsed_s(self) -> float:
        return self.clock() - self.start

    @property
    def remaining_s(self) -> float:
        return self.total_s - self.elapsed_s

    @property
    def elapsed_share(self) -> float:
        """From 0 at the start to 1, and beyond where the budget is overdrawn."""
        return self.elapsed_s / self.total_s

    def report(self, step: str) -> None:
        """Report the step that begins."""
        self.report_progress(step, self.elapsed_share)


@dataclass(frozen=True)
class RowBudget:
    """How many rows of so many fields `total_s` seconds pay for, by size alone, so that a run can be repeated."""

    total_s: float
    fields: int
    order: Order
    seed: int

    @property
    def most_fitted(self) -> int:
        """How many rows a final fit has at most."""
        return self._most(REFIT_CELLS_A_SECOND)

    def cut_for_fit(self, rows: Rows) -> Rows:
        """The rows (m,) to fit on: the newest of these (n,), or a random part where they have no order."""
        return self._newest_or_random(rows, REFIT_CELLS_A_SECOND)

    def cut_for_search(self, rows: Rows) -> Rows:
        """The rows (m,) to search over, which are fewer."""
        return self._newest_or_random(rows, CELLS_A_SECOND)

    def _newest_or_random(self, rows: Rows, cells_a_second: int) -> Rows:
        most = self._most(cells_a_second)
        if len(rows) <= most:
            return rows
        if self.order == "none":
            return np.sort(np.random.default_rng(self.seed).choice(rows, most, replace=False))
        return rows[-most:]

    def _most(self, cells_a_second: int) -> int:
        return max(LEAST_ROWS, int(cells_a_second * self.total_s / self.fields))
