"""A year in months: how good the leads were that arrived, and what became of them beyond that.

One model judges the whole year, fitted out of fold on all of it, so that every month is measured by the same ruler:
the mean of its probabilities is the quality of a month's leads, what was won beyond that is handling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Period
from analytics.reference.binned_fields import Steps
from analytics.reference.cross_fitted import (
    FOLDS,
    FREQUENT,
    LEAST_LEADS,
    LEAST_WINS,
    TENTHS,
    enough_to_learn,
    fit_steps,
    judge,
)
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.estimates import Estimate, normal
from stats.types import Mask, Vector

WEEK = timedelta(days=7)
MOST_MONTHS, LEAST_MONTHS = 12, 6
MOST_WEEKS, LEAST_WEEKS = 26, 6
LEAST_OF_A_POINT = 30
"""Leads below which a mean's interval by the normal distribution says little."""


@dataclass(frozen=True)
class TrendPoint:
    """The leads that arrived in the month or week from `start` on: conversion is quality and handling together."""

    start: date
    leads: int
    conversion: Estimate = field(metadata={"metric": "conversion"})
    quality: Estimate = field(metadata={"metric": "quality_over_time"})
    handling: Estimate = field(metadata={"metric": "handling_over_time"})


@dataclass(frozen=True)
class Trend:
    """Points by `step`, "month" or "week", the earliest first; without any, `why` says what is lacking."""

    step: str
    points: tuple[TrendPoint, ...]
    why: str = ""


NO_TREND = Trend("month", (), "it has not been made")


def trend_steps(arrivals: Mapping[date, int], as_of: datetime, horizon_days: int) -> tuple[str, tuple[Period, ...]]:
    """The whole months of the last year all of whose leads matured; weeks where that is less than half a year."""
    matured = (as_of.astimezone(UTC) - timedelta(days=horizon_days)).date()
    first = min(arrivals, default=matured)
    months = _months(first, matured)
    if len(months) >= LEAST_MONTHS:
        return "month", months[-MOST_MONTHS:]
    return "week", _weeks(first, matured)[-MOST_WEEKS:]


def make_trend(
    facts: LeadsAsOf,
    parsed: LeadTable,
    schema: LeadSchema,
    step: str,
    periods: Sequence[Period],
    rng: np.random.Generator,
) -> Trend:
    """The trend of leads that all matured, `parsed` (n,) being theirs by the columns of `schema`."""
    won = facts.leads["won"].to_numpy()
    least = LEAST_MONTHS if step == "month" else LEAST_WEEKS
    if len(periods) < least or not enough_to_learn(won):
        why = f"it takes {LEAST_WEEKS} whole weeks of matured leads, {LEAST_LEADS} of them, {LEAST_WINS} of those won"
        return Trend(step, (), why)
    when = np.sum([place * period.holds(facts.leads) for place, period in enumerate(periods)], axis=0)
    ruler = _Ruler.fit(_judge(parsed, when, won, schema, rng), won.astype(np.float64), when)
    points = (ruler.point(period.start.date(), when == place) for place, period in enumerate(periods))
    return Trend(step, tuple(point for point in points if point is not None))


@dataclass(frozen=True)
class _Ruler:
    """What each lead was worth, `m` (n,), drawn out by `slope`: a model learned from few leads says too little apart.

    The slope is that of winning on m within the months, so that no month's handling is in it; `slope_variance` is its
    own.
    """

    m: Vector
    won: Vector
    slope: float
    slope_variance: float

    @classmethod
    def fit(cls, m: Vector, won: Vector, when: NDArray[np.intp]) -> "_Ruler":
        within, beyond = (values - _means(values, when) for values in (m, won))
        squares = float((within**2).sum())
        if squares <= 0:
            return cls(m, won, 1.0, 0.0)
        slope = float((within * beyond).sum()) / squares
        errors = within * (beyond - slope * within)
        return cls(m, won, slope, float((errors**2).sum()) / squares**2)

    def point(self, start: date, here: Mask) -> TrendPoint | None:
        """A month's numbers; None where it has too few leads."""
        leads = int(here.sum())
        if leads < LEAST_OF_A_POINT:
            return None
        apart = self.m - self.m.mean()
        quality = self.won.mean() + self.slope * apart[here]
        of_slope = float(apart[here].mean()) ** 2 * self.slope_variance
        return TrendPoint(
            start,
            leads,
            conversion=_mean(self.won[here]),
            quality=_mean(quality, of_slope),
            handling=_mean(self.won[here] - quality, of_slope),
        )


def _means(values: Vector, when: NDArray[np.intp]) -> Vector:
    """The mean of each lead's month (n,)."""
    means: Vector = np.bincount(when, values)[when] / np.bincount(when)[when]
    return means


def _judge(leads: LeadTable, when: NDArray[np.intp], won: Mask, schema: LeadSchema, rng: np.random.Generator) -> Vector:
    """The probability of each lead (n,) out of fold, whenever it arrived.

    The model learns beside the fields what became of the leads of each month, so that a month of other handling is not
    put down to the fields that were frequent in it; it judges without (Jann 2008 pools two groups so).
    """
    _, steps = Steps.fit(leads, schema, TENTHS, FREQUENT)
    months = csr_array((np.ones(len(when)), (np.arange(len(when)), when)))
    teaching = csr_array(hstack([steps, months], format="csr"))
    fold = rng.permutation(len(won)) % FOLDS
    m = np.empty(len(won))
    fit = None
    for number in range(FOLDS):
        learned, here = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fit = fit_steps(csr_array(teaching[learned]), won[learned], fit)
        m[here] = judge(csr_array(steps[here]), fit.beta[: 1 + steps.shape[1]])
    return m


def _mean(values: Vector, more: float = 0.0) -> Estimate:
    """The mean with its interval; `more` is variance that comes on top of the leads' own."""
    return normal(float(values.mean()), float(values.var(ddof=1)) / len(values) + more, len(values))


def _months(first: date, end: date) -> tuple[Period, ...]:
    """The whole months from a day on and before another."""
    start = first if first.day == 1 else _next_month(first)
    found = []
    while (following := _next_month(start)) <= end:
        found.append(_period(start, following))
        start = following
    return tuple(found)


def _weeks(first: date, end: date) -> tuple[Period, ...]:
    """The whole weeks from a day on and before another, each from Monday on."""
    start = first + timedelta(days=-first.weekday() % 7)
    count = max(0, (end - start).days // 7)
    return tuple(_period(start + number * WEEK, start + (number + 1) * WEEK) for number in range(count))


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _period(start: date, end: date) -> Period:
    return Period(*(datetime.combine(day, time(), UTC) for day in (start, end)))
