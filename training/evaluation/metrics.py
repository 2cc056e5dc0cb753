"""The metrics of a candidate, by the names that MLflow and the model card give them."""

from stats.predictions import Metric, brier, log_loss, mean_outcome, mean_predicted
from stats.ranking import auc, average_precision, gain, lift
from stats.reliability import calibration_intercept, calibration_slope, expected_calibration_error

METRICS: dict[str, Metric] = {
    "auc": auc,
    "average_precision": average_precision,
    "log_loss": log_loss,
    "brier": brier,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
    "ece": expected_calibration_error,
    "lift_10": lift(0.1),
    "lift_20": lift(0.2),
    "lift_30": lift(0.3),
    "gain_10": gain(0.1),
    "gain_20": gain(0.2),
    "gain_30": gain(0.3),
    "promised": mean_predicted,
    "delivered": mean_outcome,
}
