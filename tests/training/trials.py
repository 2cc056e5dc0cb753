"""Trials of a search with planted out-of-fold scores of 1,000 leads."""

from dataclasses import replace

import numpy as np
from scipy.special import expit

from stats.calibration import log_losses
from training.data.samples import Samples
from training.data.split import make_forward_folds, make_stratified_folds
from training.models.boosting import STARTING_SPECS, BoosterSpec
from training.search.cross_validation import CrossValidation, Trial

Vector = np.ndarray
rng = np.random.default_rng(1)
TRUTH = rng.normal(-1, 1, 1_000)
WON = (rng.random(1_000) < expit(TRUTH)).astype(float)
ONES = np.ones(1_000)
SAMPLES = Samples([], np.zeros((1_000, 0)), WON, ONES)
SHUFFLED = CrossValidation(SAMPLES, make_stratified_folds(WON, 7), [], 7)
FORWARD = replace(SHUFFLED, forward=make_forward_folds(WON))


def trial(name: str, raw: Vector, validation: CrossValidation = SHUFFLED, still: Vector | None = None) -> Trial:
    """What a shape of this name predicted for all leads: `raw` where it is judged, `still` in shuffled folds."""
    shape = (
        None
        if name == "logistic regression"
        else next((one for one in STARTING_SPECS if one.name == name), BoosterSpec(name))
    )
    judged = raw[validation.evaluated_rows]
    loss = float(log_losses(judged, WON[validation.evaluated_rows]).mean())
    return Trial(shape, 10, judged, raw if still is None else still, loss, 1.0)


def blurred(noise: float, seed: int) -> Vector:
    return TRUTH + np.random.default_rng(seed).normal(0, noise, 1_000)
