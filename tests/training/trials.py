"""Trials of a search with planted out-of-fold scores of 1,000 leads."""

from dataclasses import replace

import numpy as np
from scipy.special import expit

from stats.calibration import log_losses
from training.data.samples import Samples
from training.data.split import make_forward_folds, make_stratified_folds
from training.models.boosting import RANDOMISED, STARTING_SPECS, BoosterSpec
from training.models.logistic import LOGISTIC
from training.search.cross_validation import CrossValidation, Trial

Vector = np.ndarray
SPECS = (RANDOMISED, *STARTING_SPECS)
rng = np.random.default_rng(1)
TRUTH = rng.normal(-1, 1, 1_000)
WON = (rng.random(1_000) < expit(TRUTH)).astype(float)
ONES = np.ones(1_000)
SAMPLES = Samples([], np.zeros((1_000, 0)), WON, ONES)
SHUFFLED = CrossValidation(SAMPLES, make_stratified_folds(WON, 7), [], 7)
FORWARD = replace(SHUFFLED, forward=make_forward_folds(WON))


def trial(name: str, raw: Vector, rounds: int = 10) -> Trial:
    """What a part of this name predicted for the leads `raw` (1,000,) in the stratified folds."""
    booster = None if name == LOGISTIC else next((one for one in SPECS if one.name == name), BoosterSpec(name))
    rows = SHUFFLED.stratified_rows
    return Trial(booster, rounds, raw[rows], float(log_losses(raw[rows], WON[rows]).mean()), 1.0)


def blurred(noise: float, seed: int) -> Vector:
    return TRUTH + np.random.default_rng(seed).normal(0, noise, 1_000)
