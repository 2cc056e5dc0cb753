"""Who arrives when. In: a period and a scenario. Out: expected volumes, and the arrivals drawn from them."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from simulation.arrays import DAY, Ints, pick
from simulation.scenarios import Scenario
from simulation.sources import CAMPAIGNS, SOURCE_OF_CAMPAIGN, SOURCES
from stats.types import Mask, Vector

# Arrivals by hour of the day, UTC: office hours with a lunch dip, a second small peak in the evening.
BY_HOUR = [1, 1, 1, 1, 1, 2, 4, 10, 28, 52, 60, 56, 40, 44, 54, 52, 44, 30, 18, 14, 14, 12, 6, 2]
YEAR = 365.25
YEAR_END = 0.45  # the volume between Christmas and New Year


@dataclass(frozen=True)
class Period:
    """The days from `start` up to, not including, `until`; a scenario's change comes at `change`."""

    start: dt.date
    change: dt.date
    until: dt.date

    @property
    def days(self) -> int:
        return (self.until - self.start).days

    @property
    def first_second(self) -> int:
        return (self.start - dt.date(1970, 1, 1)).days * DAY

    @property
    def change_second(self) -> int:
        return self.first_second + (self.change - self.start).days * DAY

    @property
    def last_second(self) -> int:
        """The last second that belongs to the history."""
        return self.first_second + self.days * DAY - 1


@dataclass(frozen=True)
class Arrivals:
    """One entry a lead, in order of arrival."""

    at: Ints
    source: Ints
    campaign: Ints
    after_change: Mask

    @property
    def size(self) -> int:
        return len(self.at)


def expected_volume(period: Period, scenario: Scenario, leads: int) -> Vector:
    """Expect leads for each day (rows) and campaign (columns); they sum to `leads`."""
    day = np.arange(period.days)
    volume = np.stack([_campaign_volume(day, period, scenario, index) for index in range(len(CAMPAIGNS))], axis=1)
    result: Vector = volume * _season(day, period.start)[:, None]
    result *= leads / result.sum()
    return result


def draw_arrivals(rng: np.random.Generator, volume: Vector, period: Period) -> Arrivals:
    """Draw as many arrivals as `volume` sums to."""
    leads = round(volume.sum())
    cells = rng.multinomial(leads, volume.ravel() / volume.sum())
    day, campaign = np.divmod(np.repeat(np.arange(cells.size), cells), volume.shape[1])
    hour = pick(rng, [float(weight) for weight in BY_HOUR], leads)
    at = period.first_second + day * DAY + hour * 3600 + rng.integers(0, 3600, leads)
    order = np.argsort(at, kind="stable")
    at, campaign = at[order], campaign[order]
    return Arrivals(at, np.array(SOURCE_OF_CAMPAIGN)[campaign], campaign, at >= period.change_second)


def _campaign_volume(day: Ints, period: Period, scenario: Scenario, campaign: int) -> Vector:
    source = SOURCES[SOURCE_OF_CAMPAIGN[campaign]]
    weekend = (day + period.start.weekday()) % 7 >= 5
    changed = day >= (period.change - period.start).days
    drift = np.exp(source.drift * (day - period.days / 2) / YEAR)
    week = np.where(weekend, source.weekend, 1.0)
    result: Vector = CAMPAIGNS[campaign].share * drift * week
    return result * np.where(changed, scenario.volume.get(source.name, 1.0), 1.0)


def _season(day: Ints, start: dt.date) -> Vector:
    year_day = (start.timetuple().tm_yday + day) % YEAR
    swing = 1 + 0.12 * np.cos(4 * np.pi * (year_day - 75) / YEAR)  # spring and autumn are busy
    result: Vector = swing * np.where((year_day >= 356) | (year_day < 3), YEAR_END, 1.0)
    return result
