"""Companies whose leads and wins are drawn from known chances, before a change and after it."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Period
from tests.analytics.tables import known, matured

BEFORE = Period(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
AFTER = Period(dt.datetime(2026, 2, 1, tzinfo=dt.UTC), dt.datetime(2026, 3, 1, tzinfo=dt.UTC))

SOURCES = np.array(["ads", "events", "partners", "referral"])
CHANCE = np.outer([0.03, 0.08, 0.15, 0.3], [0.6, 1.0, 1.6]).ravel()
"""Of a win at arrival, of each source's leads of three qualities."""
USUAL = np.outer([0.4, 0.3, 0.2, 0.1], [0.5, 0.3, 0.2]).ravel()
WORSE = np.outer([0.55, 0.25, 0.15, 0.05], [0.6, 0.25, 0.15]).ravel()


@dataclass(frozen=True)
class Company:
    """After the change: who comes, and what is added to the log-odds of winning, by handling or hidden quality."""

    name: str
    comes: np.ndarray
    added: float

    @property
    def won(self) -> np.ndarray:
        return expit(logit(CHANCE) + self.added)

    @property
    def mix(self) -> float:
        return float((self.comes - USUAL) @ CHANCE)

    @property
    def handling(self) -> float:
        return float(self.comes @ (self.won - CHANCE))

    @property
    def total(self) -> float:
        return self.mix + self.handling

    def draw(self, rng: np.random.Generator, n: int) -> LeadsAsOf:
        """`n` matured leads of each period, with the true chance at arrival for a reference."""
        kinds = [rng.choice(12, n, p=comes) for comes in (USUAL, self.comes)]
        won = [rng.random(n) < chance[kind] for kind, chance in zip(kinds, (CHANCE, self.won), strict=True)]
        kind = np.concatenate(kinds)
        arrived_at = np.repeat(np.array(["2026-01-10", "2026-02-10"], dtype="datetime64[us]"), n)
        source = pd.Categorical.from_codes(kind // 3, categories=SOURCES)
        columns = {"arrived_at": arrived_at, "source": source, "reference": CHANCE[kind], "won": np.concatenate(won)}
        return known(matured(2 * n, **columns))


COMPANIES = (
    Company("nothing", USUAL, 0.0),
    Company("mix only", WORSE, 0.0),
    Company("handling only", USUAL, -0.4),
    Company("both", WORSE, -0.4),
    Company("hidden quality", USUAL, -0.8),
)
