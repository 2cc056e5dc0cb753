"""A recipe says what to fit; fitted, it is an additive part and trees. Both add up in log-odds.

Every candidate that can be served is a recipe: logistic regression alone, one shape of trees, or a weighted blend.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.encode import FeatureEncoder
from training.additive import Additive
from training.baselines import fit_base_rate
from training.boosters import Shape, fit_booster
from training.logistic import fit_logistic
from training.trees import Trees

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Tick = Callable[[], None]


@dataclass(frozen=True)
class Lessons:
    """What a recipe is fitted on: a matrix (n, d), whether each lead won (n,), and how much it counts (n,)."""

    encoder: FeatureEncoder
    X: Matrix
    won: Vector
    weight: Vector

    def __len__(self) -> int:
        return len(self.won)

    def take(self, rows: NDArray[np.intp]) -> "Lessons":
        return Lessons(self.encoder, self.X[rows], self.won[rows], self.weight[rows])


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
    """logistic · logistic regression + Σ weight · trees; with no part at all, the rates per source."""

    name: str
    logistic: float = 0.0
    members: tuple[Member, ...] = ()

    def fit(self, lessons: Lessons, seed: int, tick: Tick = lambda: None) -> Fitted:
        """Fit every part on these leads; `tick` is called after each."""
        if not self.logistic and not self.members:
            return Fitted(fit_base_rate(lessons.encoder, lessons.X, lessons.won, lessons.weight))
        additive = Additive(0.0)
        if self.logistic:
            columns = lessons.encoder.columns
            additive = fit_logistic(columns, lessons.X, lessons.won, lessons.weight).scaled(self.logistic)
            tick()
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


def grow(shape: Shape, rounds: int, lessons: Lessons, seed: int) -> lgb.Booster:
    """Trees of one shape on these leads."""
    return fit_booster(shape, lessons.encoder.columns, lessons.X, lessons.won, lessons.weight, rounds, seed)


def weighted(
    name: str, weights: Vector, shapes: Sequence[tuple[Shape, int]], logistic: float, least: float = 0.01
) -> Recipe:
    """A blend of shapes with their rounds; parts that weigh next to nothing are left out and the rest scaled up."""
    kept = np.where(weights >= least, weights, 0.0)
    logistic = logistic if logistic >= least else 0.0
    total = kept.sum() + logistic
    members = (
        Member(shape, rounds, float(weight / total))
        for (shape, rounds), weight in zip(shapes, kept, strict=True)
        if weight
    )
    return Recipe(name, float(logistic / total), tuple(members))
