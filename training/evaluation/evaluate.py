"""Evaluation: what a candidate's probabilities are worth on leads it has not seen, each number with its interval."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.lead_table import LeadTable
from stats.predictions import Metric, Predictions
from stats.reliability import calibration_noise_floor
from stats.types import Vector
from training.evaluation.metrics import METRICS

DRAWS = 200
MOST_DRAWN = 6_000_000
IN_A_BLOCK = 200_000
LEAST_LEADS, LEAST_WINS = 50, 5
MOST_SLICES = 15
IN_SLICES = ("promised", "delivered", "log_loss", "auc", "lift_10")


@dataclass(frozen=True)
class MetricEstimate:
    """A metric and its 95 % bootstrap interval; NaN where it does not exist, which is how MLflow keeps it."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


@dataclass(frozen=True)
class Slice:
    """The leads of one source or month."""

    by: str
    name: str
    leads: int
    wins: int
    metrics: Mapping[str, MetricEstimate]


@dataclass(frozen=True)
class Evaluation:
    """One candidate on the test leads. `ece_floor` is the calibration error that a perfect model would show."""

    candidate: str
    leads: int
    wins: int
    metrics: Mapping[str, MetricEstimate]
    ece_floor: float
    slices: tuple[Slice, ...]
    probability: Vector
    won: Vector
    weight: Vector


@dataclass(frozen=True)
class CandidateRun:
    """A candidate: its parameters, its evaluation on the test leads, and the seconds that its fit took."""

    name: str
    parameters: Mapping[str, str | float | int]
    evaluation: Evaluation
    seconds: float


def evaluate(
    candidate: str, probability: Vector, won: Vector, leads: LeadTable, seed: int, weight: Vector | None = None
) -> Evaluation:
    """Judge probabilities (n,) against outcomes (n,) of these n leads, overall, by source and by month.

    `weight` (n,) says how much each lead counts, by default all alike.
    """
    weight = np.ones(len(won)) if weight is None else weight
    predictions = Predictions.of(probability, won)
    return Evaluation(
        candidate=candidate,
        leads=len(won),
        wins=int((won > 0).sum()),
        metrics=estimate(METRICS, predictions, seed, weight),
        ece_floor=calibration_noise_floor(predictions, seed, draws=max(20, min(200, MOST_DRAWN // len(won)))),
        slices=tuple(_slices(probability, won, weight, leads, seed)),
        probability=probability,
        won=won,
        weight=weight,
    )


def estimate(
    metrics: Mapping[str, Metric], predictions: Predictions, seed: int, weight: Vector | None = None
) -> dict[str, MetricEstimate]:
    """Each metric with the 2.5th and 97.5th percentile of its values over bootstrap draws of the leads."""
    weight = np.ones(len(predictions.outcome)) if weight is None else weight
    draws = (predictions.weighted(weight * counts) for counts in _bootstrap_counts(len(predictions.outcome), seed))
    values = [{name: metric(drawn) for name, metric in metrics.items()} for drawn in draws]
    whole = predictions.weighted(weight)
    return {
        name: MetricEstimate(float(metric(whole)), *_interval(np.concatenate([drawn[name] for drawn in values])))
        for name, metric in metrics.items()
    }


def _bootstrap_counts(n: int, seed: int) -> Iterator[Vector]:
    """How often each of n leads is drawn, (draws, n), in blocks that fit into a processor's cache."""
    rng = np.random.default_rng(seed)
    left = int(np.clip(MOST_DRAWN // n, 50, DRAWS))
    while left:
        draws = min(left, max(1, IN_A_BLOCK // n))
        left -= draws
        yield np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(draws)]).astype(np.float64)


def _interval(values: Vector) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _slices(probability: Vector, won: Vector, weight: Vector, leads: LeadTable, seed: int) -> list[Slice]:
    metrics = {name: METRICS[name] for name in IN_SLICES}
    found = []
    for by, names in _groupings(leads).items():
        labels, sizes = np.unique(names, return_counts=True)
        largest = labels[np.argsort(-sizes, kind="stable")[:MOST_SLICES]]
        for label in labels[np.isin(labels, largest)]:
            rows = np.flatnonzero(names == label)
            wins = int((won[rows] > 0).sum())
            if len(rows) >= LEAST_LEADS and wins >= LEAST_WINS:
                predictions = Predictions.of(probability[rows], won[rows])
                estimates = estimate(metrics, predictions, seed, weight[rows])
                found.append(Slice(by, str(label), len(rows), wins, estimates))
    return found


def sources_of(leads: LeadTable) -> NDArray[np.str_] | None:
    """The name of each lead's source (n,), `missing` where it has none; None where sources are not known."""
    return None if leads.source is None else np.array([*map(str, leads.source.values), "missing"])[leads.source.codes]


def _groupings(leads: LeadTable) -> dict[str, NDArray[np.str_]]:
    groupings: dict[str, NDArray[np.str_]] = {}
    if (sources := sources_of(leads)) is not None:
        groupings["source"] = sources
    if leads.created_at is not None:
        groupings["month"] = leads.created_at.astype("datetime64[M]").astype(str)
    return groupings
