"""May the challenger replace the champion? Evaluations on the same leads in, a decision with its reasons out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from training.calibrate import log_losses

Vector = NDArray[np.float64]

CONFIDENCE = 0.95
MARGIN = 0.0
DRAWS = 2_000
MOST_DRAWN = 20_000_000


@dataclass(frozen=True)
class Comparison:
    """How much lower the challenger's log loss is than a rival's, in nats a lead, by a paired bootstrap."""

    rival: str
    leads: int
    gain: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the gain is above the margin at 95 % confidence, one-sided."""
        return self.low > MARGIN

    def __str__(self) -> str:
        verdict = "beats" if self.better else "is within noise of" if self.high > MARGIN else "is worse than"
        return (
            f"{verdict} {self.rival} in log loss by {self.gain:+.4f} "
            f"[{self.low:+.4f}, {self.high:+.4f}] on {self.leads:,} leads"
        )


@dataclass(frozen=True)
class Decision:
    """`beaten`: the challenger passes `beats_baselines`. `promote`: what is served may replace the champion."""

    beaten: bool
    promote: bool
    reasons: tuple[str, ...]


def compare(
    challenger: Vector, rival: Vector, won: Vector, name: str, seed: int, weight: Vector | None = None
) -> Comparison:
    """Compare two sets of probabilities (n,) for the same leads with outcomes (n,), by default all alike in weight."""
    gains = log_losses(logit(rival), won) - log_losses(logit(challenger), won)
    if weight is not None:
        gains = gains * weight / weight.mean()
    rng = np.random.default_rng(seed)
    draws = int(np.clip(MOST_DRAWN // len(gains), 200, DRAWS))
    means = np.array([gains[rng.integers(0, len(gains), len(gains))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [1 - CONFIDENCE, CONFIDENCE])
    return Comparison(name, len(gains), float(gains.mean()), float(low), float(high))


def beats_baselines(base_rate: Comparison, crm_baseline: Comparison) -> bool:
    """Beyond noise better than the rates, which is what keeps noise out, and ahead of the CRM baseline."""
    return base_rate.better and crm_baseline.gain > MARGIN


@dataclass(frozen=True)
class Duel:
    """The comparison with the champion, or why there can be none."""

    champion: str
    comparison: Comparison | None
    why_not: str = ""


def decide(challenger: str, beaten: bool, baselines: Mapping[str, Comparison], duel: Duel | None) -> Decision:
    """Put the comparisons into a decision; `duel` is None where there is no champion."""
    reasons = [f"{challenger} {comparison}" for comparison in baselines.values()]
    if not beaten:
        reasons.append("no model beats the base rate and the CRM baseline yet: the shrunk rates per source are served")
    if duel is None:
        return Decision(beaten, promote=True, reasons=(*reasons, "there is no champion yet"))
    served = challenger if beaten else "base rate"
    if duel.comparison is None:
        reasons.append(f"{served} cannot be compared with {duel.champion}: {duel.why_not}")
        return Decision(beaten, promote=False, reasons=tuple(reasons))
    reasons.append(f"{served} {duel.comparison}")
    return Decision(beaten, duel.comparison.better, tuple(reasons))
