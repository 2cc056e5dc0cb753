"""From raw log-odds to calibrated probability: monotone maps, and the choice among them out of sample.

Fitted on predictions for leads the model has not seen. `none` is one of the choices; sigmoid (Platt 1999) and
beta (Kull, Silva Filho and Flach 2017) serve small samples, isotonic only larger ones. The isotonic map is the
centred one (Oron and Flournoy 2017): it rises strictly between its knots, so it makes no ties.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, log_expit, logit
from sklearn.isotonic import isotonic_regression
from sklearn.model_selection import StratifiedKFold

from stats.random_effects import dersimonian_laird
from stats.types import Vector

ISOTONIC_FROM = 1_000
FLOOR = 1e-5
FOLDS = 5
BEYOND, TAIL_SLOPE = 10.0, 0.1


@dataclass(frozen=True)
class Calibration:
    """A monotone map of raw log-odds, linear in each of `weights`' parts, or between knots.

    none, sigmoid and beta map z to expit(a·log σ(z) − b·log σ(−z) + c), with a = b for a sigmoid; isotonic maps z
    to logit values between knots. `shift` is added to the log-odds last: the intercept re-estimated on newer leads.
    """

    kind: str = "none"
    weights: tuple[float, float, float] = (1.0, 1.0, 0.0)
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    shift: float = 0.0

    def log_odds(self, raw: Vector) -> Vector:
        """Calibrated log-odds (n,) for raw ones (n,)."""
        if self.knots:
            return self._interpolate(raw) + self.shift
        a, b, c = self.weights
        if a == b:
            return a * raw + (c + self.shift)
        return a * log_expit(raw) - b * log_expit(-raw) + (c + self.shift)

    def _interpolate(self, raw: Vector) -> Vector:
        """Between knots, kept within the values of both, which rounding may leave: the order of scores is kept."""
        values = np.asarray(self.values)
        above = np.searchsorted(self.knots, raw)
        lower, upper = values[np.maximum(above - 1, 0)], values[np.minimum(above, len(values) - 1)]
        return np.clip(np.interp(raw, self.knots, values), lower, upper)

    def probability(self, raw: Vector) -> Vector:
        """Calibrated probabilities (n,), within [FLOOR, 1 − FLOOR] so that no score is stuck at 0 or 100."""
        return np.clip(expit(self.log_odds(raw)), FLOOR, 1 - FLOOR)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        tuples = {name: tuple(state[name]) for name in ("weights", "knots", "values")}
        return cls(**{**state, **tuples})


def fit_sigmoid(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """Platt's map (1999): slope and intercept of the log-odds, by least log loss.

    Of four leads at log-odds -4, which say 2 in 100, one won; of four at 4, which say 98 in 100, three did.

    >>> raw, won = np.repeat([-4.0, 4.0], 4), np.array([0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    >>> fit_sigmoid(raw, won, np.ones(8)).probability(np.array([-4.0, 4.0])).round(2).tolist()
    [0.25, 0.75]
    """
    slope, intercept = _minimise(lambda w: w[0] * raw + w[1], won, weight, start=(1.0, 0.0), least=(1e-3, -np.inf))
    return Calibration("sigmoid", (slope, slope, intercept))


def fit_beta(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """Beta calibration (Kull, Silva Filho and Flach 2017): a slope for low and one for high scores, an intercept.

    Of four leads at each of three log-odds one, two and three won: low scores are farther off than high ones.

    >>> raw, won = np.repeat([-4.0, 0.0, 2.0], 4), np.array([0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1], dtype=float)
    >>> fit_beta(raw, won, np.ones(12)).probability(np.array([-4.0, 0.0, 2.0])).round(2).tolist()
    [0.25, 0.5, 0.75]
    """
    low, high = log_expit(raw), -log_expit(-raw)
    a, b, c = _minimise(
        lambda w: w[0] * low + w[1] * high + w[2],
        won,
        weight,
        start=(1.0, 1.0, 0.0),
        least=(1e-3, 1e-3, -np.inf),
    )
    return Calibration("beta", (a, b, c))


def fit_isotonic(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """Centred isotonic regression (Oron and Flournoy 2017): rising steps, joined at their weighted centres.

    >>> found = fit_isotonic(np.array([-2.0, 0.0, 0.5, 2.0]), np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4))
    >>> bool(np.all(np.diff(found.probability(np.linspace(-2, 2, 9))) > 0))
    True
    """
    scores, at = np.unique(raw, return_inverse=True)
    size = np.bincount(at, weight).astype(np.float64)
    centres, size, rates = _steps(scores, size, np.bincount(at, weight * won) / size)
    base = np.average(won, weights=weight)
    shrunk = (rates * size + base) / (size + 1)  # one lead's worth of base rate keeps 0 and 1 from certainty
    centres, _, rates = _steps(centres, size, shrunk)  # it may draw a small step past its neighbour
    values = logit(rates)
    ends = (centres[0] - BEYOND, *centres, centres[-1] + BEYOND)
    beyond = TAIL_SLOPE * BEYOND
    return Calibration("isotonic", knots=ends, values=(values[0] - beyond, *values, values[-1] + beyond))


def _steps(score: Vector, size: Vector, rate: Vector) -> tuple[Vector, Vector, Vector]:
    """Centre, size and rate of each step (k,) of the isotonic fit, for rates (n,) along rising scores."""
    steps, step = np.unique(isotonic_regression(rate, sample_weight=size), return_inverse=True)
    sizes = np.bincount(step, size).astype(np.float64)
    return np.bincount(step, size * score) / sizes, sizes, steps


def fit_none(raw: Vector, won: Vector, weight: Vector) -> Calibration:  # noqa: ARG001 - fitted like the others
    """The raw log-odds as they are.

    >>> float(fit_none(np.zeros(1), np.zeros(1), np.ones(1)).probability(np.zeros(1))[0])
    0.5
    """
    return Calibration()


def fit_intercept(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """One number: what to add to the log-odds so that as many win as are predicted.

    >>> round(fit_intercept(np.zeros(4), np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)).shift, 4)
    -1.0986
    """
    return Calibration("intercept", shift=_intercept(raw, won, weight))


Fit = Callable[[Vector, Vector, Vector], Calibration]

FITS: dict[str, Fit] = {
    "none": fit_none,
    "intercept": fit_intercept,
    "sigmoid": fit_sigmoid,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
}
"""From the simplest to the most flexible."""


def choose_calibration(raw: Vector, won: Vector, weight: Vector, seed: int) -> Calibration:
    """The simplest map whose log loss out of sample is within noise of the best one's, fitted on all rows.

    `raw` (n,) are log-odds for leads that the model has not seen, `won` (n,) 0 or 1, `weight` (n,) positive.
    """
    kinds = [kind for kind in FITS if kind != "isotonic" or len(raw) >= ISOTONIC_FROM]
    if min(won.sum(), (1 - won).sum()) < 2 * FOLDS:
        return fit_none(raw, won, weight)
    losses = {kind: _losses_out_of_sample(FITS[kind], raw, won, weight, seed) for kind in kinds}
    best = min(losses, key=lambda kind: float(np.average(losses[kind], weights=weight)))
    for kind in kinds:
        worse_by = weight * (losses[kind] - losses[best]) / weight.mean()
        if worse_by.mean() <= worse_by.std() / np.sqrt(len(worse_by)):
            return FITS[kind](raw, won, weight)
    raise AssertionError("the best map is within noise of itself")


def shift_in_common(raw: Vector, won: Vector, weight: Vector, blocks: Sequence[int]) -> Calibration:
    """What blocks (sizes, in order), each judged by a model of those before, want added to their log-odds alike.

    It is the mean of the blocks' intercepts, each by how surely it is known and by how much they differ from block to
    block (DerSimonian and Laird 1986), drawn to zero: times 1 − (standard error / mean)², nothing where that is below
    zero (James and Stein 1961, the positive part). A slope is not fitted: over blocks of different base rates it would
    measure those.
    """
    spans = [slice(start, end) for start, end in pairwise(np.cumsum([0, *blocks])) if weight[start:end].any()]
    if len(spans) < 2:
        return Calibration()
    shifts = np.array([_intercept(raw[span], won[span], weight[span]) for span in spans])
    chances = [expit(raw[span] + shift) for span, shift in zip(spans, shifts, strict=True)]
    sure = np.array([weight[span] @ (p * (1 - p)) for span, p in zip(spans, chances, strict=True)])  # 1 / variance
    share = 1 / (1 / sure + dersimonian_laird(shifts, sure))
    mean, error = float(np.average(shifts, weights=share)), float(1 / np.sqrt(share.sum()))
    if abs(mean) <= error:
        return Calibration()
    return Calibration("intercept", shift=mean * (1 - (error / mean) ** 2))


def _losses_out_of_sample(fit: Fit, raw: Vector, won: Vector, weight: Vector, seed: int) -> Vector:
    losses = np.empty(len(raw))
    for fitted_on, held_out in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(raw, won > 0.5):
        map_ = fit(raw[fitted_on], won[fitted_on], weight[fitted_on])
        losses[held_out] = log_losses(map_.log_odds(raw[held_out]), won[held_out])
    return losses


def log_losses(log_odds: Vector, won: Vector) -> Vector:
    """The log loss of each lead (n,), in nats; `won` may be a chance."""
    return -(won * log_expit(log_odds) + (1 - won) * log_expit(-log_odds))


def _intercept(log_odds: Vector, won: Vector, weight: Vector) -> float:
    """What to add to the log-odds so that their mean probability is the share that won."""
    least = min(0.5 / weight.sum(), 0.5)
    share = np.clip(np.average(won, weights=weight), least, 1 - least)
    return float(brentq(lambda shift: np.average(expit(log_odds + shift), weights=weight) - share, -30.0, 30.0))


def _minimise(
    log_odds: Callable[[Vector], Vector],
    won: Vector,
    weight: Vector,
    start: tuple[float, ...],
    least: tuple[float, ...],
) -> tuple[float, ...]:
    """The parameters of least weighted log loss, each at least `least`."""
    found = minimize(
        lambda parameters: float(np.average(log_losses(log_odds(parameters), won), weights=weight)),
        start,
        method="L-BFGS-B",
        bounds=[(low, None) for low in least],
    )
    return tuple(map(float, found.x))
