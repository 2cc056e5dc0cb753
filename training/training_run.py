"""What one training run found, from `training.pipeline` to the registry, the model card and the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.data.split import Split
from training.evaluation.evaluate import Evaluation
from training.evaluation.promotion_gate import Decision
from training.labels.states import Dataset
from training.model import ScoringModel


@dataclass(frozen=True)
class CandidateRun:
    """A candidate that was tried: its parameters, its evaluation on the test leads, and the seconds it took."""

    name: str
    parameters: Mapping[str, str | float | int]
    evaluation: Evaluation
    seconds: float


@dataclass(frozen=True)
class TrainingRun:
    """Everything that is worth keeping of a run.

    `model` is the chosen recipe refitted on all of `dataset`; `chosen` is that recipe fitted without the test
    leads, and its evaluation is what the model promises. `candidates` holds every candidate, the chosen included.
    `importance` is the mean size of each field's part in the score, in log-odds. `config_path` is scoring.toml,
    `table` where the leads were read, maybe with a password in it.
    """

    project: str
    config_path: Path
    table: str
    seed: int
    budget_s: float
    order: str
    dataset: Dataset
    split: Split
    candidates: tuple[CandidateRun, ...]
    chosen: str
    decision: Decision
    model: ScoringModel
    importance: Mapping[str, float]
    trials: int
    seconds: float
    notes: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def evaluation(self) -> Evaluation:
        """The chosen candidate's."""
        return next(candidate.evaluation for candidate in self.candidates if candidate.name == self.chosen)
