"""Logistic regression with an L2 penalty on the encoder's matrix, as an `Additive` model.

Numbers are standardised and held within the range seen in training and half as much beyond, so that one that drifts
away cannot carry the score with it; each category level and "missing" has a coefficient of its own, drawn to zero where
few leads speak for it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from features.encoders import Column
from stats.types import Vector
from training.data.samples import Samples
from training.models.additive import Additive, Term

LOGISTIC = "logistic regression"
PENALTY, STRICT_PENALTY = 0.1, 0.02
FEW_WINS = 100
BEYOND = 0.5
STEPS = 300


@dataclass(frozen=True)
class _Block:
    """The design columns of one matrix column: one per code or one slope, and one for missing."""

    column: int
    codes: int = 0
    mean: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0

    def design(self, x: Vector) -> sparse.csr_array:
        missing = np.isnan(x)
        if self.codes:
            code = np.where(missing, self.codes, x).astype(np.intp)
            ones = np.ones(len(x))
            return sparse.csr_array((ones, (np.arange(len(x)), code)), shape=(len(x), self.codes + 1))
        z = np.where(missing, 0.0, (np.clip(x, self.low, self.high) - self.mean) / self.scale)
        return sparse.csr_array(np.stack([z, missing.astype(float)], axis=1))

    def term(self, coefficients: Vector) -> Term:
        missing = float(coefficients[-1])
        if self.codes:
            return Term(self.column, tuple(map(float, range(self.codes))), tuple(coefficients[:-1].tolist()), missing)
        ends = np.array([self.low, self.high])
        values = coefficients[0] * (ends - self.mean) / self.scale
        return Term(self.column, tuple(ends.tolist()), tuple(values.tolist()), missing)


def fit_logistic(samples: Samples) -> Additive:
    """Fit on samples that hold both outcomes; an open lead counts for both, by its chance."""
    X, y, weight = samples.X, samples.y, samples.fit_weight
    columns = enumerate(samples.columns)
    blocks = [block for number, column in columns if (block := _block(number, column, X[:, number]))]
    if not blocks:
        return Additive(float(logit(np.average(y, weights=weight))))
    design = sparse.hstack([block.design(X[:, block.column]) for block in blocks], format="csr")
    model = LogisticRegression(
        C=STRICT_PENALTY if samples.minority_count < FEW_WINS else PENALTY, max_iter=STEPS, tol=1e-6
    )
    chances = np.flatnonzero((y > 0) & (y < 1))  # leads that may still win count for both outcomes
    both = sparse.vstack([design, design[chances]], format="csr")
    outcome = np.append(y > 0, np.zeros(len(chances), dtype=bool))
    counts = np.append(weight * np.where(y > 0, y, 1.0), (weight * (1 - y))[chances])
    coefficients = model.fit(both, outcome, sample_weight=counts).coef_[0]
    ends = np.cumsum([block.codes + 1 if block.codes else 2 for block in blocks])[:-1]
    terms = (block.term(part) for block, part in zip(blocks, np.split(coefficients, ends), strict=True))
    return Additive(float(model.intercept_[0]), tuple(terms)).centre_on(X)


def _block(number: int, column: Column, x: Vector) -> _Block | None:
    """None for a column that says nothing: every lead alike."""
    known = x[~np.isnan(x)]
    if len(known) == 0 or (len(known) == len(x) and known.min() == known.max()):
        return None
    if column.levels:
        return _Block(number, codes=len(column.levels))
    low, high = float(known.min()), float(known.max())
    margin = BEYOND * (high - low) or 1.0
    scale = float(known.std()) or 1.0
    return _Block(number, mean=float(known.mean()), scale=scale, low=low - margin, high=high + margin)
