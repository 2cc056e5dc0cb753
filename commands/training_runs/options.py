"""What `leads train` and `leads retrain` have in common: a run's options, and the champion that it is compared with."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from features.config import TrainingSection
from training.evaluation.holdout import Champion
from training.pipeline import Settings
from training.registry import NoModel, Registry

BudgetOption = Annotated[
    float | None, typer.Option("--budget", min=1, help="Seconds; by default what scoring.toml says.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="By default what scoring.toml says.")]
TrialsOption = Annotated[
    int | None,
    typer.Option("--trials", min=1, help="Try so many shapes of trees, whatever it takes: repeats a run exactly."),
]


def make_settings(
    section: TrainingSection,
    budget: float | None,
    seed: int | None,
    trials: int | None,
    as_of: datetime | None = None,
    started: float | None = None,
) -> Settings:
    """The settings of a run: the options where they are given, else those of scoring.toml."""
    return Settings(
        as_of=as_of.replace(tzinfo=UTC) if as_of else None,
        budget_s=budget or section.budget_s,
        seed=section.seed if seed is None else seed,
        trials=trials,
        today=datetime.now(UTC).date(),
        started=started,
    )


def champion_of(registry: Registry) -> Champion | None:
    """The model in service, for the gate; None where there is none yet."""
    try:
        return Champion(registry.load("champion"), registry.training_hashes("champion"))
    except NoModel:
        return None
