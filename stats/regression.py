"""Logistic regression on a smooth curve of the score, over narrow bands of it.

Leads of nearly the same score are counted together, so that a million leads cost as little as a thousand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit, logit

from stats.sparse_terms import weighted_products
from stats.types import Codes, Matrix, Vector

TINY = 1e-9
FEW, KNOTS_FEW, KNOTS = 3_000, (0.1, 0.5, 0.9), (0.05, 0.275, 0.5, 0.725, 0.95)  # Harrell 2015, table 2.3
RIDGE = 0.5
ROUNDS = 60
CLOSE, QUICK, LONG, LONGEST = 1e-4, 0.5, 0.5, 3.0
"""Of Newton's steps, in log-odds: that which ends it, the part of the one before up to which steps shrink quickly, that
beyond which one may lead too far, and the longest that is taken."""


def score_bands(probability: Vector, most: int) -> tuple[Codes, Vector]:
    """The band of each lead (n,), rising with the score, and the mean log-odds of each of at most `most` bands.

    Bands are of about equal size; equal scores are never in two of them.

    >>> score_bands(np.array([0.2, 0.2, 0.6, 0.8]), most=2)[0].tolist()
    [0, 0, 1, 1]
    """
    distinct, score = np.unique(probability, return_inverse=True)
    before = np.cumsum(np.bincount(score)) - 1
    band = np.unique(before * min(most, len(distinct)) // len(probability), return_inverse=True)[1][score]
    log_odds = logit(np.clip(probability, TINY, 1 - TINY))
    return band, np.bincount(band, log_odds) / np.bincount(band)


def score_curve(log_odds: Vector, leads: Vector) -> Matrix:
    """A restricted cubic spline (k, terms), the intercept first, over k bands of this mean log-odds and size.

    Few leads have three knots, so an intercept, a slope and one bend; many have five, so three bends.

    >>> log_odds = np.linspace(-2.0, 2.0, 9)
    >>> score_curve(log_odds, np.ones(9)).shape, score_curve(log_odds, np.full(9, 1000.0)).shape
    ((9, 3), (9, 5))
    """
    centre = np.average(log_odds, weights=leads)
    spread = max(float(np.sqrt(np.average((log_odds - centre) ** 2, weights=leads))), TINY)
    x = (log_odds - centre) / spread
    at = KNOTS_FEW if leads.sum() < FEW else KNOTS
    knots = np.unique(np.interp(at, np.cumsum(leads) / leads.sum(), x))
    return np.stack([np.ones_like(x), x, *(_bend(x, knot, knots) for knot in knots[:-2])], axis=1)


def _bend(x: Vector, knot: float, knots: Vector) -> Vector:
    """A cubic term that is straight beyond the outer knots."""
    *_, inner, outer = knots
    rise, inner_rise, outer_rise = (np.maximum(x - at, 0) ** 3 for at in (knot, inner, outer))
    tail = (inner_rise * (outer - knot) - outer_rise * (inner - knot)) / (outer - inner)
    result: Vector = (rise - tail) / (outer - knots[0]) ** 2
    return result


def fit_shares(design: Matrix, won: Vector, leads: Vector, ridge: float = RIDGE) -> tuple[Vector, Matrix]:
    """Logistic regression of wins among leads (k,) on `design` (k, terms): coefficients and their covariance.

    The first term is the intercept; the others are drawn to zero by as little as `ridge`, which keeps a fit finite
    where one side holds no wins. Newton's method.

    20 of 100 leads won, and 80 of 100 of another kind:

    >>> beta, _ = fit_shares(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([20.0, 80.0]), np.full(2, 100.0), ridge=0.0)
    >>> expit([beta[0], beta.sum()]).round(4).tolist()
    [0.2, 0.8]
    """
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = TINY
    beta = np.zeros(design.shape[1])
    beta[0] = logit((won.sum() + 0.5) / (leads.sum() + 1))
    for _ in range(ROUNDS):
        share = expit(design @ beta)
        hessian = (design * (leads * share * (1 - share))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(hessian, design.T @ (won - leads * share) - penalty * beta)
        beta = beta + step * min(1.0, LONGEST / float(np.abs(step).max() + TINY))
        if np.abs(step).max() < 1e-7:
            break
    return beta, np.linalg.inv(hessian)


@dataclass(frozen=True)
class RidgeFit:
    """Coefficients `beta` (terms,), and the `inverse` (terms, terms) of a Hessian near them."""

    beta: Vector
    inverse: Matrix


def fit_ridge(design: csr_array, y: Vector, penalty: Vector, start: RidgeFit | None = None) -> RidgeFit:
    """Logistic regression of y (n,) on a sparse `design` (n, terms), the intercept first.

    Each term is drawn to zero by its own `penalty`. Newton's method, to a ten-thousandth. The Hessian, which takes
    nearly all of the time, is kept for as long as each step is at most half of the one before (Shamanskii 1967); so
    the `start` of a fit of like rows saves most of it.

    One of four won; then a term that marks the winner, which so large a penalty forbids.

    >>> won = np.array([0.0, 0.0, 0.0, 1.0])
    >>> float(expit(fit_ridge(csr_array(np.ones((4, 1))), won, np.zeros(1)).beta)[0].round(3))
    0.25
    >>> fit = fit_ridge(csr_array(np.stack([np.ones(4), won], axis=1)), won, np.array([0.0, 1e9]))
    >>> float(fit.beta[1].round(3))
    0.0
    """
    fit = start or _start(design, y, penalty)
    beta, inverse, length = fit.beta, fit.inverse, np.inf
    for _ in range(ROUNDS):
        slope = design.T @ (y - expit(design @ beta)) - penalty * beta
        step = inverse @ slope
        if np.abs(step).max() > QUICK * length:  # not taken: two Hessians in turn can step to and fro for ever
            inverse = _inverse_hessian(design, beta, penalty)
            step = inverse @ slope
        step = _shorten(step, beta, partial(_loss, design, y, penalty))
        beta, length = beta + step, float(np.abs(step).max())
        if length < CLOSE:
            break
    return RidgeFit(beta, inverse)


def _shorten(step: Vector, beta: Vector, loss: Callable[[Vector], float]) -> Vector:
    """At most the longest step; a long one is halved until it leads down, as Newton's own may lead up beyond it."""
    length = float(np.abs(step).max())
    step = step * min(1.0, LONGEST / (length + TINY))
    here = loss(beta) if length > LONG else np.inf
    while np.abs(step).max() > LONG and loss(beta + step) > here:
        step = step / 2
    return step


def _loss(design: csr_array, y: Vector, penalty: Vector, beta: Vector) -> float:
    """What `fit_ridge` makes least: minus the log-likelihood, and the penalties."""
    log_odds = design @ beta
    return float(np.logaddexp(0, log_odds).sum() - y @ log_odds + penalty @ beta**2 / 2)


def _start(design: csr_array, y: Vector, penalty: Vector) -> RidgeFit:
    """The fit of the intercept alone."""
    beta = np.zeros(design.shape[1])
    beta[0] = logit((y.sum() + 0.5) / (len(y) + 1))
    return RidgeFit(beta, _inverse_hessian(design, beta, penalty))


def _inverse_hessian(design: csr_array, beta: Vector, penalty: Vector) -> Matrix:
    share = expit(design @ beta)
    hessian = weighted_products(design, share * (1 - share)) + np.diag(penalty + TINY)
    return np.asarray(np.linalg.inv(hessian), dtype=np.float64)
