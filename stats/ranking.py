"""How well scores rank: AUC, average precision, gain and lift, and their curves; weighted, ties averaged."""

from dataclasses import dataclass

import numpy as np

from stats.estimates import Estimate, exact_interval
from stats.predictions import TINY, Metric, Predictions, WeightedPredictions
from stats.types import Mask, Vector


@dataclass(frozen=True)
class Curve:
    """Points (k,) of a curve, along x."""

    x: Vector
    y: Vector


def auc(scored: WeightedPredictions) -> Vector:
    """The chance that an event is ranked above a non-event, ties counting half; NaN where one of them is missing.

    >>> float(auc(Predictions.of(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])).unweighted()))
    0.875
    """
    others = scored.size - scored.events
    below = np.cumsum(others, -1) - others / 2
    return _ratio((scored.events * below).sum(-1), scored.events.sum(-1) * others.sum(-1))


def average_precision(scored: WeightedPredictions) -> Vector:
    """Precision averaged over the events, from the highest score down; NaN without events.

    >>> float(average_precision(Predictions.of(np.array([0.9, 0.5, 0.1]), np.array([1.0, 0.0, 1.0])).unweighted()))
    0.8333333333333333
    """
    found, seen = scored.from_the_top
    precision = found[..., 1:] / np.maximum(seen[..., 1:], TINY)
    return _ratio((precision * scored.events[..., ::-1]).sum(-1), found[..., -1])


def gain(share: float) -> Metric:
    """Return the metric "share of all events found in the top `share` of the rows"; NaN without events.

    >>> scored = Predictions.of(np.array([0.9, 0.5, 0.3, 0.1]), np.array([1.0, 0.0, 1.0, 0.0])).unweighted()
    >>> float(gain(0.25)(scored))
    0.5
    """

    def gain_at(scored: WeightedPredictions) -> Vector:
        found, seen = scored.from_the_top
        room = share * seen[..., -1:]
        above = (seen[..., 1:-1] < room).sum(-1, keepdims=True)
        found_above, found_below = (np.take_along_axis(found, place, -1) for place in (above, above + 1))
        seen_above, seen_below = (np.take_along_axis(seen, place, -1) for place in (above, above + 1))
        taken = found_above + (found_below - found_above) * (room - seen_above) / (seen_below - seen_above)
        return _ratio(taken[..., 0], found[..., -1])

    return gain_at


def lift(share: float) -> Metric:
    """Return the metric "events in the top `share` over events in an average one"; NaN without events.

    >>> scored = Predictions.of(np.array([0.9, 0.5, 0.3, 0.1]), np.array([1.0, 0.0, 1.0, 0.0])).unweighted()
    >>> float(lift(0.25)(scored))
    2.0
    """
    gain_at = gain(share)
    return lambda scored: gain_at(scored) / share


def estimate_lift(probability: Vector, won: Mask, share: float = 0.1) -> Estimate:
    """Return the lift of the top `share` of n rows with its 95 % interval; unknown without events.

    The interval is the exact one (Clopper and Pearson 1934) for the part of all events that lies in the top.

    >>> estimate_lift(np.array([0.9, 0.5, 0.3, 0.1]), np.array([True, False, True, False]), 0.25).value
    2.0
    """
    events = float(won.sum())
    if events == 0:
        return Estimate.unknown("no lead was won", len(probability))
    found = float(gain(share)(Predictions.of(probability, won.astype(np.float64)).unweighted()))
    top = found * events
    low, high = exact_interval(top, events)
    return Estimate(found / share, low / share, high / share, len(probability))


def roc_curve(predictions: Predictions) -> Curve:
    """The true positive rate (y) by the false positive rate (x); equal probabilities make one point."""
    found, seen = predictions.unweighted().from_the_top
    return Curve(_cumulative_share(seen - found), _cumulative_share(found))


def precision_recall_curve(predictions: Predictions) -> Curve:
    """Precision (y) by recall (x)."""
    found, seen = predictions.unweighted().from_the_top
    return Curve(_cumulative_share(found[1:]), found[1:] / seen[1:])


def gains_curve(predictions: Predictions) -> Curve:
    """The share of all events (y) in the best share of the rows (x)."""
    found, seen = predictions.unweighted().from_the_top
    return Curve(_cumulative_share(seen), _cumulative_share(found))


def _cumulative_share(cumulative: Vector) -> Vector:
    return cumulative / max(cumulative[-1], 1.0)


def _ratio(part: Vector, whole: Vector) -> Vector:
    """NaN where there is no whole."""
    return np.asarray(np.where(whole == 0, np.nan, part / np.where(whole == 0, 1.0, whole)))
