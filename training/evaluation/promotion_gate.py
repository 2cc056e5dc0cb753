"""May the challenger replace the champion? Evaluations on the same leads in, a decision with its reasons out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from training.models.calibration import log_losses

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
    """How much lower the challenger's log loss is than a rival's, in nats a lead, by a paired bootstrap.

    `low` and `high` are NaN where there are too few leads, or wins, for any verdict.
    """

    rival: str
    leads: int
    gain: float
    low: float
    high: float
    wins: int | None = None

    @property
    def told(self) -> bool:
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
        if not self.told:
            return (
                f"cannot be told from {self.rival} by {self.leads:,} leads, {self.wins} of them won: "
                f"{LEAST_LEADS} leads with {LEAST_WINS} of either outcome are needed"
            )
        return f"{self._verdict} {self.rival} in log loss by {self._figures} on {self.leads:,} leads"

    @property
    def short(self) -> str:
        """The same, where rival and leads are told already."""
        if not self.told:
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
    """`beaten`: the challenger passes `beats_rates`. `promote`: what is served may replace the champion."""

    beaten: bool
    promote: bool
    reasons: tuple[str, ...]


def compare(
    challenger: Vector,
    rival: Vector,
    won: Vector,
    name: str,
    seed: int,
    weight: Vector | None = None,
    confidence: float = CONFIDENCE,
) -> Comparison:
    """Compare two sets of probabilities (n,) for the same leads with outcomes (n,), by default all alike in weight.

    Each end of the interval holds with `confidence`. There is none where leads or wins are not `enough`.
    """
    wins = int((won > 0).sum())
    gains = log_losses(logit(rival), won) - log_losses(logit(challenger), won)
    if weight is not None:
        gains = gains * weight / weight.mean()
    if not enough(won):
        return Comparison(name, len(gains), float(gains.mean()), np.nan, np.nan, wins)
    rng = np.random.default_rng(seed)
    draws = int(np.clip(MOST_DRAWN // len(gains), 200, DRAWS))
    means = np.array([gains[rng.integers(0, len(gains), len(gains))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [1 - confidence, confidence])
    return Comparison(name, len(gains), float(gains.mean()), float(low), float(high), wins)


def enough(won: Vector) -> bool:
    """Whether there are leads and outcomes (n,) enough to compare by."""
    wins = int((won > 0).sum())
    return len(won) >= LEAST_LEADS and LEAST_WINS <= wins <= len(won) - LEAST_WINS


def harmed_sources(
    challenger: Vector,
    rival: Vector,
    won: Vector,
    source: NDArray[np.str_],
    name: str,
    seed: int,
    weight: Vector | None = None,
) -> tuple[Comparison, ...]:
    """The large sources for which the challenger is clearly worse, the worst first; `source` names each lead's (n,).

    The intervals are so wide (Bonferroni) that a challenger which is as good in every source is found worse in any of
    them in one run of twenty at most.
    """
    weight = np.ones(len(won)) if weight is None else weight
    places = {one: np.flatnonzero(source == one) for one in np.unique(source).tolist()}
    large = {one: rows for one, rows in places.items() if len(rows) >= LARGE * len(won) and enough(won[rows])}
    confidence = 1 - (1 - CONFIDENCE) / max(len(large), 1)
    harmed = []
    for one, rows in large.items():
        theirs, here = rival[rows], f"{name} for source {one!r}"
        found = compare(challenger[rows], theirs, won[rows], here, seed, weight[rows], confidence)
        loss = np.average(log_losses(logit(theirs), won[rows]), weights=weight[rows])
        if found.worse and -found.gain >= CLEAR * loss:
            harmed.append(found)
    return tuple(sorted(harmed, key=lambda comparison: comparison.gain))


@dataclass(frozen=True)
class Standing:
    """A challenger beside a baseline: on the `last` leads, and on `all` that were judged by a model of other leads."""

    last: Comparison
    all: Comparison

    def __str__(self) -> str:
        return f"{self.all}; on the last {self.last.leads:,} of them it {self.last.short}"


def beats_rates(base_rate: Standing) -> bool:
    """Beyond noise better than the rates over all leads, and on the last ones not worse.

    The CRM baseline is a mark beside them and no hurdle: it cannot be served as it is, so a model behind it is still
    the best that can be.
    """
    return base_rate.all.better and not base_rate.last.worse


@dataclass(frozen=True)
class Duel:
    """The comparison with the champion, or why there can be none; `harmed` are the sources that would lose by it."""

    champion: str
    comparison: Comparison | None
    why_not: str = ""
    harmed: tuple[Comparison, ...] = ()


def decide(challenger: str, beaten: bool, baselines: Mapping[str, Standing], duel: Duel | None) -> Decision:
    """Put the comparisons into a decision; `duel` is None where there is no champion."""
    reasons = [f"{challenger} {comparison}" for comparison in baselines.values()]
    if not beaten:
        reasons.append(f"{_why_rates(challenger, baselines.get(BASE_RATE))}: the shrunk rates per source are served")
    if duel is None:
        return Decision(beaten, promote=True, reasons=(*reasons, NO_CHAMPION))
    served = challenger if beaten else BASE_RATE
    if duel.comparison is None:
        reasons.append(f"{served} cannot be compared with {duel.champion}: {duel.why_not}")
        return Decision(beaten, promote=False, reasons=tuple(reasons))
    reasons.append(f"{served} {duel.comparison}")
    reasons += [f"held, because {served} {harm}" for harm in duel.harmed]
    return Decision(beaten, duel.comparison.better and not duel.harmed, tuple(reasons))


def _why_rates(challenger: str, base_rate: Standing | None) -> str:
    """Why no model is served; `base_rate` is None where none was tried."""
    if base_rate is None:
        return f"too few leads were won, or were not, to try a model ({LEAST_WINS} of either are needed)"
    if not base_rate.all.told:
        return "there are too few leads to tell whether a model beats the base rate"
    if base_rate.all.better:
        return f"{challenger} beats the base rate over all leads, but not on the last ones, where it is worse"
    return "no model beats the base rate beyond noise yet"
