"""Leads drawn field by field, each field with what it truly says in log-odds; from them a table."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from benchmarks.accuracy.tables import ID, WON, Table
from features.config import Order
from stats.types import Vector

TEST_LEADS = 10_000


@dataclass
class Leads:
    """`size` leads; `log_odds` (size,) is what all fields drawn so far say together."""

    rng: np.random.Generator
    size: int
    columns: dict[str, object] = field(default_factory=dict)
    log_odds: Vector = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.log_odds = np.zeros(self.size)

    def numeric(self, name: str, slope: float = 0.0, *, bent: float = 0.0) -> Vector:
        """A normal number, linear in the log-odds, or as a hill of height `bent`."""
        x = self.rng.normal(size=self.size)
        self.columns[name] = np.round(20 + 8 * x, 1)
        self.log_odds += slope * x + bent * (np.exp(-(x**2)) - 0.58)
        return x

    def category(self, name: str, levels: int, spread: float = 0.0, *, decay: float = 1.0) -> NDArray[np.intp]:
        """Levels whose frequency falls as rank^−decay and whose log-odds are normal scattered by `spread`."""
        share = 1.0 / np.arange(2, levels + 2) ** decay
        code = self.rng.choice(levels, self.size, p=share / share.sum())
        self.columns[name] = np.array([f"{name} {number + 1}" for number in range(levels)])[code]
        self.log_odds += spread * self.rng.normal(size=levels)[code]
        return code

    def flag(self, name: str, share: float, effect: float = 0.0) -> NDArray[np.bool_]:
        """True for a share of the leads."""
        on = self.rng.random(self.size) < share
        self.columns[name] = np.where(on, "yes", "no")
        self.log_odds += effect * on
        return on

    def forget(self, name: str, missing: NDArray[np.bool_]) -> None:
        """Leave a field empty for some leads."""
        self.columns[name] = pd.Series(self.columns[name]).mask(missing)

    def table(self, won_share: float, test: int = TEST_LEADS, order: Order = "none") -> Table:
        """The last `test` leads as the test; the intercept is such that `won_share` of all are won."""
        shift = brentq(lambda shift: expit(self.log_odds + shift).mean() - won_share, -30.0, 30.0)
        truth = expit(self.log_odds + shift)
        won = self.rng.random(self.size) < truth
        ids = [f"L-{number:06d}" for number in range(self.size)]
        frame = pd.DataFrame({ID: ids, **self.columns, WON: np.where(won, "yes", "no")})
        train, tested = frame[:-test], frame[-test:].drop(columns=WON)
        return Table(train, tested, won[-test:].astype(np.float64), order, truth[-test:])
