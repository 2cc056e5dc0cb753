"""Logistic regression with an L2 penalty on the encoder's matrix, as an `Additive` model.

Numbers are standardised and held within the range seen in training and half as much beyond, so that one that drifts
away cannot carry the score with it. Each may bend at a few quantiles, more reluctantly than it slopes. Each category
level and "missing" has a coefficient of its own, drawn to zero where few leads speak for it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from features.encoders import Column
from training.additive import Additive, Term
from training.lessons import Lessons

Vector = NDArray[np.float64]

LOOSENESS = 0.1
"""scikit-learn's C: the variance of the coefficients' prior."""
BENDS, LEAST_TO_BEND, RELUCTANCE = 4, 5, 0.3
"""How many bends; numbers with fewer different values stay straight; how far a bend is scaled down."""
BEYOND = 0.5
STEPS = 300


@dataclass(frozen=True)
class _Block:
    """The design columns of one matrix column: one per code, or a slope and what each bend adds to it; then missing."""

    column: int
    codes: int
    mean: float
    scale: float
    low: float
    high: float
    bends: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """How many design columns."""
        return (self.codes or 1 + len(self.bends)) + 1

    def design(self, x: Vector) -> sparse.csr_array:
        missing = np.isnan(x)
        if self.codes:
            code = np.where(missing, self.codes, x).astype(np.intp)
            ones = np.ones(len(x))
            return sparse.csr_array((ones, (np.arange(len(x)), code)), shape=(len(x), self.codes + 1))
        parts = np.where(missing[:, None], 0.0, self._bent(np.where(missing, self.mean, x)))
        return sparse.csr_array(np.column_stack([parts, missing]))

    def _bent(self, x: Vector) -> NDArray[np.float64]:
        """The slope (n,) and the bends beside it, in standard deviations."""
        held = np.clip(x, self.low, self.high)
        beyond = [RELUCTANCE * np.maximum(held - bend, 0.0) for bend in self.bends]
        return np.column_stack([held - self.mean, *beyond]) / self.scale

    def term(self, coefficients: Vector) -> Term:
        missing = float(coefficients[-1])
        if self.codes:
            return Term(self.column, tuple(map(float, range(self.codes))), tuple(coefficients[:-1].tolist()), missing)
        knots = np.array([self.low, *self.bends, self.high])
        values = self._bent(knots) @ coefficients[:-1]
        return Term(self.column, tuple(knots.tolist()), tuple(values.tolist()), missing)


def fit_logistic(lessons: Lessons, looseness: float = LOOSENESS) -> Additive:
    """Fit on leads of both outcomes; the larger `looseness`, the larger the coefficients may be."""
    X, won, weight = lessons.X, lessons.won, lessons.weight
    columns = enumerate(lessons.columns)
    blocks = [block for number, column in columns if (block := _block(number, column, X[:, number]))]
    if not blocks:
        return Additive(float(logit(np.average(won, weights=weight))))
    design = sparse.hstack([block.design(X[:, block.column]) for block in blocks], format="csr")
    model = LogisticRegression(C=looseness, max_iter=STEPS, tol=1e-4)
    chances = np.flatnonzero((won > 0) & (won < 1))  # leads that may still win count for both outcomes
    both = sparse.vstack([design, design[chances]], format="csr")
    outcome = np.append(won > 0, np.zeros(len(chances), dtype=bool))
    counts = np.append(weight * np.where(won > 0, won, 1.0), (weight * (1 - won))[chances])
    coefficients = model.fit(both, outcome, sample_weight=counts).coef_[0]
    ends = np.cumsum([block.size for block in blocks])[:-1]
    terms = (block.term(part) for block, part in zip(blocks, np.split(coefficients, ends), strict=True))
    return Additive(float(model.intercept_[0]), tuple(terms)).measured_on(X)


def _block(number: int, column: Column, x: Vector) -> _Block | None:
    """None for a column that says nothing: every lead alike."""
    known = x[~np.isnan(x)]
    if len(known) == 0 or (len(known) == len(x) and known.min() == known.max()):
        return None
    if column.levels:
        return _Block(number, len(column.levels), 0.0, 1.0, 0.0, 0.0)
    low, high = float(known.min()), float(known.max())
    margin = BEYOND * (high - low) or 1.0
    spread = float(known.std()) or 1.0
    return _Block(number, 0, float(known.mean()), spread, low - margin, high + margin, _bends(known))


def _bends(known: Vector) -> tuple[float, ...]:
    """Quantiles within the range, equally far apart in leads."""
    if len(np.unique(known)) < LEAST_TO_BEND:
        return ()
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, BENDS + 2)[1:-1]))
    return tuple(cuts[(cuts > known.min()) & (cuts < known.max())].tolist())
