"""Cross-fitted reference probabilities m(x), fitted for the report where there is no registered model to use.

It is a logistic regression on the fields in steps: a step for each frequent value of a category, and for each tenth
of a number, drawn to zero by a normal prior (ridge). It is fitted either on leads that arrived before both periods, or
out of fold: leads are divided at random, and each part is predicted by a model of the others.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit

from analytics.reference.binned_fields import Steps
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.regression import RidgeFit, fit_ridge
from stats.sparse_terms import put_before
from stats.types import Mask, Vector

TENTHS = np.arange(1, 10) / 10
LEAST_LEADS, LEAST_WINS = 500, 30
"""Leads, and wins among them, below which no model is fitted."""
FREQUENT = 20
RIDGE = 10.0
"""Coefficients vary by about a third. In simulated companies of 1,000 to 12,000 leads it has the lowest log loss out of
fold, and leads won 0.96 to 1.14 times more for each unit of m; with 1 it is 0.68 to 0.93, with 30 1.1 to 1.7."""
FOLDS = 5


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
        return cls(steps, fit_steps(own, won).beta)

    def probability(self, leads: LeadTable) -> Vector:
        return judge(self.steps.of(leads), self.beta)


def fit_steps(steps: csr_array, won: Mask, start: RidgeFit | None = None) -> RidgeFit:
    """An intercept and a coefficient for each of the steps (n, steps) of leads that were won or not (n,)."""
    penalty = np.array([0.0] + [RIDGE] * steps.shape[1])
    return fit_ridge(put_before(np.ones((len(won), 1)), steps), won.astype(np.float64), penalty, start)


def judge(steps: csr_array, beta: Vector) -> Vector:
    """The probability (n,) of leads in these steps (n, steps) by an intercept and their coefficients."""
    intercept, *_ = beta
    probability: Vector = expit(intercept + steps @ beta[1:])
    return probability


def out_of_fold(leads: LeadTable, won: Mask, is_example: Mask, schema: LeadSchema, rng: np.random.Generator) -> Vector:
    """Predict each lead (n,) by a model of other leads; only those that `is_example` (n,) marks are fitted on."""
    fold = rng.permutation(len(leads)) % FOLDS
    m = np.empty(len(leads))
    of_examples, _ = Steps.fit(leads.take(np.flatnonzero(is_example)), schema, TENTHS, FREQUENT)
    steps = of_examples.of(leads)
    fit = None
    for own in range(FOLDS):
        learned, judged = np.flatnonzero((fold != own) & is_example), np.flatnonzero(fold == own)
        fit = fit_steps(csr_array(steps[learned]), won[learned], fit)
        m[judged] = judge(csr_array(steps[judged]), fit.beta)
    return m
