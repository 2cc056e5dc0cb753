"""May the challenger replace the champion? Evaluations on the same leads in, a decision with its reasons out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.calibrate import log_losses
from scipy.special import logit

Vector = NDArray[np.float64]

CONFIDENCE = 0.95
MARGIN = 0.0
DRAWS = 2_000
MOST_DRAWN = 20_000_000
LEAST_LEADS, LEAST_WINS = 100, 10


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
    """`register`: it beats both baselines. `promote`: it may also replace the champion."""

    register: bool
    promote: bool
    reasons: tuple[str, ...]


def compare(challenger: Vector, rival: Vector, won: Vector, name: str, seed: int) -> Comparison:
    """Compare two sets of probabilities (n,) for the same leads with outcomes (n,)."""
    gains = log_losses(logit(rival), won) - log_losses(logit(challenger), won)
    rng = np.random.default_rng(seed)
    draws = int(np.clip(MOST_DRAWN // len(gains), 200, DRAWS))
    means = np.array([gains[rng.integers(0, len(gains), len(gains))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [1 - CONFIDENCE, CONFIDENCE])
    return Comparison(name, len(gains), float(gains.mean()), float(low), float(high))


def decide(
    challenger: str, against_baselines: Mapping[str, Comparison], against_champion: Comparison | None, seen: str | None
) -> Decision:
    """Decide from the comparisons; `seen` says why there is none with the champion, where there is a champion."""
    register = all(comparison.better for comparison in against_baselines.values())
    reasons = [f"{challenger} {comparison}" for comparison in against_baselines.values()]
    if not register:
        reasons.append("no model beats the base rate and the CRM baseline yet: the shrunk rates are served")
    if against_champion is not None:
        reasons.append(f"{challenger} {against_champion}")
    elif seen:
        reasons.append(seen)
    else:
        reasons.append("there is no champion yet")
    promote = against_champion.better if against_champion is not None else not seen
    return Decision(register, promote, tuple(reasons))
