"""Cross-fitted reference probabilities m(x), fitted for the report where there is no registered model to use.

It is a logistic regression on the fields in steps: a step for each frequent value of a category, and for each tenth
of a number, drawn to zero by a normal prior (ridge). It is fitted either on leads that arrived before both periods, or
out of fold: leads are divided at random, and each part is predicted by a model of the others.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.special import expit, logit

from analytics.reference.binned_fields import Steps
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.types import Mask, Vector

TENTHS = np.arange(1, 10) / 10
LEAST_LEADS, LEAST_WINS = 500, 30
"""Leads, and wins among them, below which no model is fitted."""
FREQUENT = 20
RIDGE = 10.0
"""Coefficients vary by about a third. In simulated companies of 1,000 to 12,000 leads it has the lowest log loss out of
fold, and leads won 0.96 to 1.14 times more for each unit of m; with 1 it is 0.68 to 0.93, with 30 1.1 to 1.7."""
FOLDS = 5
ROUNDS = 40


def enough_to_learn(won: Mask, least: int = LEAST_LEADS) -> bool:
    """Whether a model can be fitted on these leads (n,) at all."""
    wins = int(won.sum())
    return len(won) >= least and wins >= LEAST_WINS and len(won) - wins >= LEAST_WINS


@dataclass(frozen=True)
class BinnedLogistic:
    """A logistic regression on the fields in steps."""

    steps: Steps
    beta: Vector

    @classmethod
    def fit(cls, leads: LeadTable, won: Mask, schema: LeadSchema) -> Self:
        """Learn from leads and whether each was won (n,)."""
        steps, own = Steps.fit(leads, schema, TENTHS, FREQUENT)
        return cls(steps, _fit(_with_intercept(own), won.astype(np.float64)))

    def probability(self, leads: LeadTable) -> Vector:
        result: Vector = expit(_with_intercept(self.steps.of(leads)) @ self.beta)
        return result


def _with_intercept(steps: csr_array) -> csr_array:
    return csr_array(hstack([csr_array(np.ones((steps.shape[0], 1))), steps], format="csr"))


def out_of_fold(leads: LeadTable, won: Mask, is_example: Mask, schema: LeadSchema, rng: np.random.Generator) -> Vector:
    """Predict each lead (n,) by a model of other leads; only those that `is_example` (n,) marks are fitted on."""
    fold = rng.permutation(len(leads)) % FOLDS
    m = np.empty(len(leads))
    for own in range(FOLDS):
        learned, judged = np.flatnonzero((fold != own) & is_example), np.flatnonzero(fold == own)
        m[judged] = BinnedLogistic.fit(leads.take(learned), won[learned], schema).probability(leads.take(judged))
    return m


def _fit(design: csr_array, won: Vector) -> Vector:
    """Ridge logistic regression by Newton's method; the intercept, which comes first, is free."""
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-9
    beta = np.zeros(design.shape[1])
    beta[0] = logit((won.sum() + 0.5) / (len(won) + 1))
    for _ in range(ROUNDS):
        share = expit(design @ beta)
        weighted = design.multiply((share * (1 - share))[:, None]).tocsr()
        hessian = (weighted.T @ design).toarray() + np.diag(penalty)
        step = np.linalg.solve(hessian, design.T @ (won - share) - penalty * beta)
        beta = beta + step * min(1.0, 4.0 / float(np.abs(step).max() + 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    return beta
