"""Delayed-feedback correction: leads younger than the horizon become training examples with a chance of a win.

An open lead of age e counts as won with the weight p(1 − F(e)) / (1 − p·F(e)), and as lost with the rest: the chance
that its win is still to come, where F is the delay of its source's winners (`training.labels.time_to_win`) and p its
own chance. p is at first the rate of its source, then the out-of-fold prediction of a logistic regression fitted on
the weights before, shifted so that each source keeps its rate: expectation and maximisation in turn (Dempster, Laird
and Rubin 1977), for any learner that comes after.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.schema import LeadSchema
from stats.calibration import fit_intercept
from stats.types import Codes
from training.data.dataset import Dataset
from training.data.encoded_samples import EncodedSamples
from training.data.samples import Samples
from training.data.split import make_stratified_folds
from training.labels.time_to_win import Delays
from training.models.logistic import fit_logistic

Vector = NDArray[np.float64]
Rows = NDArray[np.intp]

ROUNDS, FOLDS = 2, 2
LEAST_OBSERVED = 0.01
MOST_LEADS = 20_000
"""The chances of open leads are fitted on so many leads, the newest."""


def add_expected_outcomes(dataset: Dataset, schema: LeadSchema, seed: int) -> Dataset:
    """The dataset with the chance of a win of each open lead, and the observed share of every outcome."""
    delays, group = fit_delays(dataset)
    observed = np.maximum(delays.known(group, dataset.age), LEAST_OBSERVED)
    rows = np.flatnonzero(dataset.open)
    if not len(rows):
        return replace(dataset, observed_share=observed)
    chance = delays.rate(group)
    won = dataset.won.copy()
    won[rows] = _chance_still_open(chance[rows], observed[rows])
    newest = np.arange(len(dataset))[-MOST_LEADS:]
    wins = dataset.recorded_win[newest].sum()
    if min(wins, len(newest) - wins) < FOLDS:  # too few for folds: the rates of the sources have to do
        return replace(dataset, won=won, observed_share=observed)
    samples = EncodedSamples.from_rows(dataset, newest, schema).samples
    for number in range(ROUNDS):
        raw = _predict_out_of_fold(replace(samples, y=won[newest]), seed + number)
        chance[newest] = _shift_to_rates(raw, delays, group[newest])
        won[rows] = _chance_still_open(chance[rows], observed[rows])
    return replace(dataset, won=won, observed_share=observed)


def fit_delays(dataset: Dataset, rows: Rows | None = None) -> tuple[Delays, Codes]:
    """The delays of each source's winners among these rows, by default all, and each lead's source number (n,).

    A win without a date is left out.
    """
    source = dataset.leads.source
    group = np.zeros(len(dataset), dtype=np.intp) if source is None else source.codes.astype(np.intp) + 1
    groups = 1 if source is None else len(source.values) + 1
    used = ~((dataset.recorded_win == 1) & np.isnan(dataset.delay))
    if rows is not None:
        used &= np.isin(np.arange(len(dataset)), rows)
    lost = ~dataset.open & np.isnan(dataset.delay)
    per_lead = (dataset.delay[used], dataset.age[used], lost[used], group[used])
    return Delays.fit(*per_lead, groups, dataset.horizon_days), group


def _chance_still_open(chance: Vector, observed: Vector) -> Vector:
    return chance * (1 - observed) / (1 - chance * observed)


def _predict_out_of_fold(samples: Samples, seed: int) -> Vector:
    raw = np.empty(len(samples))
    for fold in make_stratified_folds(samples.y, seed, FOLDS):
        raw[fold.predict] = fit_logistic(samples.take(fold.fit)).raw_score(samples.X[fold.predict])
    return raw


def _shift_to_rates(raw: Vector, delays: Delays, group: Codes) -> Vector:
    """The chances (n,) of these log-odds, shifted so that the mean over each curve's leads is the curve's rate."""
    chance = np.zeros(len(raw))
    curve_of = delays.curve_of[group]
    for number in np.unique(curve_of):
        rows = curve_of == number
        rate = delays.curves[number].rate
        if rate > 0:
            target = np.full(rows.sum(), rate)
            chance[rows] = fit_intercept(raw[rows], target, np.ones(len(target))).probability(raw[rows])
    return chance
