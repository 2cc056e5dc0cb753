"""A recipe says what to fit; fitted, it is an additive part and trees. Both add up in log-odds.

Every candidate that can be served is a recipe: logistic regression alone, one shape of trees, or a weighted blend.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.additive import Additive
from training.boosters import Shape, grow
from training.lessons import Lessons
from training.logistic import LOOSENESS, fit_logistic
from training.parallel import side_by_side
from training.trees import Trees

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

LEAVES, MOST_SEEDS = 7_000, 6
"""A lead's reasons look at every leaf, so all trees together have no more than this."""


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
    def leaves(self) -> int:
        """The most leaves it has when grown once."""
        return self.rounds * self.shape.most_leaves


def seeds(members: Sequence[Member]) -> list[int]:
    """How often each member is grown, each time from another seed, within the leaves that all may have together.

    One seed more divides what a seed adds to the blend's variance, weight² / seeds; it goes where that gains most.
    """
    grown = [1] * len(members)
    room = LEAVES - sum(member.leaves for member in members)
    while fitting := [n for n, one in enumerate(members) if one.leaves <= room and grown[n] < MOST_SEEDS]:
        most = max(fitting, key=lambda n: members[n].weight ** 2 / (grown[n] * (grown[n] + 1)) / members[n].leaves)
        grown[most] += 1
        room -= members[most].leaves
    return grown


@dataclass(frozen=True)
class Recipe:
    """logistic · logistic regression + Σ weight · trees."""

    name: str
    logistic: float = 0.0
    members: tuple[Member, ...] = ()
    looseness: float = LOOSENESS

    def fit(self, lessons: Lessons, seed: int) -> Fitted:
        """Fit every part on these leads."""
        additive = fit_logistic(lessons, self.looseness).scaled(self.logistic) if self.logistic else Additive(0.0)
        often = seeds(self.members)
        grown = [
            (one, seed + number) for one, times in zip(self.members, often, strict=True) for number in range(times)
        ]
        boosters = side_by_side(lambda part: grow(part[0].shape, part[0].rounds, lessons, part[1]), grown)
        weights = [one.weight / times for one, times in zip(self.members, often, strict=True) for _ in range(times)]
        return Fitted(additive, Trees.sum_of(boosters, weights) if boosters else None)

    def with_rounds(self, rounds: Callable[[Shape], int]) -> "Recipe":
        """The same recipe, every shape grown for as many rounds as it is worth elsewhere, as far as leaves suffice."""
        members = [replace(member, rounds=rounds(member.shape)) for member in self.members]
        leaves = max(LEAVES, sum(member.leaves for member in members))
        return replace(self, members=tuple(replace(one, rounds=one.rounds * LEAVES // leaves) for one in members))

    def parameters(self) -> dict[str, str | float | int]:
        """What MLflow keeps of it."""
        shown: dict[str, str | float | int] = {"logistic.weight": round(self.logistic, 4)} if self.logistic else {}
        if self.logistic:
            shown["logistic.looseness"] = self.looseness
        for member, times in zip(self.members, seeds(self.members), strict=True):
            prefix = member.shape.name.replace(" ", "_")
            shown |= {f"{prefix}.weight": round(member.weight, 4), f"{prefix}.rounds": member.rounds}
            shown |= {f"{prefix}.seeds": times}
            shown |= {f"{prefix}.{name}": value for name, value in member.shape.parameters.items()}
        return shown
