"""A recipe says what to fit; fitted, it is an additive part and trees. Both add up in log-odds.

Every candidate that can be served is a recipe: logistic regression alone, one shape of trees, or a weighted blend.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.data.samples import Lessons
from training.models.additive import Additive
from training.models.boosting import Shape, grow
from training.models.logistic import fit_logistic
from training.models.merged_trees import Trees
from training.search.threads import side_by_side

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

LEAVES, MOST_SEEDS = 12_000, 6
"""A lead's reasons look up every branch of every tree, so all trees together have about this many leaves."""


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

    @property
    def seeds(self) -> int:
        """How often it is grown, each time from another seed: as often as its share of all leaves allows."""
        leaves = self.rounds * int(self.shape.parameters["num_leaves"])
        return int(np.clip(LEAVES * self.weight // leaves, 1, MOST_SEEDS))


@dataclass(frozen=True)
class Recipe:
    """logistic · logistic regression + Σ weight · trees, all of them fitted with newer leads counting more.

    How much more is told by `half_life` (`training.search.recency`), None for all alike.
    """

    name: str
    logistic: float = 0.0
    members: tuple[Member, ...] = ()
    half_life: float | None = None

    def fit(self, lessons: Lessons, seed: int) -> Fitted:
        """Fit every part on these leads, which are in order of arrival where that counts."""
        lessons = lessons.fading(self.half_life)
        additive = fit_logistic(lessons).scaled(self.logistic) if self.logistic else Additive(0.0)
        grown = [(member, seed + number) for member in self.members for number in range(member.seeds)]
        boosters = side_by_side(lambda part: grow(part[0].shape, part[0].rounds, lessons, part[1]), grown)
        weights = [member.weight / member.seeds for member, _ in grown]
        return Fitted(additive, Trees.sum_of(boosters, weights) if boosters else None)

    def with_rounds(self, rounds: Callable[[Shape], int]) -> "Recipe":
        """The same recipe, every shape grown for as many rounds as it is worth elsewhere."""
        members = (replace(member, rounds=rounds(member.shape)) for member in self.members)
        return replace(self, members=tuple(members))

    def parameters(self) -> dict[str, str | float | int]:
        """What MLflow keeps of it."""
        shown: dict[str, str | float | int] = {"logistic.weight": round(self.logistic, 4)} if self.logistic else {}
        if self.half_life:
            shown["half_life"] = self.half_life
        for member in self.members:
            prefix = member.shape.name.replace(" ", "_")
            shown |= {f"{prefix}.weight": round(member.weight, 4), f"{prefix}.rounds": member.rounds}
            shown |= {f"{prefix}.seeds": member.seeds}
            shown |= {f"{prefix}.{name}": value for name, value in member.shape.parameters.items()}
        return shown
