"""The promotion gate: whether what was trained may replace the champion, with the reasons.

All comparisons are paired: two sets of probabilities for the same leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from stats.calibration import log_losses

Vector = NDArray[np.float64]

BASE_RATE = "base rate"
NO_CHAMPION = "there is no champion yet"
"""The reason of a first champion; the model page says it otherwise once there is one."""
CONFIDENCE = 0.95
MARGIN = 0.0
DRAWS = 2_000
MOST_DRAWN = 20_000_000
LEAST_LEADS, LEAST_WINS = 100, 10
"""With fewer leads, or fewer of either outcome, there is no comparison."""
LARGE, CLEAR = 0.05, 0.01
"""A large source has this share of the leads; clearly worse is a log loss higher by this share of the champion's."""


@dataclass(frozen=True)
class Comparison:
    """By how much a challenger's log loss is lower than a rival's, in nats a lead, by a paired bootstrap.

    `low` and `high` are NaN where there are too few leads, or wins, for a comparison.
    """

    rival: str
    leads: int
    gain: float
    low: float
    high: float
    wins: int | None = None

    @property
    def is_conclusive(self) -> bool:
        """Whether there were leads and wins enough for a verdict."""
        return not np.isnan(self.low)

    @property
    def better(self) -> bool:
        """Whether the gain is above the margin at 95 % confidence, one-sided."""
        return self.low > MARGIN

    @property
    def worse(self) -> bool:
        """Whether the gain is below the margin, as surely."""
        return self.high < MARGIN

    def __str__(self) -> str:
        if not self.is_conclusive:
            return (
                f"cannot be told from {self.rival} by {self.leads:,} leads, {self.wins} of them won: "
                f"{LEAST_LEADS} leads with {LEAST_WINS} of either outcome are needed"
            )
        return f"{self._verdict} {self.rival} in log loss by {self._figures} on {self.leads:,} leads"

    @property
    def short_text(self) -> str:
        """The same, without rival and number of leads."""
        if not self.is_conclusive:
            return f"cannot be told from it: {self.wins} of them won"
        return f"{self._verdict} it by {self._figures}"

    @property
    def _verdict(self) -> str:
        return "beats" if self.better else "is worse than" if self.worse else "is within noise of"

    @property
    def _figures(self) -> str:
        return f"{self.gain:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


@dataclass(frozen=True)
class Decision:
    """Whether a model passes `beats_base_rate`, and whether what is served is promoted, with the reasons."""

    beats_base_rate: bool
    promoted: bool
    reasons: tuple[str, ...]


def compare(
    challenger: Vector,
    rival: Vector,
    y: Vector,
    name: str,
    seed: int,
    weight: Vector | None = None,
    confidence: float = CONFIDENCE,
) -> Comparison:
    """Compare two sets of probabilities (n,) for the same leads with labels y (n,) and, by default equal, weights (n,).

    Each end of the interval holds with `confidence`. There is none without `has_enough_outcomes`.
    """
    wins = int((y > 0).sum())
    gains = log_losses(logit(rival), y) - log_losses(logit(challenger), y)
    if weight is not None:
        gains = gains * weight / weight.mean()
    if not has_enough_outcomes(y):
        return Comparison(name, len(gains), float(gains.mean()), np.nan, np.nan, wins)
    rng = np.random.default_rng(seed)
    draws = int(np.clip(MOST_DRAWN // len(gains), 200, DRAWS))
    means = np.array([gains[rng.integers(0, len(gains), len(gains))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [1 - confidence, confidence])
    return Comparison(name, len(gains), float(gains.mean()), float(low), float(high), wins)


def has_enough_outcomes(y: Vector) -> bool:
    """Whether there are leads, and leads of either outcome (n,), enough to compare by."""
    wins = int((y > 0).sum())
    return len(y) >= LEAST_LEADS and LEAST_WINS <= wins <= len(y) - LEAST_WINS


def find_regressed_sources(
    challenger: Vector,
    rival: Vector,
    y: Vector,
    source: NDArray[np.str_],
    name: str,
    seed: int,
    weight: Vector | None = None,
) -> tuple[Comparison, ...]:
    """The large sources for which the challenger is clearly worse, the worst first; `source` (n,) is each lead's.

    The intervals are so wide (Bonferroni) that a challenger which is as good in every source is found worse in any of
    them in one run of twenty at most.
    """
    weight = np.ones(len(y)) if weight is None else weight
    rows_of = {one: np.flatnonzero(source == one) for one in np.unique(source).tolist()}
    large = {one: rows for one, rows in rows_of.items() if len(rows) >= LARGE * len(y) and has_enough_outcomes(y[rows])}
    confidence = 1 - (1 - CONFIDENCE) / max(len(large), 1)
    regressed = []
    for one, rows in large.items():
        theirs, here = rival[rows], f"{name} for source {one!r}"
        comparison = compare(challenger[rows], theirs, y[rows], here, seed, weight[rows], confidence)
        loss = np.average(log_losses(logit(theirs), y[rows]), weights=weight[rows])
        if comparison.worse and -comparison.gain >= CLEAR * loss:
            regressed.append(comparison)
    return tuple(sorted(regressed, key=lambda comparison: comparison.gain))


@dataclass(frozen=True)
class BaselineComparison:
    """A challenger beside a baseline: on the `last` leads, and on `all` that were predicted out of fold."""

    last: Comparison
    all: Comparison

    def __str__(self) -> str:
        return f"{self.all}; on the last {self.last.leads:,} of them it {self.last.short_text}"


def beats_base_rate(base_rate: BaselineComparison) -> bool:
    """Whether the challenger is beyond noise better than the base rates over all leads, and not worse on the last.

    The CRM baseline is a mark beside them and no hurdle: it cannot be served as it is, so a model behind it is still
    the best that can be.
    """
    return base_rate.all.better and not base_rate.last.worse


@dataclass(frozen=True)
class ChampionComparison:
    """The comparison with the champion, or why there can be none; `regressed_sources` would lose by the promotion."""

    champion: str
    comparison: Comparison | None
    why_not: str = ""
    regressed_sources: tuple[Comparison, ...] = ()


def decide(
    challenger: str, beaten: bool, baselines: Mapping[str, BaselineComparison], champion: ChampionComparison | None
) -> Decision:
    """The decision on what is served: the challenger where it has `beaten` the base rate, else the base rate.

    `champion` is None where there is none.
    """
    reasons = [f"{challenger} {comparison}" for comparison in baselines.values()]
    if not beaten:
        reasons.append(
            f"{_why_base_rate(challenger, baselines.get(BASE_RATE))}: the shrunk rates per source are served"
        )
    if champion is None:
        return Decision(beaten, promoted=True, reasons=(*reasons, NO_CHAMPION))
    served = challenger if beaten else BASE_RATE
    if champion.comparison is None:
        reasons.append(f"{served} cannot be compared with {champion.champion}: {champion.why_not}")
        return Decision(beaten, promoted=False, reasons=tuple(reasons))
    reasons.append(f"{served} {champion.comparison}")
    reasons += [f"held, because {served} {comparison}" for comparison in champion.regressed_sources]
    return Decision(beaten, champion.comparison.better and not champion.regressed_sources, tuple(reasons))


def _why_base_rate(challenger: str, base_rate: BaselineComparison | None) -> str:
    """Why no model is served; `base_rate` is None where none was tried."""
    if base_rate is None:
        return f"too few leads were won, or were not, to try a model ({LEAST_WINS} of either are needed)"
    if not base_rate.all.is_conclusive:
        return "there are too few leads to tell whether a model beats the base rate"
    if base_rate.all.better:
        return f"{challenger} beats the base rate over all leads, but not on the last ones, where it is worse"
    return "no model beats the base rate beyond noise yet"
