"""Predicted and actual wins of matured leads: what their scores on arrival promised, and what came.

The score promises what becomes of a lead that is worked, so leads that were not stand aside, counted, **won or not**:
see `features.contact_log`. A score stored long after arrival is no promise and stands aside as well. The store counts
the same leads in `serving.store.calibration_cohort`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd
from scipy.special import betainc
from scipy.stats import norm

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import By, Name, Period, RowsBy, group
from stats.estimates import Estimate, Z, exact_share
from stats.predictions import Predictions
from stats.ranking import estimate_lift
from stats.reliability import reliability_curve
from stats.types import Mask, Vector

LEVEL = 0.05
"""The share of weeks in which a perfect score raises an alarm, at most."""
BY = (("source",), ("grade",), ("model_version",), ("agent",))
WATCHED: tuple[By, ...] = (("source",), ("grade",), ("model_version",))
PROMPT = timedelta(days=2)
"""How long after arrival a score may be stored and still count as promised."""
MOST_NOTICED = 0.8
"""From this conversion on, promises a fifth too high would be no probabilities."""
NOTHING_PROMISED = Estimate.unknown("no matured lead was scored in time")


@dataclass(frozen=True)
class Entry:
    """What the scores of a group's n leads promised, and what came: wins, and wins delivered for each promised.

    `surprise` is the p-value of that: the probability that a perfect score misses by as much or more. (The name is the
    JSON's.)
    """

    name: Name
    n: int
    promised: float = field(metadata={"metric": "promised"})
    delivered: int = field(metadata={"metric": "delivered"})
    ratio: Estimate = field(metadata={"metric": "delivered_for_promised"})
    surprise: float


@dataclass(frozen=True)
class Alarm:
    """A group whose promise is off beyond noise; `by` is empty for the whole."""

    by: By
    entry: Entry


@dataclass(frozen=True)
class Bin:
    """Leads that were promised alike: the mean promise, the share delivered, and where a perfect score would put it."""

    promised: float = field(metadata={"metric": "expected_conversion"})
    delivered: Estimate = field(metadata={"metric": "conversion"})
    low: float
    high: float


@dataclass(frozen=True)
class Ledger:
    """The matured leads with a promise, as a whole and by each group of columns; `curve` is the calibration plot.

    Left out are `unscored` leads without a promise in time and `not_worked` ones; `log_note` says what a reader must
    know where not all calls are logged. `needed` is how many leads the alarm needs to notice promises that are a fifth
    too high.
    """

    whole: Entry
    tables: tuple[RowsBy[Entry], ...]
    alarms: tuple[Alarm, ...]
    curve: tuple[Bin, ...]
    lift: Estimate = field(metadata={"metric": "lift"})
    unscored: int
    not_worked: int
    needed: int | None
    log_note: str = ""


def ledger(facts: LeadsAsOf, period: Period | None = None, by: Sequence[Sequence[str]] = BY) -> Ledger:
    """The ledger of the leads that arrived in the period and have matured.

    The alarm watches the whole and the groups by source, grade and model version; agents are compared fairly
    elsewhere, as what an agent wins beyond the promise is no fault of the score. Half of the level is spent on the
    whole and half is shared by all groups (Bonferroni), so that at most one week in twenty alarms on a perfect score,
    whatever earlier weeks showed. The weeks of one year together alarm more often than that: an alarm is a reason to
    look, and `leads_to_notice` says how many leads one needs.
    """
    matured, promised = _matured(facts, period), _promised(facts.leads)
    kept = facts.leads[cohort(facts, period)]
    entries, p, won = _entries(kept, ()), kept["probability"].to_numpy(), kept["won"].to_numpy()
    whole = entries[0] if entries else Entry((), 0, 0.0, 0, NOTHING_PROMISED, 1.0)
    tables = tuple(RowsBy(tuple(columns), _entries(kept, columns)) for columns in by)
    rate = whole.delivered / whole.n if whole.n else 0.0
    return Ledger(
        whole=whole,
        tables=tables,
        alarms=_alarms(entries, tables),
        curve=calibration_curve(p, won),
        lift=estimate_lift(p, won) if entries else NOTHING_PROMISED,
        unscored=int((matured & ~promised).sum()),
        not_worked=int((matured & promised).sum()) - len(kept),
        needed=leads_to_notice(rate) if 0 < rate < MOST_NOTICED else None,
        log_note=(facts.contact_log.note or "") if facts.contact_log else "",
    )


def cohort(facts: LeadsAsOf, period: Period | None = None) -> Mask:
    """Whether each lead (n,) is one by which the scores are judged: matured, promised something in time, and worked."""
    return _matured(facts, period) & _promised(facts.leads) & facts.leads["worked"].to_numpy()


def find_disagreeing_sources(leads: pd.DataFrame) -> tuple[Entry, ...]:
    """The sources whose promised and delivered wins disagree beyond noise, as the alarm of one table of sources tells.

    `leads` are those of a cohort, with `source`, `probability` and `won`.
    """
    entries = _entries(leads, ("source",))
    return tuple(entry for entry in entries if entry.surprise <= LEVEL / 2 / len(entries))


def leads_to_notice(rate: float, inflation: float = 0.2, power: float = 0.9) -> int:
    """How many matured leads the alarm needs to notice, with this power, a score that promises too much.

    `rate` is the true conversion, `inflation` 0.2 for a score that promises 20 % more. For scores that are all alike;
    the more they differ, the fewer leads are needed.
    """
    promised = rate * (1 + inflation)
    reach = norm.isf(LEVEL / 4) * np.sqrt(promised * (1 - promised)) + norm.isf(1 - power) * np.sqrt(rate * (1 - rate))
    return int(np.ceil((reach / (promised - rate)) ** 2))


def calibration_curve(p: Vector, won: Mask) -> tuple[Bin, ...]:
    """Leads in ten bins, about equally many in each, of rising promise; equal promises are never torn apart.

    The band is where a perfect score would put 95 of 100 bins.
    """
    curve = reliability_curve(Predictions.of(p, won.astype(np.float64)), least_in_bin=1)
    wins = np.rint(curve.actual * curve.size).astype(np.intp)
    columns = zip(curve.predicted.tolist(), wins, curve.size, curve.low.tolist(), curve.high.tolist(), strict=True)
    return tuple(
        Bin(promised, exact_share(int(count), int(size)), low, high) for promised, count, size, low, high in columns
    )


def _matured(facts: LeadsAsOf, period: Period | None) -> Mask:
    """Whether each lead (n,) arrived in the period and has matured."""
    matured: Mask = facts.leads["matured"].to_numpy()
    return matured if period is None else matured & period.holds(facts.leads)


def _promised(leads: pd.DataFrame) -> Mask:
    """Whether each lead (n,) had a score in time for it to be a promise."""
    late = (leads["scored_at"] - leads["arrived_at"]).to_numpy() > np.timedelta64(PROMPT)
    return leads["probability"].notna().to_numpy() & ~late


def _entries(leads: pd.DataFrame, by: Sequence[str]) -> tuple[Entry, ...]:
    groups, p = group(leads, by), leads["probability"].to_numpy()
    n, won = groups.count(), groups.count(leads["won"].to_numpy())
    promised, squares = groups.count(p), groups.count(p**2)
    p_value = _p_value(won, promised, squares)
    return tuple(
        Entry(
            name=name,
            n=int(n[row]),
            promised=float(promised[row]),
            delivered=int(won[row]),
            ratio=_ratio(won[row], promised[row], squares[row], int(n[row])),
            surprise=float(p_value[row]),
        )
        for row, name in enumerate(groups.names)
    )


def _ratio(won: float, promised: float, squares: float, n: int) -> Estimate:
    """Wins for each promised one: the ratios r under which r times each score would not be surprised (Wilson 1927).

    Such scores promise r * promised wins with the variance r * promised - r^2 * squares.
    """
    if promised <= 0:
        return Estimate.unknown("no win was predicted", n)
    a, b = promised**2 + Z**2 * squares, 2 * won * promised + Z**2 * promised
    root = np.sqrt(max(b**2 - 4 * a * won**2, 0.0))
    return Estimate(float(won / promised), float((b - root) / (2 * a)), float((b + root) / (2 * a)), n)


def _p_value(won: Vector, promised: Vector, squares: Vector) -> Vector:
    """Two-sided tail of the wins under the scores: twice the smaller tail of the binomial with their mean and variance.

    Whole wins make it too large rather than too small.
    """
    some = promised > 0
    chance = np.where(some, squares / np.where(some, promised, 1), 0.5)
    trials = np.where(some, promised / chance, 1)
    as_many = np.where(won > 0, betainc(np.maximum(won, 1), np.maximum(trials - won + 1, 1e-9), chance), 1.0)
    as_few = 1 - betainc(won + 1, np.maximum(trials - won, 1e-9), chance)
    return np.where(some, np.minimum(1.0, 2 * np.minimum(as_many, as_few)), 1.0)


def _alarms(whole: tuple[Entry, ...], tables: Sequence[RowsBy[Entry]]) -> tuple[Alarm, ...]:
    told_apart = [table for table in tables if table.by in WATCHED and len(table.rows) > 1]
    watched = [Alarm(table.by, entry) for table in told_apart for entry in table.rows]
    found = [Alarm((), entry) for entry in whole if entry.surprise <= LEVEL / 2]
    return (*found, *(alarm for alarm in watched if alarm.entry.surprise <= LEVEL / 2 / len(watched)))
