"""Outcomes that arrive late: a history in, a dataset out in which leads younger than the horizon teach too.

An open lead of age e counts as won with the weight p(1 − F(e)) / (1 − p·F(e)), and as lost with the rest: the chance
that its win is still to come, where F is the delay of its source's winners (`training.labels.time_to_win`) and p its
own chance. p is at first the rate of its source, then what a logistic regression makes of the weights before, for leads
it has not seen, moved so that each source keeps its rate: expectation and maximisation in turn (Dempster, Laird and
Rubin 1977), for any learner that comes after.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.schema import LeadSchema
from training.data.encoded_samples import Learned
from training.data.samples import Lessons
from training.data.split import folds_at_random
from training.labels.states import Dataset
from training.labels.time_to_win import Delays, Groups
from training.models.calibration import fit_intercept
from training.models.logistic import fit_logistic

Vector = NDArray[np.float64]
Rows = NDArray[np.intp]

ROUNDS, FOLDS = 2, 2
LEAST_KNOWN = 0.01
MOST_LEADS = 20_000
"""How many leads, the newest, the chances of open leads are learned from."""


def with_expected_outcomes(dataset: Dataset, schema: LeadSchema, seed: int) -> Dataset:
    """The dataset with the chance that each open lead wins, and the share of each outcome that can be known."""
    delays, group = delays_of(dataset)
    known = np.maximum(delays.known(group, dataset.age), LEAST_KNOWN)
    rows = np.flatnonzero(dataset.open)
    if not len(rows):
        return replace(dataset, known=known)
    chance = delays.rate(group)
    won = dataset.won.copy()
    won[rows] = _still_to_come(chance[rows], known[rows])
    newest = np.arange(len(dataset))[-MOST_LEADS:]
    wins = dataset.seen_won[newest].sum()
    if min(wins, len(newest) - wins) < FOLDS:  # too few for folds: the rates of the sources are all that can be told
        return replace(dataset, won=won, known=known)
    lessons = Learned.from_rows(dataset, newest, schema).lessons
    for number in range(ROUNDS):
        raw = _out_of_fold(replace(lessons, won=won[newest]), seed + number)
        chance[newest] = _at_rates(raw, delays, group[newest])
        won[rows] = _still_to_come(chance[rows], known[rows])
    return replace(dataset, won=won, known=known)


def delays_of(dataset: Dataset, rows: Rows | None = None) -> tuple[Delays, Groups]:
    """The delays of each source's winners among these rows, and the number of each lead's source (n,).

    A win that is not dated tells nothing of them.
    """
    source = dataset.leads.source
    group = np.zeros(len(dataset), dtype=np.intp) if source is None else source.codes.astype(np.intp) + 1
    groups = 1 if source is None else len(source.values) + 1
    told = ~((dataset.seen_won == 1) & np.isnan(dataset.delay))
    told &= np.isin(np.arange(len(dataset)), rows) if rows is not None else True
    lost = ~dataset.open & np.isnan(dataset.delay)
    facts = (dataset.delay[told], dataset.age[told], lost[told], group[told])
    return Delays.fit(*facts, groups, dataset.horizon_days), group


def _still_to_come(chance: Vector, known: Vector) -> Vector:
    return chance * (1 - known) / (1 - chance * known)


def _out_of_fold(lessons: Lessons, seed: int) -> Vector:
    raw = np.empty(len(lessons))
    for fold in folds_at_random(lessons.won, seed, FOLDS):
        raw[fold.predict] = fit_logistic(lessons.take(fold.fit)).raw(lessons.X[fold.predict])
    return raw


def _at_rates(raw: Vector, delays: Delays, group: Groups) -> Vector:
    """The chances (n,) of these log-odds, whose mean in each curve's leads is the curve's rate."""
    chance, curve_of = np.zeros(len(raw)), delays.curve_of[group]
    for number in np.unique(curve_of):
        rows, rate = curve_of == number, delays.curves[number].rate
        if rate > 0:
            level = np.full(rows.sum(), rate)
            chance[rows] = fit_intercept(raw[rows], level, np.ones(len(level))).probability(raw[rows])
    return chance
