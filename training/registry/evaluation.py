"""What a model promised and what was delivered, group by group: probabilities and outcomes in, `Promises` out.

A run may keep them, with the weight of each field, in the file `JUDGEMENT`; without it, a run's metrics still tell
what all leads together were promised.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from training.evaluation.curves import reliability
from training.evaluation.metrics import Judged
from training.training_run import TrainingRun

JUDGEMENT = "judgement/judgement.json"
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Group:
    """Leads of like probability: shares promised and delivered, and the ends of what a perfect model delivers."""

    leads: int
    promised: float
    delivered: float
    low: float
    high: float

    @property
    def within_noise(self) -> bool:
        """Whether chance alone explains the difference."""
        return self.low <= self.delivered <= self.high


@dataclass(frozen=True, slots=True)
class Promises:
    """All leads together, and in at most ten groups by probability."""

    whole: Group
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, probability: Sequence[float], won: Sequence[bool]) -> Self:
        """From probabilities (n,) in [0, 1] and whether each lead was won (n,), n at least 1.

        The noise of all leads together is that of a sum of independent wins with these probabilities, in the
        normal approximation; a group's is binomial at its mean. Both hold 95 times of 100.
        """
        p, y = np.asarray(probability, dtype=np.float64), np.asarray(won, dtype=np.float64)
        mean, spread = p.mean(), NORMAL_95 * np.sqrt((p * (1 - p)).sum()) / len(p)
        whole = Group(len(p), float(mean), float(y.mean()), max(0.0, mean - spread), min(1.0, mean + spread))
        found = reliability(Judged.of(p, y))
        columns = (found.promised, found.delivered, found.low, found.high)
        groups = zip(found.leads, *columns, strict=True)
        return cls(whole, tuple(Group(int(leads), *map(float, shares)) for leads, *shares in groups))

    @classmethod
    def of_totals(cls, leads: int, promised: float, delivered: float) -> Self:
        """Without the single probabilities: the noise of leads that all have the mean, so a little too wide."""
        spread = NORMAL_95 * math.sqrt(promised * (1 - promised) / leads)
        return cls(Group(leads, promised, delivered, max(0.0, promised - spread), min(1.0, promised + spread)), ())

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        return cls(Group(**state["whole"]), tuple(Group(**group) for group in state["groups"]))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the last leads of the history said of a model, and the mean size of each field's part, in log-odds.

    `cautions` say what the training data tell little of; none of a run from before they were kept.
    """

    promises: Promises
    importance: Mapping[str, float]
    cautions: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: TrainingRun) -> Self:
        """From a training run."""
        promises = Promises.of(run.evaluation.probability.tolist(), run.evaluation.won.tolist())
        return cls(promises, dict(run.importance), run.dataset.cautions)

    def to_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        state = json.loads(text)
        return cls(Promises.from_json(state["promises"]), state["importance"], tuple(state.get("cautions", ())))
