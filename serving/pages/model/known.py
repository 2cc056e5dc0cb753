"""What the registry and the store say of the models, as the model page reads it."""

from dataclasses import dataclass

from serving.pages.model.delivered import Delivered
from serving.store.overview import Rescored
from training.registry.overview import Overview, Registered
from training.registry.stored_evaluation import CalibrationSummary


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the models; `overview` is None where the registry was not read yet or tells nothing."""

    overview: Overview | None
    delivered: Delivered
    rescored: Rescored | None
    mlflow_url: str | None

    @property
    def champion(self) -> Registered | None:
        return self.overview.champion if self.overview else None

    @property
    def promises(self) -> CalibrationSummary | None:
        """The judgement that is shown: the company's own where it says enough, else the training's."""
        if self.delivered.enough:
            return self.delivered.promises
        return self.champion.calibration if self.champion else None
