"""From raw log-odds to calibrated probability: monotone maps, and how each is fitted.

Fitted on predictions for leads the model has not seen; `stats.calibration_choice` chooses among them. `none` is one of
the choices; temperature (Guo et al. 2017), sigmoid (Platt 1999), quadratic and beta (Kull, Silva Filho and Flach 2017)
serve small samples, isotonic only larger ones. The isotonic map is the centred one (Oron and Flournoy 2017): it rises
strictly between its knots, so it makes no ties.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, log_expit, logit
from sklearn.isotonic import isotonic_regression

from stats.interpolation import interpolate
from stats.types import Matrix, Vector

FLOOR = 1e-5
BEYOND, TAIL_SLOPE = 10.0, 0.1
QUADRATIC_KNOTS = 33
LEAST_SLOPE = 1e-3


@dataclass(frozen=True)
class Calibration:
    """A monotone map of raw log-odds, linear in each of `weights`' parts, or between knots.

    none, temperature, sigmoid and beta map z to expit(a·log σ(z) − b·log σ(−z) + c), with a = b for all but beta;
    quadratic and both isotonic ones map z to logit values between knots. `shift` is added to the
    log-odds last: the intercept re-estimated on newer leads.
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

    def probability_of(self, raw: float) -> float:
        """`probability` of one lead: the same number, to the last bit."""
        if self.knots:
            above = bisect_left(self.knots, raw)
            lower, upper = self.values[max(above - 1, 0)], self.values[min(above, len(self.values) - 1)]
            log_odds = min(max(interpolate(raw, self.knots, self.values), lower), upper) + self.shift
        else:
            a, b, c = self.weights
            curved = a * raw if a == b else a * log_expit(raw) - b * log_expit(-raw)
            log_odds = float(curved) + (c + self.shift)
        return min(max(float(expit(log_odds)), FLOOR), 1 - FLOOR)

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
    design = np.column_stack([raw, np.ones(len(raw))])
    slope, intercept = _fit_linear(design, won, weight, start=(1.0, 0.0), least=(LEAST_SLOPE, -np.inf))
    return Calibration("sigmoid", (slope, slope, intercept))


def fit_temperature(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """One slope for the log-odds (Guo et al. 2017): scores that are too sure of themselves get one below 1.

    >>> raw = np.array([-2.0, -2.0, -2.0, 2.0, 2.0, 2.0])
    >>> fitted = fit_temperature(raw, np.array([0.0, 0.0, 1.0, 1.0, 1.0, 0.0]), np.ones(6))
    >>> [round(float(p), 2) for p in fitted.probability(np.array([-2.0, 0.0, 2.0]))]
    [0.33, 0.5, 0.67]
    """
    (slope,) = _fit_linear(raw[:, None], won, weight, start=(1.0,), least=(LEAST_SLOPE,))
    return Calibration("temperature", (slope, slope, 0.0))


def fit_quadratic(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """A parabola of the log-odds that rises over all of them, tabulated; beyond them it goes on straight.

    >>> fitted = fit_quadratic(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4))
    >>> bool(np.all(np.diff(fitted.probability(np.linspace(-3, 4, 15))) > 0))
    True
    """
    low, high = float(raw.min()), float(raw.max())
    middle, half = (low + high) / 2, max((high - low) / 2, 1e-6)
    least = LEAST_SLOPE * half
    design = _parabola((raw - middle) / half)
    ends = _fit_linear(design, won, weight, start=(half, half, middle), least=(least, least, -np.inf))
    grid = np.linspace(-1.0, 1.0, QUADRATIC_KNOTS)
    values = _parabola(grid) @ ends
    beyond = BEYOND / half
    knots = (low - BEYOND, *(middle + half * grid).tolist(), high + BEYOND)
    tails = float(values[0] - ends[0] * beyond), float(values[-1] + ends[1] * beyond)
    return Calibration("quadratic", knots=knots, values=(tails[0], *values.tolist(), tails[1]))


def _parabola(z: Vector) -> Matrix:
    """The design (n, 3) of a parabola over [−1, 1] by its slopes at both ends and its height in the middle."""
    return np.column_stack([z / 2 - z**2 / 4, z / 2 + z**2 / 4, np.ones(len(z))])


def fit_beta(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """Beta calibration (Kull, Silva Filho and Flach 2017): a slope for low and one for high scores, an intercept.

    Of four leads at each of three log-odds one, two and three won: low scores are farther off than high ones.

    >>> raw, won = np.repeat([-4.0, 0.0, 2.0], 4), np.array([0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1], dtype=float)
    >>> fit_beta(raw, won, np.ones(12)).probability(np.array([-4.0, 0.0, 2.0])).round(2).tolist()
    [0.25, 0.5, 0.75]
    """
    low, high = log_expit(raw), -log_expit(-raw)
    design = np.column_stack([low, high, np.ones(len(raw))])
    a, b, c = _fit_linear(design, won, weight, start=(1.0, 1.0, 0.0), least=(LEAST_SLOPE, LEAST_SLOPE, -np.inf))
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


def fit_half_isotonic(raw: Vector, won: Vector, weight: Vector) -> Calibration:
    """Half of the way, in log-odds, from the raw score to the centred isotonic map.

    Where a score stands still between groups of leads, the steps say where; half of a step that only chance made costs
    a quarter of what the whole would (docs/decisions/034-half-a-step.md).

    >>> won = np.array([0.0, 0.0, 0.0, 1.0])
    >>> whole, half = (fit(np.zeros(4), won, np.ones(4)) for fit in (fit_isotonic, fit_half_isotonic))
    >>> bool(np.isclose(half.log_odds(np.zeros(1))[0], whole.log_odds(np.zeros(1))[0] / 2))
    True
    """
    whole = fit_isotonic(raw, won, weight)
    values = (np.array(whole.knots) + np.array(whole.values)) / 2
    return Calibration("half isotonic", knots=whole.knots, values=tuple(values.tolist()))


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
    return Calibration("intercept", shift=intercept_of(raw, won, weight))


Fit = Callable[[Vector, Vector, Vector], Calibration]

FITS: dict[str, Fit] = {
    "none": fit_none,
    "intercept": fit_intercept,
    "temperature": fit_temperature,
    "sigmoid": fit_sigmoid,
    "quadratic": fit_quadratic,
    "beta": fit_beta,
    "half isotonic": fit_half_isotonic,
    "isotonic": fit_isotonic,
}
"""From the simplest to the most flexible."""


def log_losses(log_odds: Vector, won: Vector) -> Vector:
    """The log loss of each lead (n,), in nats; `won` may be a chance."""
    return -(won * log_expit(log_odds) + (1 - won) * log_expit(-log_odds))


def intercept_of(log_odds: Vector, won: Vector, weight: Vector) -> float:
    """What to add to the log-odds so that their mean probability is the share that won."""
    least = min(0.5 / weight.sum(), 0.5)
    share = np.clip(np.average(won, weights=weight), least, 1 - least)
    return float(brentq(lambda shift: np.average(expit(log_odds + shift), weights=weight) - share, -30.0, 30.0))


def _fit_linear(
    design: Matrix, won: Vector, weight: Vector, start: tuple[float, ...], least: tuple[float, ...]
) -> tuple[float, ...]:
    """Parameters (k,) of least weighted log loss for log-odds `design` (n, k) @ parameters, each at least `least`."""
    share = weight / weight.sum()

    def loss_and_gradient(parameters: Vector) -> tuple[float, Vector]:
        log_odds = design @ parameters
        return float(share @ log_losses(log_odds, won)), design.T @ (share * (expit(log_odds) - won))

    bounds = [(low, None) for low in least]
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(map(float, found.x))
