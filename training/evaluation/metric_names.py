"""Metrics in people's words, for the model card and the terminal."""

import math

from training.evaluation.evaluate import MetricEstimate

MEANINGS = {
    "log_loss": "the mean of −log of the probability given to what happened; lower is better",
    "brier": "the mean squared error of the probability; lower is better",
    "auc": "how often a winner is ranked above another lead",
    "average_precision": "the share of winners among those picked, over all places to stop",
    "calibration_slope": "1 is right; below 1 the probabilities lie too far apart",
    "calibration_intercept": "0 is right; above 0 more leads were won than predicted",
    "ece": "the mean gap between predicted and actual shares, in ten bins",
    "lift_10": "wins in the best 10 % of leads, over wins in an average 10 %",
    "lift_20": "the same for 20 %",
    "lift_30": "the same for 30 %",
    "gain_10": "the share of all winners found in the best 10 % of leads",
    "gain_20": "the same for 20 %",
    "gain_30": "the same for 30 %",
    "promised": "the mean probability",
    "delivered": "the share of leads that was won",
}

NAMES = {"auc": "AUC", "ece": "ECE", "promised": "predicted", "delivered": "won"}


def metric_name(metric: str) -> str:
    """lift_10 → lift at 10 %, auc → AUC."""
    name, _, share = metric.rpartition("_")
    if share.isdigit():
        return f"{name} at {share} %"
    return NAMES.get(metric, metric.replace("_", " "))


def format_estimate(estimate: MetricEstimate) -> str:
    """A number with its interval, to three decimals."""
    return "too few to tell" if math.isnan(estimate.value) else f"{estimate:.3f}"
