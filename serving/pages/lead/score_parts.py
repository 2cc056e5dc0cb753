"""Each field's part of a score in points of probability: one scale for the order, the bars and the sentences.

A model adds up its fields in log-odds, and how much one of them moves the *probability* depends on those beside it. Its
part here is its Shapley value: what it moves the calibrated probability by, averaged over all orders in which the
fields may be taken (Shapley 1953). So parts do not depend on the order, and add up to the score less the average
lead's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import factorial

import numpy as np
from numpy.typing import NDArray

from serving.pages.page_context import PageContext
from training.model import Reason, Score, ScoringModel

Vector = NDArray[np.float64]

SHOWN = 10
"""Fields told apart; what all others do is taken together. The work doubles with each."""
TENTH = 0.001
"""A tenth of a point, to which parts are told."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field's part in points of probability (0.108 is 10.8 points), told so that all printed parts add up."""

    reason: Reason
    points: float


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """From an average lead's probability by the `parts`, the largest first, and the `rest` to the score's.

    `others` is how many fields the rest is of.
    """

    base: float
    parts: tuple[Part, ...]
    rest: float
    others: int


def split_score(score: Score, model: ScoringModel) -> ScoreParts:
    """A score that this model gave, in its parts."""
    shown, others = split_reasons(score.reasons)
    moves = np.array([reason.contribution for reason in shown] + [sum(r.contribution for r in others)] * bool(others))
    base = float(model.calibration.probability(np.array([model.base_value]))[0])
    points = _shapley(moves, model)
    points = _add_up(points, round(score.probability, 3) - round(base, 3))
    order = sorted(range(len(shown)), key=lambda place: -abs(points[place]))
    parts = tuple(Part(shown[place], float(points[place])) for place in order)
    return ScoreParts(base, parts, float(points[-1]) if others else 0.0, len(others))


def split_reasons(reasons: Sequence[Reason]) -> tuple[Sequence[Reason], Sequence[Reason]]:
    """The strongest, and the rest where it is more than one."""
    return (reasons, ()) if len(reasons) <= SHOWN + 1 else (reasons[:SHOWN], reasons[SHOWN:])


def ranked_reasons(score: Score, context: PageContext) -> tuple[Reason, ...]:
    """The reasons in the order of their bars, the sentences telling what the bars show.

    Where the model that gave the score is not in use, both are in log-odds, as stored.
    """
    model = context.model
    if model is None or model.version != score.model_version:
        return score.reasons
    parts = split_score(score, model).parts
    return tuple(_reason(part, is_first=place == 0) for place, part in enumerate(parts))


def _reason(part: Part, *, is_first: bool) -> Reason:
    effect = f"{'raises' if part.reason.contribution > 0 else 'lowers'} the score{' most' if is_first else ''}"
    label = part.reason.sentence.rpartition(": ")[0] or part.reason.field
    return replace(part.reason, sentence=f"{label}: {effect}")


def _shapley(moves: Vector, model: ScoringModel) -> Vector:
    """Each move's Shapley value (k,), from the probabilities of all 2^k sets of moves (k,) in log-odds."""
    k = len(moves)
    taken = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    probability = model.calibration.probability(model.base_value + taken @ moves)
    size = taken.sum(axis=1)
    weight = np.array([factorial(n) * factorial(k - n - 1) / factorial(k) for n in range(k)])
    values = np.empty(k)
    for one in range(k):
        without = np.flatnonzero(taken[:, one] == 0)
        values[one] = weight[size[without]] @ (probability[without + 2**one] - probability[without])
    return values


def _add_up(points: Vector, total: float) -> Vector:
    """The points (k,) in whole tenths that add up to a total; the largest remainders are rounded up."""
    if not len(points):
        return points
    tenths = np.floor(points / TENTH)
    missing = round(total / TENTH - float(tenths.sum()))
    order = np.argsort(-(points / TENTH - tenths), kind="stable")
    each, more = divmod(missing, len(points))
    tenths += each
    tenths[order[:more]] += 1
    return tenths * TENTH
