"""What a model predicted beside what came true, for all leads together and in groups of like probability.

A run stores it, with the mean absolute SHAP value of each field, in the file `STORED_EVALUATION`; without that file, a
run's metrics still hold the figures of all leads together.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from stats.predictions import Predictions
from stats.reliability import reliability_curve
from training.checks.refused_fields import RefusedField
from training.training_run import TrainingRun

STORED_EVALUATION = "judgement/judgement.json"
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class CalibrationGroup:
    """Leads of like probability: the shares predicted and won, and the 95 % range of a calibrated model."""

    leads: int
    predicted: float
    actual: float
    low: float
    high: float

    @property
    def within_noise(self) -> bool:
        """Whether chance alone explains the difference."""
        return self.low <= self.actual <= self.high

    def to_json(self) -> dict[str, Any]:
        """Under the keys that judgement.json has always had."""
        return {
            "leads": self.leads,
            "promised": self.predicted,
            "delivered": self.actual,
            "low": self.low,
            "high": self.high,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        return cls(state["leads"], state["promised"], state["delivered"], state["low"], state["high"])


@dataclass(frozen=True, slots=True)
class CalibrationSummary:
    """All leads together, and in at most ten groups by probability."""

    whole: CalibrationGroup
    groups: tuple[CalibrationGroup, ...]

    @classmethod
    def of(cls, probability: Sequence[float], won: Sequence[bool]) -> Self:
        """From probabilities (n,) in [0, 1] and whether each lead was won (n,), n at least 1.

        The noise of all leads together is that of a sum of independent wins with these probabilities, in the
        normal approximation; a group's is binomial at its mean. Both hold 95 times of 100.
        """
        p, y = np.asarray(probability, dtype=np.float64), np.asarray(won, dtype=np.float64)
        mean, spread = p.mean(), NORMAL_95 * np.sqrt((p * (1 - p)).sum()) / len(p)
        whole = CalibrationGroup(len(p), float(mean), float(y.mean()), max(0.0, mean - spread), min(1.0, mean + spread))
        found = reliability_curve(Predictions.of(p, y))
        columns = (found.predicted, found.actual, found.low, found.high)
        groups = zip(found.size, *columns, strict=True)
        return cls(whole, tuple(CalibrationGroup(int(leads), *map(float, shares)) for leads, *shares in groups))

    @classmethod
    def of_totals(cls, leads: int, predicted: float, actual: float) -> Self:
        """Without the single probabilities: the noise of leads that all have the mean, so a little too wide."""
        spread = NORMAL_95 * math.sqrt(predicted * (1 - predicted) / leads)
        low, high = max(0.0, predicted - spread), min(1.0, predicted + spread)
        return cls(CalibrationGroup(leads, predicted, actual, low, high), ())

    def to_json(self) -> dict[str, Any]:
        return {"whole": self.whole.to_json(), "groups": [group.to_json() for group in self.groups]}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        groups = tuple(CalibrationGroup.from_json(group) for group in state["groups"])
        return cls(CalibrationGroup.from_json(state["whole"]), groups)


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """A model's calibration on the test leads, and the mean absolute SHAP value of each field, in log-odds.

    `cautions` say what the training data show little of, `refused` what the fields that are known later would add; both
    are empty for a run from before they were stored.
    """

    calibration: CalibrationSummary
    importance: Mapping[str, float]
    cautions: tuple[str, ...] = ()
    refused: tuple[RefusedField, ...] = ()

    @classmethod
    def of(cls, run: TrainingRun) -> Self:
        """From a training run."""
        calibration = CalibrationSummary.of(run.evaluation.probability.tolist(), run.evaluation.won.tolist())
        return cls(calibration, dict(run.importance), run.dataset.cautions, run.refused)

    def to_text(self) -> str:
        state = {
            "promises": self.calibration.to_json(),
            "importance": self.importance,
            "cautions": self.cautions,
            "refused": [asdict(field) for field in self.refused],
        }
        return json.dumps(state, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        state = json.loads(text)
        calibration = CalibrationSummary.from_json(state["promises"])
        refused = tuple(RefusedField(**field) for field in state.get("refused", ()))
        return cls(calibration, state["importance"], tuple(state.get("cautions", ())), refused)
