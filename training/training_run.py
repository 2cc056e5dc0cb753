"""The result of a training run, which `training.pipeline` hands to the registry, the model card and the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.checks.refused_fields import RefusedField
from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.evaluate import CandidateRun, Evaluation
from training.evaluation.promotion_gate import Decision
from training.model import ScoringModel


@dataclass(frozen=True)
class TrainingRun:
    """Everything that is logged of a run.

    Attributes:
        config_path: scoring.toml.
        table: where the leads were read, maybe with a password in it.
        sample: the part of `dataset` whose fields were looked at, where those of all are on a cluster; else None.
        candidates: baselines and candidates, fitted without the test leads.
        chosen: the name of the one that is served; its evaluation stands for the model.
        model: the chosen one, fitted on all of `dataset`.
        importance: the mean absolute SHAP value of each field, in log-odds.
        refused: the fields that were left out as known later, and what that costs.
        trials: how many booster specs were tried.
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
    refused: tuple[RefusedField, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    sample: Dataset | None = None

    @property
    def examined(self) -> Dataset:
        """The training examples whose fields were looked at."""
        return self.sample or self.dataset

    @property
    def evaluation(self) -> Evaluation:
        """That of the chosen candidate."""
        return next(candidate.evaluation for candidate in self.candidates if candidate.name == self.chosen)
