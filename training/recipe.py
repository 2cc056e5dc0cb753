"""A recipe says what to fit; fitted, it is an additive part and trees. Both add up in log-odds.

Every candidate that can be served is a recipe: logistic regression alone, one shape of trees, or a weighted blend.
"""

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from training.additive import Additive
from training.boosters import Shape, grow
from training.lessons import Lessons
from training.logistic import fit_logistic
from training.trees import Trees

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Tick = Callable[[], None]


@dataclass(frozen=True)
class Fitted:
    """A raw score in log-odds."""

    additive: Additive
    trees: Trees | None = None

    def raw(self, X: Matrix) -> Vector:
        """Log-odds (n,) for a matrix (n, d)."""
        raw = self.additive.raw(X)
        return raw if self.trees is None else raw + self.trees.raw(X)


@dataclass(frozen=True)
class Member:
    """Trees of one shape, grown for a number of rounds, and their weight in the blend."""

    shape: Shape
    rounds: int
    weight: float


@dataclass(frozen=True)
class Recipe:
    """logistic · logistic regression + Σ weight · trees."""

    name: str
    logistic: float = 0.0
    members: tuple[Member, ...] = ()

    def fit(self, lessons: Lessons, seed: int, tick: Tick = lambda: None) -> Fitted:
        """Fit every part on these leads; `tick` is called after each."""
        additive = fit_logistic(lessons).scaled(self.logistic) if self.logistic else Additive(0.0)
        boosters: list[lgb.Booster] = []
        weights: list[float] = []
        for member in self.members:
            for number in range(member.shape.seeds):
                boosters.append(grow(member.shape, member.rounds, lessons, seed + number))
                weights.append(member.weight / member.shape.seeds)
                tick()
        return Fitted(additive, Trees.sum_of(boosters, weights) if boosters else None)

    def parameters(self) -> dict[str, str | float | int]:
        """What MLflow keeps of it."""
        shown: dict[str, str | float | int] = {"logistic.weight": round(self.logistic, 4)} if self.logistic else {}
        for member in self.members:
            prefix = member.shape.name.replace(" ", "_")
            shown |= {f"{prefix}.weight": round(member.weight, 4), f"{prefix}.rounds": member.rounds}
            shown |= {f"{prefix}.{name}": value for name, value in member.shape.parameters.items()}
        return shown
