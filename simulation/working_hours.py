"""When people work. In: moments in Unix seconds. Out: the moment that lies some working hours later."""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import DAY, Ints
from stats.types import Vector

MONDAY = 4 * DAY  # 5 January 1970, the first Monday of Unix time
FEWEST_HOURS = 40


@dataclass(frozen=True)
class WorkingHours:
    """From `opens` to `closes` o'clock UTC on the first `days` days of the week.

    `WorkingHours(0, 24, 7)` is a team that never sleeps: its working hours are hours. Fewer than 40 a week
    are refused, because first conversations could then fall outside any sensible horizon.
    """

    opens: int = 9
    closes: int = 18
    days: int = 5

    def __post_init__(self) -> None:
        if not (0 <= self.opens < self.closes <= 24 and self.days in range(1, 8)):
            raise ValueError(f"no such working hours: {self}")
        if self.length * self.days < FEWEST_HOURS:
            raise ValueError(f"working hours must be at least {FEWEST_HOURS} a week: {self}")

    @property
    def length(self) -> int:
        """Hours of one working day."""
        return self.closes - self.opens

    def after(self, at: Ints, hours: Vector) -> Ints:
        """Give the moment `hours` working hours after `at`, to the second."""
        return self._moment(self._worked(at) + hours)

    def _worked(self, at: Ints) -> Vector:
        day, second = np.divmod(at - MONDAY, DAY)
        week, weekday = np.divmod(day, 7)
        today = np.where(weekday < self.days, np.clip(second / 3600 - self.opens, 0, self.length), 0.0)
        result: Vector = (week * self.days + np.minimum(weekday, self.days)) * self.length + today
        return result

    def _moment(self, worked: Vector) -> Ints:
        day, hour = np.divmod(worked, self.length)
        week, weekday = np.divmod(day, self.days)
        seconds = (week * 7 + weekday) * DAY + (self.opens + hour) * 3600
        result: Ints = MONDAY + np.rint(seconds).astype(np.int64)
        return result


OFFICE_HOURS = WorkingHours()
