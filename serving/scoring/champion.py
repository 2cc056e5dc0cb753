"""What a champion is, where champions come from, and where the last one is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from training.model import ModelBroken, ScoringModel

DEFAULT_HORIZON_DAYS = 90
"""Where no model is in use that has one."""


class ModelSource(Protocol):
    """Where champions come from, such as `training.registry.Registry`."""

    def champion_version(self) -> str | None:
        """The champion's version, cheap to ask; None or `NoModel` while there is none."""

    def load(self, which: str) -> ScoringModel:
        """The model of a version; raises `ModelBroken` where it never will be readable."""


@dataclass(frozen=True)
class Champion:
    """A warmed-up model and when it took over."""

    model: ScoringModel
    since: datetime


class KeptModel(Protocol):
    """Where the last champion is kept, such as `serving.scoring.last_champion.LastChampion`."""

    def keep(self, model: ScoringModel) -> None:
        """Keep this one; never raises."""

    def load(self) -> ScoringModel | None:
        """What was kept; None where nothing usable was."""


def warm_up_model(model: ScoringModel, now: datetime) -> ScoringModel:
    """The model after its first score, which compiles and tabulates what later ones reuse.

    Raises:
        ModelBroken: where it fails, or gives no probability.
    """
    try:
        score = model.score(model.schema.parse("warm-up", {}), now)
    except Exception as error:
        raise ModelBroken(f"it fails on a lead: {type(error).__name__}") from error
    if not 0 <= score.probability <= 1:
        raise ModelBroken("it does not give a probability")
    return model
