"""The reference's m, corrected by the fields and outcomes of the earlier period's own leads.

A reference that shrinks, or was trained on other days, is wrong by some r(x) = P(won | x, earlier period) - m(x), and
its mix by the change of the mean of r. So what was won beyond m in the earlier period is regressed on m and on the
fields in steps, and m is corrected by the fit. Least squares, so the fit need not be right: the change of its mean is
unbiased wherever either r or the ratio of the later leads' density to the earlier ones' is about linear in the steps
(doubly robust: Kline 2011; Chernozhukov, Newey and Singh 2022). A ridge of a few leads keeps steps of few leads finite.

The coefficients err, and `covariance` says how (sandwich: White 1980; for the terms fitted: MacKinnon and White 1985).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analytics.leads_as_of.groups import Groups
from stats.sparse_terms import put_before, weighted_products
from stats.types import Mask, Matrix, Vector

RIDGE = 3.0
"""Leads that say of each step that the reference is right."""
LEADS_A_TERM = 10
LEAST_LEADS = 20
"""Of the earlier period in a step, and out of it."""


@dataclass(frozen=True)
class Correction:
    """`added` (n,) to m. `terms` (n, p) are the regression's; the coefficients' errors have this `covariance` (p, p).

    `inverse` (p, p) turns a change of the terms' means into what each earlier lead's luck does to the correction;
    `squares` (n,) are the squared errors of the earlier leads, 0 for the others. `twice_counted` is what the spreads of
    the corrected m over the earlier and over the later leads, as variances of means, owe to the coefficients' errors,
    which `variances` holds already.
    """

    added: Vector
    terms: csr_array
    inverse: Matrix
    covariance: Matrix
    squares: Vector
    twice_counted: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def none(cls, n: int) -> Self:
        """No correction: m is taken as it stands."""
        empty = np.zeros((0, 0))
        return cls(np.zeros(n), csr_array((n, 0)), empty, empty, np.zeros(n))

    @classmethod
    def fit(cls, fields: csr_array, m: Vector, won: Vector, later: Mask, floor: float) -> Self:
        """Learn from the earlier leads; `floor` is added to each squared error, for where wins are few."""
        early = np.flatnonzero(~later)
        terms = _terms(fields, m, early)
        own, n = csr_array(terms[early]), len(early)
        residual = (won - m)[early]
        middle = _means(own)
        squares = _centred_squares(own, np.ones(n), middle)
        inverse = np.asarray(np.linalg.inv(squares + RIDGE * np.eye(len(squares))), dtype=np.float64)
        beta = inverse @ (own.T @ residual - middle * residual.sum())
        added = residual.mean() + terms @ beta - middle @ beta
        fitted = float(np.trace(inverse @ squares)) + 1
        errors = (residual - added[early]) ** 2 * n / max(n - fitted, 1.0) + floor
        meat = _centred_squares(own, errors, middle)
        all_errors = np.zeros(len(won))
        all_errors[early] = errors
        covariance = inverse @ meat @ inverse
        others = csr_array(terms[later])
        squares_of_others = _centred_squares(others, np.ones(len(won) - n), _means(others))
        owed = _owed(squares, covariance, n), _owed(squares_of_others, covariance, len(won) - n)
        return cls(added, terms, inverse, covariance, all_errors, owed)

    def variances(self, groups: Groups, later: Mask) -> tuple[Vector, Vector]:
        """What the coefficients' errors add to the variance of each group's mix, and of its handling (groups,).

        Handling hears of an earlier lead's luck twice, by its own outcome and through the correction.
        """
        k = len(groups.names)
        if not self.terms.shape[1]:
            return np.zeros(k), np.zeros(k)
        early = ~later
        before, after = (_sums(self.terms, groups, side) / side.sum() for side in (early, later))
        pull = (groups.count(later) / later.sum() - groups.count(early) / early.sum()) / 2
        moved = after - before - pull[:, None] * (before.sum(axis=0) + after.sum(axis=0))
        mix = np.einsum("gp,pq,gq->g", moved, self.covariance, moved)
        luck = _sums(self.terms, groups, self.squares) - np.outer(groups.count(self.squares), _means(self.terms[early]))
        both = (luck + pull[:, None] * luck.sum(axis=0)) / early.sum()
        handling = mix + 2 * np.einsum("gp,pq,gq->g", moved, self.inverse, both)
        return mix, handling

    def earlier_luck(self, error: Vector, later: Mask) -> Vector:
        """What each earlier lead's `error` (n,) did to the whole mix through the coefficients; 0 for later leads."""
        if not self.terms.shape[1]:
            return np.zeros(len(later))
        before, after = (_means(self.terms[side]) for side in (~later, later))
        weight = self.inverse @ (after - before)
        result: Vector = np.where(later, 0.0, (self.terms @ weight - before @ weight) * error)
        return result


def _owed(squares: Matrix, covariance: Matrix, n: int) -> float:
    """The variance of the mean of the correction over n leads, as far as their spread is the coefficients' errors."""
    return float((covariance * squares).sum()) / n**2


def _terms(fields: csr_array, m: Vector, early: NDArray[np.intp]) -> csr_array:
    """The standardised m, and the most even steps: those that enough of the earlier leads are in, and out of."""
    counts = np.asarray(fields[early].sum(axis=0)).ravel()
    rarer = np.minimum(counts, len(early) - counts)
    most = len(early) // LEADS_A_TERM
    enough = np.sort(np.argsort(-rarer, kind="stable")[:most])
    kept = enough[rarer[enough] >= LEAST_LEADS]
    spread = float(m[early].std())
    score = (m - m[early].mean()) / spread if spread > 0 else np.zeros(len(m))
    return put_before(score[:, None], csr_array(fields[:, kept]))


def _centred_squares(terms: csr_array, weight: Vector, middle: Vector) -> Matrix:
    """The weighted sum of squares and products of the terms (p, p), less `middle`."""
    sums = (terms.T @ weight)[:, None] * middle
    return weighted_products(terms, weight) - sums - sums.T + weight.sum() * middle[:, None] * middle


def _means(terms: csr_array) -> Vector:
    """The mean of each term (p,)."""
    return np.asarray(terms.mean(axis=0)).ravel()


def _sums(terms: csr_array, groups: Groups, weight: Vector | Mask) -> Matrix:
    """The sum of each group's terms, each lead's times its weight (n,): a matrix (groups, p)."""
    rows = np.flatnonzero(weight)
    marks = csr_array((weight[rows].astype(np.float64), (groups.code[rows], rows)), (len(groups.names), len(weight)))
    sums: Matrix = (marks @ terms).toarray()
    return sums
