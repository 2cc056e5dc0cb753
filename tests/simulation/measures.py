"""What the tests measure on a simulation: parts of its leads, and true differences between them."""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.company import Simulation

UNTIL = dt.date(2026, 7, 1)


def midnight(day: dt.date) -> pd.Timestamp:
    return pd.Timestamp(day, tz="UTC")


def won_in_time(simulation: Simulation) -> pd.Series:
    return simulation.truth["ever_won"] & (simulation.truth["delay_days"] <= simulation.horizon_days)


def after_change(simulation: Simulation) -> pd.Series:
    return simulation.leads["created_at"] >= midnight(simulation.change)


def true_parts(simulation: Simulation) -> tuple[float, float]:
    """Change of the true chance of worked leads from before to after: by who came, by what was done."""
    worked = simulation.truth[simulation.truth["worked"]]
    handled = worked["probability_handled"] - worked["probability"]
    means = pd.DataFrame({"mix": worked["probability"], "handling": handled}).groupby(after_change(simulation)).mean()
    difference = means.loc[True] - means.loc[False]
    return float(difference["mix"]), float(difference["handling"])


def auc(wins: pd.Series, score: pd.Series) -> float:
    ranks, won = score.rank().to_numpy(), wins.to_numpy()
    return (ranks[won].mean() - (won.sum() + 1) / 2) / (~won).sum()


def log_odds(probability: pd.Series) -> pd.Series:
    return (probability / (1 - probability)).apply(np.log)
